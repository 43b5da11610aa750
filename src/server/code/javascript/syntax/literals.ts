const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v' };

/** The value of a number of JavaScript; `null` for a BigInt. */
export function numberOf(text: string): number | null {
  const value = Number(text.replaceAll('_', ''));
  return Number.isFinite(value) ? value : null;
}

/** Text between quotes with its escapes; `null` where one of them is not followed. */
export function unescaped(text: string): string | null {
  let isKnown = true;
  const value = text.replace(/\\(\r\n|[\s\S])/g, (_, letter: string) => {
    if (/[0-9xu]/.test(letter)) isKnown = false;
    if (/[\r\n]/.test(letter)) return '';
    return ESCAPES[letter] ?? letter;
  });
  return isKnown ? value : null;
}
