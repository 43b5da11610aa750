import * as l10n from '@vscode/l10n';
import type { Asset, LearnedPairs } from '../../../shared/asset';
import { fail } from '../../../shared/errors';
import type { LayerConfig } from '../../graph/layerConfig';
import { isRecord } from '../support/records';

export type Token = string | number;

/** The asset in which Keras saves a learned vocabulary. */
export const VOCABULARY_FILE = 'vocabulary.txt';

/** The index layout of a lookup layer: mask (mode `int` only), out-of-vocabulary (OOV) indices, vocabulary. */
export interface Numbering {
  readonly maskToken: Token | null;
  readonly oovToken: Token;
  readonly oovCount: number;
  /** The first OOV index. */
  readonly oovStart: number;
  /** The index of the vocabulary's first token. */
  readonly start: number;
}

export function numbering(config: LayerConfig, mode: string, kind: 'string' | 'number'): Numbering {
  const oovCount = config.int('num_oov_indices', 1);
  if (oovCount < 0) return config.bad('num_oov_indices', l10n.t('a count'), oovCount);
  const maskToken = config.has('mask_token') ? tokenOf(config, 'mask_token', kind) : null;
  const oovStart = maskToken !== null && mode === 'int' ? 1 : 0;
  const oovToken = config.has('oov_token')
    ? tokenOf(config, 'oov_token', kind)
    : kind === 'string'
      ? '[UNK]'
      : -1;
  return { maskToken, oovToken, oovCount, oovStart, start: oovStart + oovCount };
}

const tokenOf = (config: LayerConfig, key: string, kind: 'string' | 'number'): Token =>
  kind === 'string' ? config.string(key) : config.int(key);

/** The vocabulary in the config; `null` if Keras saved it as an asset or the config names a file. */
export function givenTokens(config: LayerConfig, kind: 'string' | 'number'): Token[] | null {
  const raw = config.raw('vocabulary') ?? null;
  const plain = isRecord(raw) && isRecord(raw.config) ? raw.config.value : raw;
  if (plain === null || typeof plain === 'string') return null;
  if (!Array.isArray(plain)) return config.bad('vocabulary', l10n.t('a list of tokens'), raw);
  return plain.map((token: unknown) =>
    typeof token === 'string' || typeof token === 'number'
      ? checkToken(config, token, kind)
      : config.bad('vocabulary', `${kind}s`, token),
  );
}

function checkToken(config: LayerConfig, token: Token, kind: 'string' | 'number'): Token {
  const fits = kind === 'string' ? typeof token === 'string' : Number.isSafeInteger(token);
  return fits
    ? token
    : config.bad('vocabulary', kind === 'string' ? l10n.t('strings') : l10n.t('integers'), token);
}

/** The line ends of Python's `splitlines`, apart from CR LF. */
const LINE_END = new RegExp(
  `[${String.fromCharCode(0x0a, 0x0b, 0x0c, 0x0d, 0x1c, 0x1d, 0x1e, 0x85, 0x2028, 0x2029)}]`,
);

/** The lines of a text asset, as Keras reads them: without empty lines at the end. */
function tokensOfFile(config: LayerConfig, text: string, kind: 'string' | 'number'): Token[] {
  const lines = text.replaceAll('\r\n', '\n').split(LINE_END);
  while (lines.at(-1) === '') lines.pop();
  if (kind === 'string') return lines;
  return lines.map((line) =>
    /^\s*[-+]?\d+\s*$/.test(line) ? Number(line) : config.bad('vocabulary', l10n.t('integers'), line),
  );
}

function learnedTokens(
  config: LayerConfig,
  asset: Asset,
  names: Numbering,
  kind: 'string' | 'number',
): Token[] {
  return typeof asset === 'string'
    ? tokensOfFile(config, asset, kind)
    : tokensOfTable(config, asset, names, kind);
}

/**
 * The tokens of a table, ordered by index.
 * @throws Failure `bad-weights` if the indices are not those that the config implies.
 */
function tokensOfTable(
  config: LayerConfig,
  { keys, values }: LearnedPairs,
  names: Numbering,
  kind: 'string' | 'number',
): Token[] {
  const [tokens, indices] = config.bool('invert', false) ? [values, keys] : [keys, values];
  const entries = tokens
    .map((token, i) => ({ token: checkToken(config, typed(token, kind), kind), index: Number(indices[i]) }))
    // Up to TensorFlow 2.5 the table contains the mask token.
    .filter(({ token }) => token !== names.maskToken)
    .sort((a, b) => a.index - b.index);
  if (entries.some(({ index }, i) => index !== names.start + i)) {
    return fail(
      'bad-weights',
      l10n.t(
        'The tokens of layer "{0}" do not have the indices {1}, {2}, ... that its config implies.',
        config.path,
        names.start,
        names.start + 1,
      ),
      {
        subject: config.path,
        remedy: l10n.t('Load the model in the Keras that wrote it, and save it as .keras.'),
      },
    );
  }
  return entries.map(({ token }) => token);
}

/** Converts a number in text form for integer lookups. */
const typed = (token: Token, kind: 'string' | 'number'): Token =>
  kind === 'number' && /^[-+]?\d+$/.test(String(token)) ? Number(token) : token;

/**
 * The vocabulary of a lookup layer in index order, without the special tokens at the start, from its config or asset.
 * @throws Failure `bad-weights` if the file contains neither, `bad-config` for tokens that Keras rejects.
 */
export function vocabularyOf(
  config: LayerConfig,
  assets: ReadonlyMap<string, Asset> | undefined,
  names: Numbering,
  kind: 'string' | 'number',
): { readonly tokens: readonly Token[]; readonly hadSpecial: boolean } {
  const asset = assets?.get(VOCABULARY_FILE);
  const whole =
    givenTokens(config, kind) ?? (asset === undefined ? null : learnedTokens(config, asset, names, kind));
  if (whole === null || whole.length === 0) {
    return fail('bad-weights', l10n.t('The file contains no vocabulary for layer "{0}".', config.path), {
      subject: config.path,
      remedy:
        typeof config.raw('vocabulary') === 'string'
          ? l10n.t(
              'The layer refers to a vocabulary file: give it the list of tokens and save the model again.',
            )
          : l10n.t('Save the model as .keras: an .h5 file does not contain what adapt() learned.'),
    });
  }
  const hadSpecial = startsWithSpecial(whole, names);
  const tokens = hadSpecial ? whole.slice(names.start) : whole;
  if (new Set(tokens).size !== tokens.length) {
    return config.bad('vocabulary', l10n.t('distinct tokens'), tokens.slice(0, 3));
  }
  return { tokens, hadSpecial };
}

/** Whether all special tokens come first. A config may claim any number of them, so that they are not listed. */
const startsWithSpecial = (
  tokens: readonly Token[],
  { maskToken, oovToken, oovStart, start }: Numbering,
): boolean =>
  tokens.length >= start &&
  tokens.slice(0, start).every((token, i) => token === (i < oovStart ? maskToken : oovToken));

/** The number of indices of a lookup layer, special ones included; `null` if the config does not determine it. */
export function vocabularySize(
  config: LayerConfig,
  names: Numbering,
  kind: 'string' | 'number',
): number | null {
  const given = givenTokens(config, kind);
  if (given !== null) {
    return given.length + (startsWithSpecial(given, names) ? 0 : names.start);
  }
  if (!config.has('vocabulary_size')) return null;
  const size = config.int('vocabulary_size');
  return size >= 0 ? size : config.bad('vocabulary_size', l10n.t('a count'), size);
}
