/**
 * Names and messages that come from files pass through here before they reach the user outside a page: in notifications,
 * status items, pickers, tooltips and on the command line.
 */

/** In characters; a name of 20 KB would hide the rest of a message. */
export const MAX_SHOWN = 1000;

/**
 * Control characters (ANSI sequences begin with one), marks that change the direction of text, zero-width characters and
 * lone surrogates.
 */
const HIDDEN = /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Writes invisible characters, including those that control a terminal, as escapes: `\u202e`. */
export function escapeHidden(text: string): string {
  return text.replace(HIDDEN, escaped);
}

/** Text for a terminal: invisible characters are written as escapes; at most `MAX_SHOWN` characters. */
export function visible(text: string): string {
  return cut(escapeHidden(cut(text)));
}

/**
 * Text for VS Code: as `visible`, and without links, commands and icons, which VS Code renders from `[text](command:...)`
 * and `$(name)` in notifications, status items and pickers.
 */
export function plain(text: string): string {
  return cut(visible(text).replaceAll('](', '] (').replaceAll('$(', '$ ('));
}

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  return SHORT[character] ?? `\\u${code.toString(16).padStart(4, '0')}`;
}

/** Keeps the beginning and the end: the end of a path names the file. */
function cut(text: string): string {
  if (text.length <= MAX_SHOWN) return text;
  const tail = Math.floor(MAX_SHOWN / 3);
  return `${text.slice(0, MAX_SHOWN - tail - 1)}…${text.slice(-tail)}`;
}
