import { nonFiniteName } from '../wireNumbers';

/** Characters that JSON does not escape and a terminal obeys or hides. Escaping them does not change the value. */
const UNESCAPED =
  /[\u007f-\u009f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;

/**
 * A value as JSON for people and programs: non-finite numbers become "NaN", "Infinity" and "-Infinity".
 * @param indent spaces per level; 0 for one line
 */
export function jsonText(value: unknown, indent = 0): string {
  const replacer = (_key: string, part: unknown) =>
    typeof part === 'number' ? (nonFiniteName(part) ?? part) : part;
  return JSON.stringify(value, replacer, indent).replace(
    UNESCAPED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
