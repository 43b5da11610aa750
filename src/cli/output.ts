import { escapeHidden } from '../shared/text';
import { nonFiniteName } from '../shared/wireNumbers';

/** Prints lines to stdout, with control characters escaped. Callers shorten long names. */
export function printLines(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${escapeHidden(line)}\n`).join(''));
}

/** Characters that JSON does not escape and a terminal obeys or hides. Escaping them does not change the value. */
const UNESCAPED =
  /[\u007f-\u009f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;

/** Prints one JSON document to stdout; non-finite numbers become "NaN", "Infinity" and "-Infinity". */
export function printJson(value: unknown): void {
  const replacer = (_key: string, part: unknown) =>
    typeof part === 'number' ? (nonFiniteName(part) ?? part) : part;
  const text = JSON.stringify(value, replacer, 2).replace(
    UNESCAPED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  process.stdout.write(`${text}\n`);
}
