/**
 * The one way by which names and sentences that came from files reach a user outside a page: notifications, status
 * items, pickers, tooltips and the command line.
 */

/** More characters than this of one text nobody reads; a name of 20 KB would hide the rest of the sentence. */
export const MAX_SHOWN = 1000;

/**
 * Control characters (ANSI sequences begin with one), marks that turn the direction of text round, characters without
 * any width and halves of a character.
 */
const HIDDEN = /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** What a user could not see, and a terminal would obey, written as an escape: `\u202e`. */
export function escapeHidden(text: string): string {
  return text.replace(HIDDEN, escaped);
}

/** Text for a terminal: what a user could not see is written as an escape, `\u202e`; at most `MAX_SHOWN` characters. */
export function visible(text: string): string {
  return cut(escapeHidden(cut(text)));
}

/**
 * Text for VS Code: as `visible`, and no longer a link, a command or an icon, which VS Code makes of `[text](command:...)`
 * and `$(name)` in notifications, status items and pickers.
 */
export function plain(text: string): string {
  return cut(visible(text).replaceAll('](', '] (').replaceAll('$(', '$ ('));
}

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  return SHORT[character] ?? `\\u${code.toString(16).padStart(4, '0')}`;
}

/** The beginning and the end: the end of a path says which file it is. */
function cut(text: string): string {
  if (text.length <= MAX_SHOWN) return text;
  const tail = Math.floor(MAX_SHOWN / 3);
  return `${text.slice(0, MAX_SHOWN - tail - 1)}…${text.slice(-tail)}`;
}
