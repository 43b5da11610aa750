import { basename, dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import type { QuickPickItem } from 'vscode';
import { fileExists } from '../models/models';
import { chooseFolder, pick } from '../ui';

/** The journal of a batch, which one can be continued by (server/batch/journal.ts). */
const JOURNAL = 'rows.jsonl';
/** Reports of the same inputs in one folder. */
const MAX_REPORTS = 1000;

interface FolderItem extends QuickPickItem {
  /** Absolute; `null` to choose where. */
  readonly path: string | null;
}

/**
 * Asks for the folder of a report: a new one beside the inputs or elsewhere, or that of a batch which can be continued. `undefined` when cancelled.
 * @param input absolute path of the inputs
 */
export async function pickReportFolder(input: string, title: string): Promise<string | undefined> {
  const beside = await foldersIn(dirname(input), input);
  const started: FolderItem[] = beside.started.map((path) => ({
    label: l10n.t('Go on with {0}', basename(path)),
    description: l10n.t('what is done is not computed again'),
    path,
  }));
  const chosen = await pick<FolderItem>(
    [
      {
        label: basename(beside.free),
        description: l10n.t('a new folder beside the inputs'),
        path: beside.free,
      },
      ...started,
      { label: l10n.t('Elsewhere…'), description: l10n.t('a new folder in one that you choose'), path: null },
    ],
    { title, placeHolder: l10n.t('Select the folder of the report') },
  );
  if (chosen === undefined || chosen.path !== null) return chosen?.path ?? undefined;
  const parent = await chooseFolder({ title });
  return parent && (await foldersIn(parent.fsPath, input)).free;
}

/** The first name that is free, and the folders before it that hold a batch. */
async function foldersIn(
  parent: string,
  input: string,
): Promise<{ readonly free: string; readonly started: readonly string[] }> {
  const started: string[] = [];
  const base = join(parent, `${basename(input)}-report`);
  for (let number = 1; number < MAX_REPORTS; number++) {
    const path = number === 1 ? base : `${base}-${number}`;
    if (!(await fileExists(path))) return { free: path, started };
    if (await fileExists(join(path, JOURNAL))) started.push(path);
  }
  return { free: `${base}-${Date.now()}`, started };
}
