import * as l10n from '@vscode/l10n';
import { Failure } from '../../../shared/errors';
import { defaultMethod } from '../../../shared/methods';
import type { EpochParams } from '../../../shared/protocol';
import type { EpochLayer, EpochReport, LayerNorm } from '../../../shared/results/checkpoints';
import type { HealthRow } from '../../../shared/results/health';
import { scoresOf } from '../../explain/explain';
import { defaultLayer } from '../../explain/layerChoice';
import { classCount, predictionAt, predictions, type Scores } from '../../explain/score';
import { modelHealth } from '../../inspect/health/modelHealth';
import { isNumeric } from '../../inspect/weights/weightStatistics';
import { type Control, checkpoint } from '../../run/control';
import { storedWeights } from '../../run/weights/storedWeights';
import type { OpenModel } from '../../session/openModels';
import type { Run } from '../../session/runs';
import { type DrawableExplanation, explainRun, toWireTensor } from '../explanation';
import { epochMap } from './epochMap';

/** Classes whose scores are sent. */
const MAX_CLASSES = 1024;

/** A report, and the explanation that its map was made from, which the command line writes to a file. */
export interface ComputedEpoch {
  readonly report: EpochReport;
  readonly explained: DrawableExplanation | null;
}

/**
 * One epoch on one input: what it predicts, its heat map, the health of its layers and the norms of its weights. Without a heat map, because
 * the method does not apply or the scores are NaN, the rest is still told.
 * @throws Failure of the run, of the scores, of reading a weight; `cancelled`
 */
export async function computeEpoch(run: Run, params: EpochParams, control: Control): Promise<ComputedEpoch> {
  const { trace, model } = run;
  const { labels = [], target } = params;
  const method = params.method ?? defaultMethod(defaultLayer(model.graph, target.output ?? 0) !== null);
  const explained = await explainedOr(() => explainRun(run, { ...params, method }, control));
  const scores = await scoresOf(
    trace,
    target.output === undefined ? PREDICTED : { ...PREDICTED, output: target.output },
  );
  const { layers, firstBad, backend } = await modelHealth(trace, control);
  const listed = predictions(scores, labels);
  const [first] = listed;
  return {
    explained: explained.value,
    report: {
      backend,
      predictions: listed,
      ...scoresOfClasses(scores),
      predicted: first === undefined || Number.isNaN(first.logit) ? null : first.index,
      map: explained.value && epochMap(explained.value),
      mapProblem: explained.problem,
      layers: layersOf(layers),
      firstBad,
      weights: await weightNorms(model, control),
    },
  };
}

export const epoch = async (run: Run, params: EpochParams, control: Control): Promise<EpochReport> =>
  (await computeEpoch(run, params, control)).report;

const PREDICTED = { index: 'auto' } as const;

/** A method that does not apply to an epoch is no failure of the epoch. */
async function explainedOr(explain: () => Promise<DrawableExplanation>): Promise<{
  readonly value: DrawableExplanation | null;
  readonly problem: string | null;
}> {
  try {
    return { value: await explain(), problem: null };
  } catch (thrown) {
    if (!(thrown instanceof Failure) || !NO_MAP.has(thrown.error.kind)) throw thrown;
    return { value: null, problem: thrown.error.message };
  }
}
const NO_MAP: ReadonlySet<string> = new Set([
  'not-applicable',
  'no-such-layer',
  'no-such-target',
  'unknown-layer',
]);

function scoresOfClasses(scores: Scores): Pick<EpochReport, 'scores' | 'isProbability'> {
  const count = Math.min(classCount(scores), MAX_CLASSES);
  const isProbability = scores.probabilities !== null;
  const values = Float32Array.from({ length: count }, (_, i) => {
    const { probability, logit } = predictionAt(scores, i, []);
    return probability ?? logit;
  });
  return { scores: toWireTensor({ values, shape: [count] }), isProbability };
}

/** One row for each call of a layer whose values are known, in graph order. */
function layersOf(rows: readonly HealthRow[]): EpochLayer[] {
  const layers = new Map<string, EpochLayer>();
  for (const row of rows) {
    const before = layers.get(row.path);
    layers.set(row.path, {
      path: row.path,
      dead: row.deadChannels ?? before?.dead ?? null,
      channels: row.channels ?? before?.channels ?? null,
      saturated: row.saturated ?? before?.saturated ?? null,
      nan: Math.max(row.nan, before?.nan ?? 0),
      inf: Math.max(row.inf, before?.inf ?? 0),
    });
  }
  return [...layers.values()];
}

/** The norm of the weights of each layer. One weight is in memory at a time. */
export async function weightNorms({ graph, file }: OpenModel, control: Control): Promise<LayerNorm[]> {
  const stored = (await storedWeights(graph, file.weights)).filter(isNumeric);
  const layers = new Map<string, { squares: number; nonFinite: number }>();
  for (const [i, weight] of stored.entries()) {
    await checkpoint(control, i / stored.length, l10n.t('Reading the weights of {0}', weight.layer));
    const sum = layers.get(weight.layer) ?? { squares: 0, nonFinite: 0 };
    layers.set(weight.layer, sum);
    for (const value of await weight.read()) {
      if (Number.isFinite(value)) sum.squares += value * value;
      else sum.nonFinite += 1;
    }
  }
  return [...layers].map(([layer, { squares, nonFinite }]) => ({
    layer,
    norm: Math.sqrt(squares),
    nonFinite,
  }));
}
