import { jsonText } from '../shared/results/jsonText';
import { escapeHidden } from '../shared/text';

/** Prints lines to stdout, with control characters escaped. Callers shorten long names. */
export function printLines(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${escapeHidden(line)}\n`).join(''));
}

/** Prints one JSON document to stdout; non-finite numbers become "NaN", "Infinity" and "-Infinity". */
export function printJson(value: unknown): void {
  process.stdout.write(`${jsonText(value, 2)}\n`);
}
