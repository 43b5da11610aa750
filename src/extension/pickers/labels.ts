import { fail } from '../../shared/errors';

/**
 * Names from a text: a JSON list of names, a JSON object from index to name (or to `[id, name]`, as Keras's
 * `imagenet_class_index.json` has it), else one name a line.
 */
export function parseLabels(file: string, text: string): readonly string[] {
  const trimmed = text.trim();
  const names = /^[[{]/.test(trimmed)
    ? fromJson(file, trimmed)
    : trimmed.split(/\r?\n/).map((line) => line.trim());
  if (names.length > 0 && names[0] !== '') return names;
  return fail('bad-input', `${file} holds no class names.`, {
    remedy: 'Give a text with one name a line, or a JSON list of names.',
    subject: file,
  });
}

function fromJson(file: string, text: string): string[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return fail('bad-input', `${file} is not valid JSON, so no class names can be read from it.`, {
      remedy: 'Give a JSON list of names, or a text with one name a line.',
      subject: file,
    });
  }
  if (Array.isArray(parsed)) return parsed.map(labelText);
  if (typeof parsed !== 'object' || parsed === null) return [];
  const names: string[] = [];
  const entries = Object.entries(parsed).filter(([key]) => /^\d{1,5}$/.test(key));
  for (const [key, value] of entries) names[Number(key)] = labelText(value);
  // A gap in the indices shows as the bare index, which is what a class without a name is called.
  return Array.from(names, (name, index) => name ?? String(index));
}

function labelText(value: unknown): string {
  const named: unknown = Array.isArray(value) ? value.at(-1) : value;
  return typeof named === 'string' ? named : JSON.stringify(named);
}
