import type { RequestType, RunParams } from '../../shared/protocol';
import * as protocol from '../../shared/protocol';
import { epoch } from '../answers/checkpoints/epoch';
import { weightChanges } from '../answers/checkpoints/weightChanges';
import { compareModels } from '../answers/compare/compareModels';
import { doctorRun } from '../answers/doctor';
import { editableInput } from '../answers/edits/editableInput';
import { saveInput } from '../answers/edits/savedInput';
import { explainRun, sentInput } from '../answers/explanation';
import { explanationPicture } from '../answers/explanationPicture';
import { exportSet } from '../answers/exportSet';
import { predictInputs } from '../answers/gallery/predictInputs';
import { writeHeatMapFiles } from '../answers/heatMapFiles';
import { channelMap } from '../answers/layer/channelMap';
import { layerChannels } from '../answers/layer/channels';
import { channelTiles } from '../answers/layer/channelTiles';
import { exportTensor } from '../answers/layer/tensorExport';
import { tensorSlice } from '../answers/layer/tensorSlice';
import { drawnQuantities } from '../answers/layerQuantities';
import { drawnTrace } from '../answers/tracing';
import { trustRun } from '../answers/trust';
import { wasItTheInput } from '../answers/wasItTheInput';
import { whatWouldChange } from '../answers/whatWouldChange';
import { modelHealth } from '../inspect/health/modelHealth';
import { layerGradients } from '../inspect/layerGradients';
import { layerValues } from '../inspect/layerValues';
import type { Control } from '../run/control';
import type { OpenModel } from '../session/openModels';
import type { Run } from '../session/runs';
import type { Session } from '../session/session';
import { openUnit } from '../tracing/unit/openUnit';

/** A request whose result is computed from a run of a model. */
export interface RunHandler<Params extends RunParams, Value> {
  readonly type: RequestType<Params, Value>;
  handle(run: Run, params: Params, control: Control): Promise<Value>;
}

const row = <Params extends RunParams, Value>(
  type: RequestType<Params, Value>,
  answer: RunHandler<Params, Value>['handle'],
): RunHandler<Params, Value> => ({ type, handle: answer });

/** Every request that computes, one row each: the server forwards it, the compute process handles it. */
export const RUN_HANDLERS = [
  row(protocol.explain, async (run, params, control) => (await explainRun(run, params, control)).explanation),
  row(protocol.trust, (run, params, control) => trustRun(run, params, control)),
  row(protocol.exportHeatMap, async (run, params, control) => {
    const explained = await explainRun(run, params, control);
    const files = writeHeatMapFiles(explained, params.folder, params.base, params.formats, params);
    return { files, header: explained.header };
  }),
  row(protocol.exportSet, exportSet),
  row(protocol.epoch, epoch),
  row(protocol.explanationPicture, explanationPicture),
  row(protocol.whatWouldChange, (run, params, control) => whatWouldChange(run, params, control)),
  row(protocol.wasItTheInput, (run, params, control) => wasItTheInput(run, params, control)),
  row(protocol.layerQuantities, drawnQuantities),
  row(protocol.layerGradients, ({ trace, walks }, { target, labels = [] }, control) =>
    layerGradients(trace, walks, { target, labels }, control),
  ),
  row(protocol.inputValues, async (run, params) => sentInput(run, params.input)),
  row(protocol.editableInput, (run, params) => editableInput(run, params)),
  row(protocol.saveInput, (run, params) => saveInput(run, params)),
  row(protocol.health, (run, _, control) => modelHealth(run.trace, control)),
  row(protocol.doctor, (run, params, control) => doctorRun(run, params.preprocessing, control)),
  row(protocol.layerValues, (run, params) => layerValues(run.trace, params.layer)),
  row(protocol.trace, drawnTrace),
  row(protocol.openUnit, (run, params) => openUnit(run.trace, params)),
  row(protocol.tensorSlice, (run, params) => tensorSlice(run, params)),
  row(protocol.exportTensor, (run, params) => exportTensor(run, params)),
  row(protocol.channels, layerChannels),
  row(protocol.channelMap, (run, params) => channelMap(run, params)),
  row(protocol.channelTiles, (run, params) => channelTiles(run, params)),
] as const;

/** A request about many inputs at once, of which no run is kept. */
export interface ManyHandler<Params extends RunParams, Value> {
  readonly type: RequestType<Params, Value>;
  handle(session: Session, modelId: string, params: Params, control: Control): Promise<Value>;
}

export const MANY_HANDLERS = [{ type: protocol.predictInputs, handle: predictInputs }] as const;

/** The row of a request about many inputs. */
export function findManyHandler(method: string): ManyHandler<RunParams, unknown> | undefined {
  const found = MANY_HANDLERS.find(({ type }) => type.method === method);
  return found as ManyHandler<RunParams, unknown> | undefined;
}

export interface PairParams extends RunParams {
  readonly otherModelId: string;
}

/** A request about two models. */
export interface PairHandler<Params extends RunParams, Value> {
  readonly type: RequestType<Params, Value>;
  handle(
    session: Session,
    models: { readonly a: OpenModel; readonly b: OpenModel },
    params: Params,
    control: Control,
  ): Promise<Value>;
}

const pair = <Params extends PairParams, Value>(
  type: RequestType<Params, Value>,
  handle: PairHandler<Params, Value>['handle'],
): PairHandler<Params, Value> => ({ type, handle });

export const PAIR_HANDLERS = [
  pair(protocol.compare, compareModels),
  pair(protocol.weightChanges, (_, { a, b }, __, control) => weightChanges(b, a, control)),
] as const;

/** The row of a request about two models. Its params are those that the server received with this request. */
export function findPairHandler(method: string): PairHandler<RunParams, unknown> | undefined {
  const found = PAIR_HANDLERS.find(({ type }) => type.method === method);
  return found as PairHandler<RunParams, unknown> | undefined;
}

/** The row of a request. Its params are those that the server received with this request. */
export function findRunHandler(method: string): RunHandler<RunParams, unknown> | undefined {
  const found = RUN_HANDLERS.find(({ type }) => type.method === method);
  return found as RunHandler<RunParams, unknown> | undefined;
}
