import { type InputSource, type Preprocessing, unscaled } from '../../shared/inputs';
import type { DrawnTrace, LayerTrace, TraceAnswer } from '../../shared/results/tracing';
import type { Control } from '../run/control';
import { inputDtype, loadInputs } from '../session/modelInputs';
import type { Run } from '../session/runs';
import { arithmeticOf } from '../tracing/arithmetic';
import { checkNumber } from '../tracing/checkNumber';
import { effectiveField } from '../tracing/effectiveField';
import { traceUnits } from '../tracing/traceUnits';
import { toWireBytes, toWireTensor } from './explanation';

export interface TraceQuestion {
  readonly inputs: readonly InputSource[];
  readonly preprocessing: Preprocessing;
  readonly layer: string;
  /** All units if left out. */
  readonly unit?: number | undefined;
  /** A number to compare with the results of the usual mistakes for the unit. */
  readonly check?: number | undefined;
  /** Show how the unit's value is computed. */
  readonly arithmetic?: boolean | undefined;
  /** How strongly the unit depends on each position of the input. */
  readonly effective?: boolean | undefined;
  /** Equal maxima that are listed per unit. */
  readonly ties?: number | undefined;
}

/**
 * Follows the units of a layer back to the input of a run; of one unit also its arithmetic, its effective receptive field, and a
 * number compared with it.
 * @throws Failure as `traceUnits`, `checkNumber`, `arithmeticOf` and `effectiveField` do.
 */
export async function traceRun(run: Run, question: TraceQuestion, control: Control): Promise<TraceAnswer> {
  const { layer, unit, check, arithmetic, effective, ties } = question;
  const options = {
    ...(unit === undefined ? {} : { units: [unit] }),
    ...(ties === undefined ? {} : { ties }),
  };
  const trace = withLetters(await traceUnits(run.trace, layer, options, control), run);
  const isOne = unit !== undefined;
  return {
    trace,
    check: isOne && check !== undefined ? await checked(run, question, layer, unit, check, control) : null,
    arithmetic: isOne && arithmetic === true ? await arithmeticOf(run.trace, layer, unit) : null,
    effective:
      isOne && effective === true ? await effectiveField(run.trace, layer, unit, null, control) : null,
  };
}

/** The answer with the image that the windows are in. */
export async function drawnTrace(run: Run, question: TraceQuestion, control: Control): Promise<DrawnTrace> {
  const answer = await traceRun(run, question, control);
  const { input, inputSize } = answer.trace;
  const image = run.inputs[run.model.graph.inputs.indexOf(input)]?.image;
  const [height, width] = inputSize.length === 1 ? [1, ...inputSize] : inputSize;
  const isSame = image && image.height === height && image.width === width && inputSize.length <= 2;
  const { effective } = answer;
  return {
    ...answer,
    effective: effective && { ...effective, values: toWireTensor(effective) },
    inputImage: isSame ? toWireBytes(image.rgb, [height, width, 3]) : null,
  };
}

/** Of a window: there may be thousands of windows of thousands of positions. */
const MAX_LETTERS = 1000;

/** Adds the letters in the windows of a sequence whose alphabet is known. */
function withLetters(trace: LayerTrace, { model, inputs }: Run): LayerTrace {
  const names = inputs[model.graph.inputs.indexOf(trace.input)]?.names;
  if (names?.kind !== 'letters') return trace;
  const units = trace.units.map((unit) => ({
    ...unit,
    letters: unit.windows.map(([[start, end] = [0, 0]]) =>
      names.values.slice(start, Math.min(end, start + MAX_LETTERS)).join(''),
    ),
  }));
  return { ...trace, units };
}

/** The inputs of a run as they were given. */
type Given = Pick<TraceQuestion, 'inputs' | 'preprocessing'>;

async function checked(
  run: Run,
  given: Given,
  layer: string,
  unit: number,
  number: number,
  control: Control,
) {
  const raw = await rawInputs(run, given);
  try {
    return await checkNumber(run.trace, layer, unit, number, raw, control);
  } finally {
    for (const tensor of raw.values()) tensor.dispose();
  }
}

/** The inputs that preprocessing changed, as they were before it. */
async function rawInputs({ model, trace, inputs }: Run, given: Given) {
  const loaded = await loadInputs(model, given.inputs, unscaled(given.preprocessing), {});
  const { tf } = trace.runtime;
  const raw = new Map<string, ReturnType<typeof tf.tensor>>();
  for (const [i, { values, shape, strings }] of loaded.entries()) {
    const path = model.graph.inputs[i];
    const own = inputs[i]?.values;
    if (path === undefined || strings || own?.length !== values.length) continue;
    if (own.every((value, at) => value === values[at])) continue;
    raw.set(path, tf.tensor(values, shape, inputDtype(model.graph, i)));
  }
  return raw;
}
