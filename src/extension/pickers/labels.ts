import { fail } from '../../shared/errors';

/**
 * Parses class names: a JSON list of names, a JSON object that maps an index to a name (or to `[id, name]`, as in Keras's
 * `imagenet_class_index.json`), or one name per line.
 * @throws Failure `bad-input` for a file without names
 */
export function parseLabels(file: string, text: string): readonly string[] {
  const trimmed = text.trim();
  const names = /^[[{]/.test(trimmed)
    ? fromJson(file, trimmed)
    : trimmed.split(/\r?\n/).map((line) => line.trim());
  if (names.length > 0 && names[0] !== '') return names;
  return fail('bad-input', `${file} contains no class names.`, {
    remedy: 'Choose a text file with one name per line, or a JSON list of names.',
    subject: file,
  });
}

function fromJson(file: string, text: string): string[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return fail('bad-input', `${file} is not valid JSON, so no class names can be read from it.`, {
      remedy: 'Choose a JSON list of names, or a text file with one name per line.',
      subject: file,
    });
  }
  if (Array.isArray(parsed)) return parsed.map(labelText);
  if (typeof parsed !== 'object' || parsed === null) return [];
  const names: string[] = [];
  const entries = Object.entries(parsed).filter(([key]) => /^\d{1,5}$/.test(key));
  for (const [key, value] of entries) names[Number(key)] = labelText(value);
  // A class without a name is called by its index.
  return Array.from(names, (name, index) => name ?? String(index));
}

function labelText(value: unknown): string {
  const named: unknown = Array.isArray(value) ? value.at(-1) : value;
  return typeof named === 'string' ? named : JSON.stringify(named);
}
