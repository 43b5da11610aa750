/** The value of a number of Python; `null` for imaginary ones. */
export function numberOf(text: string): { value: number; isFloat: boolean } | null {
  const plain = text.replaceAll('_', '').toLowerCase();
  if (plain.endsWith('j')) return null;
  const isFloat = !plain.startsWith('0x') && /[.e]/.test(plain);
  const value = Number(plain);
  return Number.isFinite(value) ? { value, isFloat } : null;
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
};

/** The prefix of a string literal, the length of its quotes, and whether it is raw. */
export function quotesOf(text: string): { start: number; width: number; isRaw: boolean; isBytes: boolean } {
  const prefix = /^[a-zA-Z]*/.exec(text)?.[0] ?? '';
  const width = /^("""|''')/.test(text.slice(prefix.length)) ? 3 : 1;
  return {
    start: prefix.length + width,
    width,
    isRaw: /r/i.test(prefix),
    isBytes: /b/i.test(prefix),
  };
}

/** Replaces the common escapes; others stay as written, as Python leaves unknown ones. */
export const withoutEscapes = (text: string, isRaw: boolean): string =>
  isRaw ? text : text.replace(/\\([ntr\\'"\n])/g, (_, letter: string) => ESCAPES[letter] ?? letter);

/** The value of a whole literal; `null` for bytes. */
export function stringOf(text: string): string | null {
  const { start, width, isRaw, isBytes } = quotesOf(text);
  return isBytes ? null : withoutEscapes(text.slice(start, text.length - width), isRaw);
}
