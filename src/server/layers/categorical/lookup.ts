import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import { mapInto } from '../../../shared/mapInto';
import type { Shape } from '../../../shared/model';
import type { LayerConfig } from '../../graph/layerConfig';
import type { WeightSpec } from '../../graph/layerRule';
import type { KindTable, LayerContext, LayerKind, Tensor } from '../kind';
import { arrayOf } from '../support/configArray';
import { onlyShape } from '../support/layerInputs';
import { noMask, onlyTensor } from '../support/singleInput';
import { encode, type OutputMode, outputMode } from './categorical';
import { bucketOf, contentOf } from './hashing';
import {
  givenTokens,
  type Numbering,
  numbering,
  type Token,
  VOCABULARY_FILE,
  vocabularyOf,
  vocabularySize,
} from './vocabulary';

type TokenKind = 'string' | 'number';

const MODES = ['int', 'one_hot', 'multi_hot', 'count', 'tf_idf'] as const;

/** An index outside every array, so that `encode` ignores masked tokens. */
const IGNORED_INDEX = Number.MAX_SAFE_INTEGER;

export const lookupMode = (config: LayerConfig): OutputMode => outputMode(config, MODES, 'int');

/** Length of the encoded arrays; `null` if the config does not determine it. */
function depthOf(config: LayerConfig, kind: TokenKind): number | null {
  if (config.bool('pad_to_max_tokens', false)) return config.int('max_tokens');
  return vocabularySize(config, numbering(config, lookupMode(config), kind), kind);
}

/** `IndexLookup.compute_output_shape`. */
export function lookupShape(config: LayerConfig, shape: Shape, kind: TokenKind): Shape {
  const mode = lookupMode(config);
  if (mode === 'int') return shape;
  const depth = depthOf(config, kind);
  const replaced = mode !== 'one_hot' || (shape.length > 1 && shape.at(-1) === 1);
  return [...(replaced ? shape.slice(0, -1) : shape), depth];
}

/** The weights of `tf_idf`, which Keras saves beside the layer's variables if the vocabulary was learned. */
export function idfWeights(config: LayerConfig, kind: TokenKind): WeightSpec[] {
  if (lookupMode(config) !== 'tf_idf' || givenTokens(config, kind) !== null) return [];
  const depth = depthOf(config, kind) ?? config.bad('vocabulary_size', l10n.t('a count'), null);
  return [{ name: 'idf_weights', shape: [depth], trainable: false, at: 'vars/idf_weights', counted: false }];
}

/** The asset that a layer with a learned vocabulary needs. */
export const lookupAssets = (config: LayerConfig, kind: TokenKind): string[] =>
  givenTokens(config, kind) === null ? [VOCABULARY_FILE] : [];

/** Maps tokens to indices. */
export interface Lookup {
  readonly mode: OutputMode;
  readonly depth: number;
  index(token: Token): number;
}

/**
 * @throws Failure as `vocabularyOf`; `index` throws `bad-input` for a token outside the vocabulary if the layer has no
 *   index for it (`num_oov_indices=0`).
 */
export function lookupOf({ config, assets }: LayerContext, kind: TokenKind): Lookup {
  const mode = lookupMode(config);
  const names = numbering(config, mode, kind);
  const { tokens } = vocabularyOf(config, assets, names, kind);
  const indices = new Map(tokens.map((token, i) => [token, names.start + i]));
  const unknown = unknownToken(config, names, kind);
  const masked = mode === 'int' ? 0 : IGNORED_INDEX;
  return {
    mode,
    depth: config.bool('pad_to_max_tokens', false) ? config.int('max_tokens') : names.start + tokens.length,
    index: (token) => (token === names.maskToken ? masked : (indices.get(token) ?? unknown(token))),
  };
}

/** The index of a token outside the vocabulary: none (rejected), the only one, or one of several by hash. */
function unknownToken(config: LayerConfig, names: Numbering, kind: TokenKind): (token: Token) => number {
  const { oovCount, oovStart } = names;
  if (oovCount === 0) return (token) => rejectUnknown(config, token);
  if (oovCount === 1) return () => oovStart;
  const hashes = kind === 'string' || config.string('oov_method', 'floormod') === 'farmhash';
  if (hashes) {
    const bucket = bucketOf(config, oovCount);
    return (token) => oovStart + bucket(token);
  }
  return (token) => oovStart + (((Number(token) % oovCount) + oovCount) % oovCount);
}

