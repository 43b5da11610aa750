import type { RequestType, RunParams } from '../../shared/protocol';
import * as protocol from '../../shared/protocol';
import { channelTiles } from '../answers/channelTiles';
import { explainRun } from '../answers/explanation';
import { writeHeatMap } from '../answers/heatMapFiles';
import { layerValues } from '../inspect/layerValues';
import type { Control } from '../run/control';
import type { Run } from '../session/runs';

/** A request that is answered with a run of a model. */
export interface RunAnswer<Params extends RunParams, Value> {
  readonly type: RequestType<Params, Value>;
  answer(run: Run, params: Params, control: Control): Promise<Value>;
}

const row = <Params extends RunParams, Value>(
  type: RequestType<Params, Value>,
  answer: RunAnswer<Params, Value>['answer'],
): RunAnswer<Params, Value> => ({ type, answer });

/** Every request that computes, one row each: the server passes them on, the compute process answers them. */
export const RUN_ANSWERS = [
  row(protocol.explain, async (run, params, control) => (await explainRun(run, params, control)).explanation),
  row(protocol.exportHeatMap, async (run, params, control) => {
    const explained = await explainRun(run, params, control);
    const files = writeHeatMap(explained, params.folder, params.base, params.formats, params);
    return { files, header: explained.header };
  }),
  row(protocol.layerValues, (run, params) => layerValues(run.trace, params.layer)),
  row(protocol.channelTiles, (run, params) => channelTiles(run, params)),
] as const;

/** The row of a request; its params are what the server was sent for this very request. */
export function findRunAnswer(method: string): RunAnswer<RunParams, unknown> | undefined {
  const found = RUN_ANSWERS.find(({ type }) => type.method === method);
  return found as RunAnswer<RunParams, unknown> | undefined;
}
