import { escapeHidden } from '../shared/text';
import { nonFiniteName } from '../shared/wireNumbers';

/** Lines on stdout, with nothing in them that a terminal would obey. Names in them are cut where they are put in. */
export function printLines(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${escapeHidden(line)}\n`).join(''));
}

/** What JSON leaves as it is and a terminal obeys or hides; the value stays the same. */
const UNESCAPED =
  /[\u007f-\u009f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;

/** One JSON document on stdout; numbers that JSON has no word for as "NaN", "Infinity" and "-Infinity". */
export function printJson(value: unknown): void {
  const words = (_key: string, part: unknown) =>
    typeof part === 'number' ? (nonFiniteName(part) ?? part) : part;
  const text = JSON.stringify(value, words, 2).replace(
    UNESCAPED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  process.stdout.write(`${text}\n`);
}
