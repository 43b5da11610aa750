import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { Shape } from '../../../shared/model';
import type { LayerConfig } from '../../graph/layerConfig';
import type { KindTable, LayerKind } from '../kind';
import { onlyShape } from '../support/layerInputs';
import { withValues } from '../support/records';
import { noMask, onlyTensor } from '../support/singleInput';
import { encode } from './categorical';
import { idfWeights, lookupAssets, lookupMode, lookupOf, lookupShape, tokensIn, weighed } from './lookup';

/** The inner lookup layer: its mask is the empty string, and unknown words share one index. */
const lookupConfig = (config: LayerConfig): LayerConfig =>
  withValues(config, {
    ...config.values,
    mask_token: '',
    oov_token: '[UNK]',
    num_oov_indices: 1,
    invert: false,
  });

/** `TextVectorization`: texts [batch] or [batch, 1] -> indices [batch, words], or one array over the vocabulary per text. */
const textVectorization: LayerKind = {
  outputShapes(config, inputs) {
    const shape = onlyShape(config, inputs);
    checkArguments(config);
    const [batch = null] = shape;
    if (lookupMode(config) === 'int') return [[batch, sequenceLength(config)]];
    return [lookupShape(lookupConfig(config), splitShape(config, shape), 'string')];
  },
  weights: (config) => idfWeights(lookupConfig(config), 'string'),
  assets: (config) => lookupAssets(lookupConfig(config), 'string'),
  forward(ctx, inputs) {
    const inner = { ...ctx, config: lookupConfig(ctx.config) };
    const { config } = ctx;
    const { mode, depth, index } = lookupOf(inner, 'string');
    const input = onlyTensor(inputs, ctx);
    const { rows, outer } = rowsOf(config, tokensIn(config, input, 'string').map(String), input.shape);
    const indices = rows.map((row) => row.map(index));
    if (mode !== 'int') {
      // Pad with an index outside the array: `encode` ignores it.
      const length = indices.reduce((max, row) => Math.max(max, row.length), 0);
      const values = padded(indices, length, depth);
      const counts = { shape: [...outer, length], values };
      if (mode !== 'tf_idf') return [encode(inner, counts, mode, depth)];
      return [weighed(inner, encode(inner, counts, 'count', depth), 'string')];
    }
    const length = sequenceLength(config) ?? indices.reduce((max, row) => Math.max(max, row.length), 0);
    const values = padded(indices, length, 0);
    return [encode(inner, { shape: [...outer, length], values }, 'int', depth)];
  },
  tokens(config, strings, shape) {
    if (lookupMode(config) !== 'int') return null;
    const [words = []] = rowsOf(config, strings, shape).rows;
    const length = sequenceLength(config) ?? words.length;
    return length > MAX_TOKENS ? null : Array.from({ length }, (_, i) => words[i] ?? '');
  },
  backward: () => [null],
  mask: noMask,
};

/** A declared length may be any number; no text has so many words. */
const MAX_TOKENS = 1_000_000;

/** The rows one after the other, each cut or filled to the same length. */
function padded(rows: readonly (readonly number[])[], length: number, filler: number): Float64Array {
  const values = new Float64Array(rows.length * length).fill(filler);
  for (const [i, row] of rows.entries()) values.set(row.slice(0, length), i * length);
  return values;
}

function sequenceLength(config: LayerConfig): number | null {
  if (!config.has('output_sequence_length')) return null;
  const length = config.int('output_sequence_length');
  return length >= 0 ? length : config.bad('output_sequence_length', l10n.t('a length'), length);
}

/**
 * The input shape that `compute_output_shape` passes to the lookup layer. Keras 3 does not drop a last axis of size 1
 * there, although its call does.
 */
function splitShape(config: LayerConfig, shape: Shape): Shape {
  if (splitOf(config) !== null) {
    const isDropped = config.kerasMajor < 3 && shape.length > 1;
    return [...(isDropped ? shape.slice(0, -1) : shape), null];
  }
  return shape.length <= 1 ? [...shape, 1] : shape;
}

