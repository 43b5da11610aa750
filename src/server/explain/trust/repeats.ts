import * as l10n from '@vscode/l10n';
import { spearman } from '../../../shared/maps/rankCorrelation';
import { mulberry32 } from '../../../shared/random';
import type { RandomisationStage } from '../../../shared/results/trust';
import type { Tensor } from '../../layers/kind';
import { BackwardWalk } from '../../run/backward';
import type { Control } from '../../run/control';
import { type NodeValues, runForward, type Trace } from '../../run/trace';
import type { Weights } from '../../run/weights/weights';
import { explain, scoresOf, type Walks } from '../explain';
import { ancestors } from '../layerChoice';
import type { ExplainedMap } from '../maps/explainedMaps';
import { jittered, relativeChange } from '../measures/stability';
import { placesOf } from '../places';
import { classCount } from '../score';
import { RedrawnWeights, redrawableLayers } from './redrawnWeights';
import { type Figure, figure, missing, portion, type Subject } from './subject';

/** Each stage redraws the weights this often; the mean of the correlations depends less on chance. */
const DRAWS = 2;
/** Draws of the noise on the input. */
const NOISE_DRAWS = 3;
/** Noise on the input, as a share of the range of its values. */
const NOISE = 0.02;
/** At most: one layer, half of them, all. */
const MAX_STAGES = 3;

/** How often an examination explains again, each time with a new trace. */
export const MAX_REPEATS = MAX_STAGES * DRAWS + NOISE_DRAWS + 1;

export interface Randomisation {
  readonly stages: readonly RandomisationStage[];
}

/**
 * The cascading randomisation of the weights: the same explanation of the same score after the weights of the last layer, of the
 * last half of the layers and of all layers have been redrawn, each time compared by Spearman's correlation of the signed maps.
 * Adebayo et al., "Sanity Checks for Saliency Maps", NeurIPS 2018.
 */
export async function randomisation(subject: Subject): Promise<Figure<Randomisation>> {
  const { trace, question, control } = subject;
  const { source } = await scoresOf(trace, question.target);
  const layers = [...redrawableLayers(trace.graph, ancestors(trace.graph, source.ref))];
  if (layers.length === 0) return missing(l10n.t('The model has no trained weights that could be redrawn.'));
  const counts = [...new Set([1, Math.ceil(layers.length / 2), layers.length])];
  const stages: RandomisationStage[] = [];
  for (const [stage, count] of counts.entries()) {
    const found: number[] = [];
    for (let draw = 0; draw < DRAWS; draw++) {
      const done = (stage * DRAWS + draw) / (counts.length * DRAWS);
      const part = portion(
        control,
        done,
        done + 1 / (counts.length * DRAWS),
        l10n.t('Redrawing the weights of {0} of {1} layers', count, layers.length),
      );
      const weights = new RedrawnWeights(
        trace.runtime,
        trace.weights,
        new Map(layers.slice(0, count)),
        draw + 1,
      );
      try {
        const maps = await explainAgain({ ...subject, control: part }, { weights });
        found.push(correlation(subject.found.maps, maps));
      } finally {
        await weights.dispose();
      }
    }
    const mean = found.reduce((sum, value) => sum + value, 0) / found.length;
    stages.push({ layers: count, correlation: Number.isFinite(mean) ? mean : null });
  }
  return figure({ stages });
}

/** The map of another class, drawn at random, in the same way. */
export async function otherClass(subject: Subject): Promise<Figure<number>> {
  const { trace, question, found, walks, control, readArray } = subject;
  const { index, unit, versus } = found.header.target;
  const scores = await scoresOf(trace, question.target);
  if (scores.binary)
    return missing(l10n.t('A single sigmoid has one score, so the map of the other class says nothing new.'));
  if (classCount(scores) < 2)
    return missing(l10n.t('The output has one unit, so there is no map of another class.'));
  if (unit !== null || versus.length > 0)
    return missing(l10n.t('Another class is compared only where one class of an output is explained.'));
  const step = 1 + Math.floor(mulberry32(index + 1)() * (classCount(scores) - 1));
  const other = (index + step) % classCount(scores);
  const { maps } = await explain(
    trace,
    walks,
    { ...question, target: { ...question.target, index: other }, insist: true },
    control,
    readArray,
  );
  const value = correlation(found.maps, maps);
  return Number.isFinite(value)
    ? figure(value)
    : missing(l10n.t('The map of the other class is the same everywhere, so it cannot be compared.'));
}

