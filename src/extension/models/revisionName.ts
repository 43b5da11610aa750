import { basename, extname } from 'node:path';
import * as l10n from '@vscode/l10n';
import type { Uri } from 'vscode';
import { plain } from '../../shared/text';
import { harmlessName } from './harmlessName';
import { MODEL_ENDINGS } from './modelFiles';

const MAX_LABEL = 40;
/** Characters of the parts of a copy's name: file systems take 255 bytes, and a character may need three. */
const MAX_STEM = 50;
const MAX_LABEL_IN_NAME = 20;

/** Refs of VS Code's Git extension that are no names in Git: the index, the left side of a change, and the stages of a merge. */
const SPECIAL_REFS: ReadonlyMap<string, string> = new Map([
  ['', 'index'],
  ['~', l10n.t('HEAD or index')],
  ['~1', l10n.t('merge base')],
  ['~2', 'ours'],
  ['~3', 'theirs'],
]);

/**
 * Which revision a URI stands for, in words: the ref in the query of a `git:` URI, which Git extensions write as JSON, else
 * the scheme.
 */
export function revisionLabel(uri: Pick<Uri, 'scheme' | 'query'>): string {
  const ref = refOf(uri.query);
  if (ref === undefined) return plain(uri.scheme).slice(0, MAX_LABEL);
  const special = SPECIAL_REFS.get(ref);
  if (special !== undefined) return special;
  if (/^[0-9a-f]{40,64}$/i.test(ref)) return ref.slice(0, 7);
  return plain(ref).slice(0, MAX_LABEL);
}

function refOf(query: string): string | undefined {
  try {
    const value: unknown = JSON.parse(query);
    if (typeof value !== 'object' || value === null) return undefined;
    if ('ref' in value && typeof value.ref === 'string') return value.ref;
    return 'commit' in value && typeof value.commit === 'string' ? value.commit : undefined;
  } catch {
    // Other schemes write queries of their own, or none.
    return undefined;
  }
}

/** How a page and a tab call the revision, e.g. "cats.keras (HEAD)". */
export function revisionName(uri: Pick<Uri, 'scheme' | 'path' | 'query'>): string {
  return `${plain(basename(uri.path))} (${revisionLabel(uri)})`;
}

/**
 * The name of a revision's copy on disk, e.g. "cats (HEAD).keras". The repository's name for the file can only give it
 * letters, digits and a few harmless signs: no separators, no reserved names, an ending that we know.
 */
export function copyName(uri: Pick<Uri, 'scheme' | 'path' | 'query'>): string {
  const ending = extname(uri.path);
  const known = MODEL_ENDINGS.includes(ending.slice(1).toLowerCase()) ? ending : '';
  const stem = harmlessName(basename(uri.path, known), MAX_STEM);
  return `${stem} (${harmlessName(revisionLabel(uri), MAX_LABEL_IN_NAME)})${known}`;
}