/** @throws Failure `not-applicable` for custom functions and ragged outputs. */
function checkArguments(config: LayerConfig): void {
  standardizeOf(config);
  const split = splitOf(config);
  if (config.bool('ragged', false) || (split !== null && lookupMode(config) === 'one_hot')) {
    fail(
      'not-applicable',
      l10n.t('Layer "{0}" returns ragged tensors, which Layerglass does not compute.', config.path),
      { subject: config.path, remedy: l10n.t('Save the model with ragged=False and another output_mode.') },
    );
  }
}

function standardizeOf(config: LayerConfig): string | null {
  const names = ['lower_and_strip_punctuation', 'lower', 'strip_punctuation'] as const;
  return isNamed(config, 'standardize') ? config.choice('standardize', names) : null;
}

function splitOf(config: LayerConfig): 'whitespace' | 'character' | null {
  const names = ['whitespace', 'character'] as const;
  return isNamed(config, 'split') ? config.choice('split', names) : null;
}

/** Whether the argument is set. @throws Failure `not-applicable` for a custom function. */
function isNamed(config: LayerConfig, key: string): boolean {
  const raw = config.raw(key);
  if (typeof raw === 'object' && raw !== null) {
    fail(
      'not-applicable',
      l10n.t(
        'Layer "{0}" has a custom function for "{1}", and Layerglass never runs code from a file.',
        config.path,
        key,
      ),
      {
        subject: config.path,
        remedy: l10n.t('Save the model without this layer and give it preprocessed text.'),
      },
    );
  }
  return config.has(key);
}

/** ASCII only, like `tf.strings.lower` without an encoding. */
const lower = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
const PUNCTUATION = /[!"#$%&()*+,\-./:;<=>?@[\\\]^_`{|}~']/g;

function standardized(config: LayerConfig, text: string): string {
  const mode = standardizeOf(config);
  const cased = mode === 'lower' || mode === 'lower_and_strip_punctuation' ? lower(text) : text;
  return mode === 'strip_punctuation' || mode === 'lower_and_strip_punctuation'
    ? cased.replace(PUNCTUATION, '')
    : cased;
}

/** The tokens of each text: standardized, split and joined to n-grams. */
function rowsOf(
  config: LayerConfig,
  strings: readonly string[],
  shape: readonly number[],
): { rows: string[][]; outer: number[] } {
  const texts = strings.map((text) => standardized(config, text));
  const rank = shape.length;
  const split = splitOf(config);
  if (split === null) {
    const outer = rank > 1 ? shape.slice(0, -1) : [];
    const length = shape.at(-1) ?? 1;
    const count = texts.length / length;
    const rows = Array.from({ length: count }, (_, i) => texts.slice(i * length, (i + 1) * length));
    return { rows: rows.map((row) => ngrams(config, row)), outer };
  }
  if (rank > 1 && shape.at(-1) !== 1) {
    return config.bad('split', l10n.t('null for an input of several strings per text'), split);
  }
  const outer = rank > 1 ? shape.slice(0, -1) : [...shape];
  const words = (text: string): string[] =>
    split === 'character' ? [...text] : text.split(/[ \t\n\v\f\r]+/).filter((word) => word !== '');
  return { rows: texts.map((text) => ngrams(config, words(text))), outer };
}

/** All runs of consecutive words joined by a space, one width after the other (`tf.strings.ngrams`). */
function ngrams(config: LayerConfig, words: readonly string[]): string[] {
  if (!config.has('ngrams')) return [...words];
  const raw = config.raw('ngrams');
  const widths =
    typeof raw === 'number'
      ? Array.from({ length: Math.min(config.int('ngrams'), words.length) }, (_, i) => i + 1)
      : config.intList('ngrams');
  if (widths.some((width) => width < 1)) return config.bad('ngrams', l10n.t('positive integers'), raw);
  return widths.flatMap((width) =>
    Array.from({ length: Math.max(0, words.length - width + 1) }, (_, i) =>
      words.slice(i, i + width).join(' '),
    ),
  );
}

export const textVectorizationLayers: KindTable = { TextVectorization: textVectorization };