function rejectUnknown(config: LayerConfig, token: Token): never {
  return fail(
    'bad-input',
    l10n.t(
      'Layer "{0}" has no index for unknown tokens (num_oov_indices=0) but gets {1}.',
      config.path,
      JSON.stringify(token),
    ),
    { subject: config.path, remedy: l10n.t('Use only tokens of its vocabulary; Keras rejects others, too.') },
  );
}

/** Mode `tf_idf`: multiplies counts by the weight of each token. */
export function weighed(ctx: LayerContext, counts: Tensor, kind: TokenKind): Tensor {
  const { tf, config, weights } = ctx;
  const [saved] = weights;
  if (saved) return tf.mul(counts, saved);
  const names = numbering(config, 'tf_idf', kind);
  const { hadSpecial } = vocabularyOf(config, ctx.assets, names, kind);
  const { values } = arrayOf(config, 'idf_weights');
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const depth = counts.shape.at(-1) ?? 0;
  const front = hadSpecial ? 0 : Math.min(names.start, depth);
  const whole = new Float32Array(depth);
  // Unknown tokens get the mean weight.
  whole.fill(mean, 0, front);
  whole.set(values.subarray(0, depth - front), front);
  return tf.mul(counts, tf.tensor1d(whole));
}

/** @throws Failure `bad-input` if a layer for strings gets numbers or the other way round. */
export function tokensIn(config: LayerConfig, input: Tensor, kind: TokenKind): Token[] {
  const isString = input.dtype === 'string';
  if (isString !== (kind === 'string')) {
    fail(
      'bad-input',
      isString
        ? l10n.t('Layer "{0}" looks up numbers, but its input contains strings.', config.path)
        : l10n.t('Layer "{0}" looks up strings, but its input contains numbers.', config.path),
      { subject: config.path, remedy: l10n.t('Keras rejects this call, too. The file is damaged.') },
    );
  }
  return Array.from(contentOf(input), (token) => (typeof token === 'number' ? Math.trunc(token) : token));
}

/** `StringLookup`, `IntegerLookup`: maps tokens to indices, or with `invert` indices to tokens. Tokens have no gradient. */
function lookup(kind: TokenKind): LayerKind {
  return {
    outputShapes: (config, inputs) => [lookupShape(config, onlyShape(config, inputs), kind)],
    weights: (config) => idfWeights(config, kind),
    assets: (config) => lookupAssets(config, kind),
    forward(ctx, inputs) {
      const { config } = ctx;
      const input = onlyTensor(inputs, ctx);
      if (config.bool('invert', false)) return [inverted(ctx, input, kind)];
      const { mode, depth, index } = lookupOf(ctx, kind);
      const indices = { shape: input.shape, values: tokensIn(config, input, kind).map(index) };
      if (mode !== 'tf_idf') return [encode(ctx, indices, mode, depth)];
      return [weighed(ctx, encode(ctx, indices, 'count', depth), kind)];
    },
    tokens(config, strings, [batch = 1]) {
      const isPerPosition =
        kind === 'string' && lookupMode(config) === 'int' && !config.bool('invert', false);
      return isPerPosition ? strings.slice(0, strings.length / batch) : null;
    },
    backward: () => [null],
    mask: noMask,
  };
}

function inverted(ctx: LayerContext, input: Tensor, kind: TokenKind): Tensor {
  const { tf, config, assets } = ctx;
  const names = numbering(config, 'int', kind);
  const { tokens } = vocabularyOf(config, assets, names, kind);
  const found = tokensIn(config, input, 'number').map((index) => {
    if (index === 0 && names.maskToken !== null) return names.maskToken;
    return tokens[Number(index) - names.start] ?? names.oovToken;
  });
  if (kind === 'string') return tf.tensor(found.map(String), input.shape, 'string');
  const outOfRange = found.find((token) => Math.abs(Number(token)) >= 2 ** 31);
  if (outOfRange !== undefined)
    config.bad('vocabulary', l10n.t('32-bit integers, which are what TF.js supports'), outOfRange);
  return tf.tensor(mapInto(new Int32Array(found.length), found, Number), input.shape, 'int32');
}

export const lookupLayers: KindTable = { StringLookup: lookup('string'), IntegerLookup: lookup('number') };
