import * as l10n from '@vscode/l10n';
import { fail } from '../errors';

/** Files beside a model that name its classes, the first one that fits first. */
export const LABEL_FILES = ['labels.txt', 'labels.json', 'class_names.txt', 'metadata.json'] as const;

/** Bytes of a file of class names; a larger one is something else. */
export const MAX_LABEL_BYTES = 4 * 2 ** 20;

/**
 * Parses class names: a JSON list of names, a JSON object that maps an index to a name (or to `[id, name]`, as in Keras's
 * `imagenet_class_index.json`) or that lists them as `labels` (Teachable Machine's `metadata.json`), or one name per line, also with
 * its number in front of each (Teachable Machine's `labels.txt`).
 * @throws Failure `bad-input` for a file without names
 */
export function parseLabels(file: string, text: string): readonly string[] {
  const trimmed = text.trim();
  const names = /^[[{]/.test(trimmed)
    ? fromJson(file, trimmed)
    : withoutNumbers(trimmed.split(/\r?\n/).map((line) => line.trim()));
  if (names.length > 0 && names[0] !== '') return names;
  return fail('bad-input', l10n.t('{0} contains no class names.', file), {
    remedy: l10n.t('Choose a text file with one name per line, or a JSON list of names.'),
    subject: file,
  });
}

/** "0 cat", "1 dog": the lines without their numbers, where each starts with its own. */
function withoutNumbers(lines: readonly string[]): readonly string[] {
  const parts = lines.map((line) => /^(\d{1,7})[\s:,]+(\S.*)$/.exec(line));
  return parts.every((part, i) => Number(part?.[1] ?? -1) === i)
    ? parts.map((part) => part?.[2] ?? '')
    : lines;
}

function fromJson(file: string, text: string): string[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return fail('bad-input', l10n.t('{0} is not valid JSON, so no class names can be read from it.', file), {
      remedy: l10n.t('Choose a JSON list of names, or a text file with one name per line.'),
      subject: file,
    });
  }
  if (Array.isArray(parsed)) return parsed.map(labelText);
  if (typeof parsed !== 'object' || parsed === null) return [];
  if ('labels' in parsed && Array.isArray(parsed.labels)) return parsed.labels.map(labelText);
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
