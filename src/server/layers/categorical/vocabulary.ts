import type { Asset, LearnedPairs } from '../../../shared/asset';
import { fail } from '../../../shared/errors';
import type { LayerConfig } from '../../graph/layerConfig';
import { isRecord } from '../support/records';

export type Token = string | number;

/** The name under which Keras saves a vocabulary that it learned, among the assets of its layer. */
export const VOCABULARY_FILE = 'vocabulary.txt';

/** How a lookup layer numbers its tokens: mask first (mode `int` only), then the unknown ones, then the vocabulary. */
export interface Numbering {
  readonly maskToken: Token | null;
  readonly oovToken: Token;
  readonly oovCount: number;
  /** Index of the first unknown token. */
  readonly oovStart: number;
  /** Index of the first token of the vocabulary. */
  readonly start: number;
}

export function numbering(config: LayerConfig, mode: string, kind: 'string' | 'number'): Numbering {
  const oovCount = config.int('num_oov_indices', 1);
  if (oovCount < 0) return config.bad('num_oov_indices', 'a count', oovCount);
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

/** The vocabulary of the config as it stands there, `null` where Keras saved it as an asset, or where a file is named. */
export function givenTokens(config: LayerConfig, kind: 'string' | 'number'): Token[] | null {
  const raw = config.raw('vocabulary') ?? null;
  const plain = isRecord(raw) && isRecord(raw.config) ? raw.config.value : raw;
  if (plain === null || typeof plain === 'string') return null;
  if (!Array.isArray(plain)) return config.bad('vocabulary', 'a list of tokens', raw);
  return plain.map((token: unknown) =>
    typeof token === 'string' || typeof token === 'number'
      ? checked(config, token, kind)
      : config.bad('vocabulary', `${kind}s`, token),
  );
}

function checked(config: LayerConfig, token: Token, kind: 'string' | 'number'): Token {
  const fits = kind === 'string' ? typeof token === 'string' : Number.isSafeInteger(token);
  return fits ? token : config.bad('vocabulary', kind === 'string' ? 'strings' : 'integers', token);
}

/** What Python's `splitlines` takes for the end of a line, besides carriage return with line feed. */
const LINE_END = new RegExp(
  `[${String.fromCharCode(0x0a, 0x0b, 0x0c, 0x0d, 0x1c, 0x1d, 0x1e, 0x85, 0x2028, 0x2029)}]`,
);

/** The lines of an asset, as Keras reads them: empty ones at the end do not count. */
function tokensOfFile(config: LayerConfig, text: string, kind: 'string' | 'number'): Token[] {
  const lines = text.replaceAll('\r\n', '\n').split(LINE_END);
  while (lines.at(-1) === '') lines.pop();
  if (kind === 'string') return lines;
  return lines.map((line) =>
    /^\s*[-+]?\d+\s*$/.test(line) ? Number(line) : config.bad('vocabulary', 'integers', line),
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

/** The tokens of a table by their indices, which have to be those that the config implies. */
function tokensOfTable(
  config: LayerConfig,
  { keys, values }: LearnedPairs,
  names: Numbering,
  kind: 'string' | 'number',
): Token[] {
  const [tokens, indices] = config.bool('invert', false) ? [values, keys] : [keys, values];
  const entries = tokens
    .map((token, i) => ({ token: checked(config, typed(token, kind), kind), index: Number(indices[i]) }))
    // Up to TensorFlow 2.5 the mask stood in the table, too.
    .filter(({ token }) => token !== names.maskToken)
    .sort((a, b) => a.index - b.index);
  if (entries.some(({ index }, i) => index !== names.start + i)) {
    return fail(
      'bad-weights',
      `The tokens of layer "${config.path}" do not have the indices ${names.start}, ${names.start + 1}, ... that its config implies.`,
      { subject: config.path, remedy: 'Load the model in the Keras that wrote it, and save it as .keras.' },
    );
  }
  return entries.map(({ token }) => token);
}

/** A line of a text as the integer that it stands for. */
const typed = (token: Token, kind: 'string' | 'number'): Token =>
  kind === 'number' && /^[-+]?\d+$/.test(String(token)) ? Number(token) : token;

/**
 * The tokens of a lookup layer in the order of their indices, without the special ones in front, from its config or
 * its asset.
 * @throws Failure `bad-weights` where the file holds neither, `bad-config` for tokens that Keras refuses.
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
    return fail('bad-weights', `The file holds no vocabulary for layer "${config.path}".`, {
      subject: config.path,
      remedy:
        typeof config.raw('vocabulary') === 'string'
          ? 'The layer was given a file of words: give it the list of them, and save the model again.'
          : 'Save the model as .keras: an .h5 file loses what adapt() learned.',
    });
  }
  const special = specialTokens(names);
  const hadSpecial = special.every((token, i) => whole[i] === token);
  const tokens = hadSpecial ? whole.slice(special.length) : whole;
  if (new Set(tokens).size !== tokens.length) {
    return config.bad('vocabulary', 'tokens that differ', tokens.slice(0, 3));
  }
  return { tokens, hadSpecial };
}

const specialTokens = ({ maskToken, oovToken, oovCount, oovStart }: Numbering): Token[] => [
  ...(maskToken !== null && oovStart === 1 ? [maskToken] : []),
  ...new Array<Token>(oovCount).fill(oovToken),
];

/** How many indices a lookup layer has, special ones included; `null` where the config does not say. */
export function vocabularySize(
  config: LayerConfig,
  names: Numbering,
  kind: 'string' | 'number',
): number | null {
  const given = givenTokens(config, kind);
  if (given !== null) {
    const special = specialTokens(names);
    const hadSpecial = special.every((token, i) => given[i] === token);
    return given.length + (hadSpecial ? 0 : names.start);
  }
  if (!config.has('vocabulary_size')) return null;
  const size = config.int('vocabulary_size');
  return size >= 0 ? size : config.bad('vocabulary_size', 'a count', size);
}
