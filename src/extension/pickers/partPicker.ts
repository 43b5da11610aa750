import * as l10n from '@vscode/l10n';
import type { InputSource } from '../../shared/inputs';
import type { OpenedModel } from '../../shared/protocol';
import { inputParts } from '../../shared/protocol';
import { type InputParts, MAX_LISTED_PARTS } from '../../shared/sources/inputParts';
import type { App } from '../app';
import { pick, typed } from '../ui';

type FileSource = Extract<InputSource, { kind: 'file' }>;

/**
 * Asks which sequence, row or sample of a file an input takes, if the file holds several.
 *
 * @param index of the model's input
 * @returns the source as it is where there is nothing to choose, `undefined` when the user cancelled
 */
export async function pickPart(
  { client }: Pick<App, 'client'>,
  { modelId }: OpenedModel,
  index: number,
  title: string,
  source: FileSource,
): Promise<FileSource | undefined> {
  if (source.sample !== undefined) return source;
  const found = await client.ask(inputParts, { modelId, input: index, source });
  // What is wrong with a file is reported when it is used.
  if (!found.ok || found.value === null) return source;
  const parts = found.value;
  // A member of an .npz is an array, which may hold several samples; any other is the part itself.
  if (source.member !== undefined && parts.kind !== 'samples') return source;
  const chosen = await pickFrom(parts, title);
  if (chosen === undefined) return undefined;
  return parts.kind === 'samples' ? { ...source, sample: Number(chosen) } : { ...source, member: chosen };
}

const WORDS = {
  sequences: { one: l10n.t('Sequence'), placeHolder: l10n.t('Select a sequence of the file') },
  rows: { one: l10n.t('Row'), placeHolder: l10n.t('Select a row of the table') },
  samples: { one: l10n.t('Sample'), placeHolder: l10n.t('Select a sample of the array') },
} as const;

/** The name of a sequence, the number of a row from 1, or the index of a sample from 0. */
async function pickFrom({ kind, count, names }: InputParts, title: string): Promise<string | undefined> {
  const { one, placeHolder } = WORDS[kind];
  if (kind === 'sequences') {
    return (
      await pick(
        names.map((label) => ({ label })),
        { title, placeHolder },
      )
    )?.label;
  }
  const first = kind === 'rows' ? 1 : 0;
  if (count > MAX_LISTED_PARTS)
    return typeNumber(l10n.t('{0} ({1} to {2})', one, first, first + count - 1), title, first, count);
  const items = Array.from({ length: count }, (_, i) => ({
    label: `${one} ${first + i}`,
    description: names[i] ?? '',
    value: String(first + i),
  }));
  return (await pick(items, { title, placeHolder, matchOnDescription: true }))?.value;
}

/** A whole number from `first` on, one of `count`. */
async function typeNumber(
  prompt: string,
  title: string,
  first: number,
  count: number,
): Promise<string | undefined> {
  const last = first + count - 1;
  const text = await typed({
    title,
    prompt,
    value: String(first),
    validateInput: (value) =>
      /^\d{1,9}$/.test(value.trim()) && Number(value) >= first && Number(value) <= last
        ? undefined
        : l10n.t('Enter a whole number from {0} to {1}.', first, last),
  });
  return text?.trim();
}
