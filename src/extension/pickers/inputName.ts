import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { isEdited } from '../../shared/edits/inputEdit';
import type { InputSource } from '../../shared/inputs';

const MAX_QUOTED = 40;

/** A short name for headers and titles: the file's name, "random, seed 1", or the beginning of a typed text in quotes; and whether it is edited. */
export const inputName = (source: InputSource): string =>
  isEdited(source) ? l10n.t('{0}, edited', originName(source)) : originName(source);

function originName(source: InputSource): string {
  if (source.kind === 'random') return l10n.t('random, seed {0}', source.seed);
  if (source.kind === 'text') return quoted(source.text);
  const file = basename(source.path);
  const name = source.member === undefined ? file : `${file} [${source.member}]`;
  return source.sample === undefined ? name : l10n.t('{0}, sample {1}', name, source.sample);
}

function quoted(text: string): string {
  const line = [...text.trim().replace(/\s+/g, ' ')];
  return line.length > MAX_QUOTED
    ? `“${line.slice(0, MAX_QUOTED).join('').trimEnd()}…”`
    : `“${line.join('')}”`;
}
