import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import type { QuickPickItem, Uri } from 'vscode';
import { type FileRevision, revisionsOf, revisionUri } from '../models/gitRevisions';
import { pick } from '../ui';

interface RevisionItem extends QuickPickItem {
  readonly uri: Uri;
}

/** Characters of a hash that are shown. */
const SHORT = 7;

/**
 * Asks which revisions of a model in a Git repository are compared.
 * @param ref of the first one, where it is known
 * @returns two URIs of the same file, `undefined` when cancelled
 * @throws Failure `not-applicable` without Git, and for a file without revisions
 */
export async function pickRevisions(uri: Uri, ref?: string): Promise<readonly [Uri, Uri] | undefined> {
  const revisions = await revisionsOf(uri);
  const items = await Promise.all(revisions.map((revision) => itemOf(uri, revision)));
  const name = basename(uri.fsPath);
  const first =
    ref === undefined
      ? await pick(items, {
          title: l10n.t('Compare Revisions of {0} (1/2): Model A', name),
          matchOnDescription: true,
        })
      : { uri: await revisionUri(uri, ref) };
  if (first === undefined) return undefined;
  const file: RevisionItem = { label: name, description: l10n.t('the file as it is now'), uri };
  const second = await pick([file, ...items], {
    title: l10n.t('Compare Revisions of {0} (2/2): Model B', name),
    matchOnDescription: true,
  });
  return second && [first.uri, second.uri];
}

const itemOf = async (uri: Uri, { hash, title, date }: FileRevision): Promise<RevisionItem> => ({
  label: title,
  description: [hash.slice(0, SHORT), date?.toLocaleString()].filter(Boolean).join(' · '),
  uri: await revisionUri(uri, hash),
});