/** The same explanation with small noise on the input. */
export async function sensitivity(subject: Subject): Promise<Figure<number>> {
  const { trace, found, control } = subject;
  const places = placesOf(trace);
  if (places.length === 0)
    return missing(l10n.t('No input can be changed gradually, so there is no noise to add.'));
  const changed: Float32Array[] = [];
  for (let draw = 0; draw < NOISE_DRAWS; draw++) {
    const uniform = mulberry32(draw + 1);
    const noisy = new Map<string, readonly (Float32Array | null)[]>();
    for (const { ref } of places) {
      const tensor = trace.at(ref.node).outputs[ref.output];
      if (!tensor) continue;
      const values = Float32Array.from(await tensor.data<'float32'>());
      const lists = [...(noisy.get(ref.node) ?? trace.at(ref.node).outputs.map(() => null))];
      lists[ref.output] = jittered(values, NOISE * rangeOf(values), uniform);
      noisy.set(ref.node, lists);
    }
    const part = portion(
      control,
      draw / NOISE_DRAWS,
      (draw + 1) / NOISE_DRAWS,
      l10n.t('Adding noise to the input'),
    );
    changed.push(rawValues(await explainAgain({ ...subject, control: part }, { noisy })));
  }
  const { max } = relativeChange(rawValues(found.maps), changed);
  return Number.isFinite(max)
    ? figure(max)
    : missing(l10n.t('The map is zero everywhere, so it has no relative change.'));
}

interface Changes {
  readonly weights?: Weights;
  /** By the path of a node: other values of its outputs. */
  readonly noisy?: ReadonlyMap<string, readonly (Float32Array | null)[]>;
}

/** Answers the same question about a changed model or input. */
async function explainAgain(
  { trace, question, found, readArray, control }: Subject,
  { weights = trace.weights, noisy = new Map() }: Changes,
): Promise<readonly ExplainedMap[]> {
  const changed = await traceAgain(
    trace,
    weights,
    noisy,
    portion(control, 0, 0.5, l10n.t('Running the changed model')),
  );
  const walks = new OwnWalks(changed);
  try {
    const { index } = found.header.target;
    const again = { ...question, target: { ...question.target, index }, insist: true };
    return (
      await explain(changed, walks, again, portion(control, 0.5, 1, l10n.t('Explaining it')), readArray)
    ).maps;
  } finally {
    walks.dispose();
    changed.dispose();
  }
}

function traceAgain(
  trace: Trace,
  weights: Weights,
  noisy: ReadonlyMap<string, readonly (Float32Array | null)[]>,
  control: Control,
): Promise<Trace> {
  const { runtime, graph, maxBytes } = trace;
  const copy = (path: string): NodeValues => {
    const { pre, outputs, mask } = trace.at(path);
    const values = noisy.get(path);
    return {
      pre: pre && runtime.tf.clone(pre),
      outputs: outputs.map((tensor, i): Tensor => {
        const other = values?.[i];
        return other ? runtime.tf.tensor(other, tensor.shape, 'float32') : runtime.tf.clone(tensor);
      }),
      mask: mask && runtime.tf.clone(mask),
      inputMasks: [],
    };
  };
  const given = new Map(
    [...new Set([...graph.inputs, ...noisy.keys()])]
      .filter((path) => trace.values.has(path))
      .map((path) => [path, () => copy(path)] as const),
  );
  return runForward(runtime, graph, weights, [], control, { maxBytes, given });
}

/** The walks of one explanation. */
class OwnWalks implements Walks {
  private readonly walks = new Map<string, BackwardWalk>();

  constructor(private readonly trace: Trace) {}

  get: Walks['get'] = (key, rule, seed) => {
    const walk = this.walks.get(key) ?? new BackwardWalk(this.trace, seed(), rule);
    this.walks.set(key, walk);
    return walk;
  };

  get bytes(): number {
    return [...this.walks.values()].reduce((sum, walk) => sum + walk.bytes, 0);
  }

  dispose(): void {
    for (const walk of this.walks.values()) walk.dispose();
    this.walks.clear();
  }
}

/** Of the maps as the method gives them, signed. */
const correlation = (a: readonly ExplainedMap[], b: readonly ExplainedMap[]): number =>
  spearman(rawValues(a), rawValues(b));

function rawValues(maps: readonly ExplainedMap[]): Float32Array {
  const all = new Float32Array(maps.reduce((sum, { raw }) => sum + raw.values.length, 0));
  let from = 0;
  for (const { raw } of maps) {
    all.set(raw.values, from);
    from += raw.values.length;
  }
  return all;
}

function rangeOf(values: Float32Array): number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    [low, high] = [Math.min(low, value), Math.max(high, value)];
  }
  return high > low ? high - low : 0;
}
