import * as l10n from '@vscode/l10n';
import type { Asset } from '../../../shared/asset';
import { fail } from '../../../shared/errors';
import { mapInto } from '../../../shared/mapInto';
import type { LayerConfig } from '../../graph/layerConfig';
import type { KindTable, LayerKind } from '../kind';
import { isFloat, onlyShape, tensorAt } from '../support/layerInputs';
import { noMask, onlyTensor } from '../support/singleInput';
import { learnedBoundaries } from './binBoundaries';
import { countedGradient, encode, outputMode } from './categorical';

const CATEGORY_MODES = ['multi_hot', 'one_hot', 'count'] as const;

/** `CategoryEncoding`; only the `count_weights` of a call have a gradient. */
const categoryEncoding: LayerKind = {
  outputShapes(config, inputs) {
    const shape = onlyShape(config, inputs);
    const tokens = countOf(config, 'num_tokens');
    const hot = outputMode(config, CATEGORY_MODES, 'multi_hot') === 'one_hot';
    const replaced = !hot || (shape.length > 1 && shape.at(-1) === 1);
    return [[...(replaced ? shape.slice(0, -1) : shape), tokens]];
  },
  forward(ctx, inputs) {
    const { config } = ctx;
    const input = onlyTensor(inputs, ctx);
    const mode = outputMode(config, CATEGORY_MODES, 'multi_hot');
    const weights = inputs.length > 1 ? tensorAt(config, inputs, 1).dataSync() : undefined;
    const indices = { shape: input.shape, values: input.dataSync() };
    return [encode(ctx, indices, mode, countOf(config, 'num_tokens'), weights)];
  },
  backward(ctx, { inputs, gradients: [gradient] }) {
    const [input, counted] = inputs;
    if (!gradient || !input || !counted || !isFloat(counted)) return inputs.map(() => null);
    return [null, countedGradient(ctx, { shape: input.shape, values: input.dataSync() }, gradient)];
  },
  mask: noMask,
};

const BIN_MODES = ['int', 'one_hot', 'multi_hot', 'count'] as const;

/**
 * `Discretization`: the number of boundaries at or below a value; in TensorFlow 2.4 and 2.5, of those below it. Bins
 * have no gradient.
 */
const discretization: LayerKind = {
  outputShapes(config, inputs) {
    const shape = onlyShape(config, inputs);
    const mode = outputMode(config, BIN_MODES, 'int');
    if (mode === 'int') return [shape];
    const depth = (givenBoundaries(config)?.length ?? learnedBins(config) - 1) + 1;
    if (mode === 'one_hot') {
      return [[...(shape.length > 1 && shape.at(-1) === 1 ? shape.slice(0, -1) : shape), depth]];
    }
    // Axis 1 is reduced, as in Keras's static shape.
    return [shape.length > 1 ? [shape[0] ?? null, ...shape.slice(2), depth] : [depth]];
  },
  assets(config) {
    if (config.kerasMajor >= 3) return [];
    return givenBoundaries(config) === null ? [ENDS, SUMMARY] : [ENDS];
  },
  forward(ctx, inputs) {
    const input = onlyTensor(inputs, ctx);
    const ends = endsOf(ctx.assets);
    const bounds = ends ?? boundaries(ctx.config, ctx.assets);
    const given = input.dataSync();
    const values = mapInto(new Int32Array(given.length), given, (value) =>
      bin(bounds, Math.fround(value), ends !== null),
    );
    const mode = outputMode(ctx.config, BIN_MODES, 'int');
    return [encode(ctx, { shape: input.shape, values }, mode, bounds.length + 1)];
  },
  backward: () => [null],
  mask: noMask,
};

/** Asset with what `adapt` learned: bins and their weights. */
const SUMMARY = 'summary';
/** Asset with the upper ends of the bins, the last one infinite: a variable of TensorFlow 2.4 and 2.5. */
const ENDS = 'bins';

/** The boundaries of a layer of TensorFlow 2.4 or 2.5; `null` for others. */
function endsOf(assets: ReadonlyMap<string, Asset> | undefined): Float32Array | null {
  const ends = assets?.get(ENDS);
  return typeof ends === 'object' && ends.values.length > 0
    ? mapInto(new Float32Array(ends.values.length), ends.values, Number).slice(0, -1)
    : null;
}

/**
 * The boundaries of the layer, given in the config or learned.
 * @throws Failure `bad-config` if there are none, `not-applicable` if their number leaves the output size unknown.
 */
function boundaries(config: LayerConfig, assets: ReadonlyMap<string, Asset> | undefined): Float32Array {
  const given = givenBoundaries(config);
  if (given !== null) return given;
  const bins = learnedBins(config);
  const summary = assets?.get(SUMMARY);
  if (typeof summary !== 'object' || summary.keys.length === 0) return failUnadapted(config);
  const learned = learnedBoundaries(summary, bins);
  if (learned.length + 1 !== bins && outputMode(config, BIN_MODES, 'int') !== 'int') {
    return fail(
      'not-applicable',
      l10n.t(
        'Layer "{0}" was adapted to fewer values than its {1} bins, so that the size of its output is unknown.',
        config.path,
        bins,
      ),
      { subject: config.path, remedy: l10n.t('Adapt it to more values, or give it bin_boundaries.') },
    );
  }
  return learned;
}

/** The number of bins that a layer of Keras 2 learned; Keras 3 saves the boundaries in the config. */
function learnedBins(config: LayerConfig): number {
  const key = ['num_bins', 'bins'].find((name) => config.has(name));
  return config.kerasMajor < 3 && key !== undefined ? countOf(config, key) : failUnadapted(config);
}

const failUnadapted = (config: LayerConfig): never =>
  fail('bad-config', l10n.t('Layer "{0}" was saved without its bin boundaries.', config.path), {
    subject: config.path,
    remedy: l10n.t('Call adapt() on it, or give it bin_boundaries, and save the model again.'),
  });

/** The boundaries in the config; `null` if the layer learned them. */
function givenBoundaries(config: LayerConfig): Float32Array | null {
  const raw = config.raw('bin_boundaries') ?? config.raw('bins');
  // In TensorFlow 2.4 `bins` may also be their number.
  if (raw === null || raw === undefined || typeof config.raw('bins') === 'number') return null;
  if (!Array.isArray(raw)) return config.bad('bin_boundaries', l10n.t('numbers'), raw);
  return mapInto(new Float32Array(raw.length), raw, (bound: unknown) =>
    typeof bound === 'number' ? bound : config.bad('bin_boundaries', l10n.t('numbers'), raw),
  );
}

/** The number of ascending bounds that are at most `value` (`std::upper_bound`) or below it (`std::lower_bound`). */
function bin(bounds: Float32Array, value: number, isBelow: boolean): number {
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const bound = bounds[middle] ?? 0;
    if (value < bound || (isBelow && value === bound)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Reads a count of categories: a positive int32. */
export function countOf(config: LayerConfig, key: string): number {
  const value = config.int(key);
  return value > 0 && value < 2 ** 31
    ? value
    : config.bad(key, l10n.t('a positive integer below 2^31'), value);
}

export const categoryLayers: KindTable = {
  CategoryEncoding: categoryEncoding,
  Discretization: discretization,
};
