import { basename, dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { commands, Uri } from 'vscode';
import type { Result } from '../../shared/errors';
import * as protocol from '../../shared/protocol';
import { type ExportedSet, setFileNames } from '../../shared/results/exportSet';
import type { ExplainChoice } from '../../shared/view';
import type { App } from '../app';
import { fileExists } from '../models/models';
import { chooseFolder, confirm, notify, withProgress } from '../ui';
import { defaultBase, explainedParts } from './exportMap';

/**
 * Asks for a folder and writes everything about the explanation into a new folder in it, which is named after the input and
 * the method. The user is asked before the files of an earlier export are replaced, and before a long method runs.
 *
 * @returns `null` when the user cancelled
 */
export async function exportSet(app: App, choice: ExplainChoice): Promise<Result<ExportedSet> | null> {
  const base = defaultBase(app, choice);
  const parent = await chooseFolder({
    title: l10n.t('Export Everything: Select a Folder for {0}', basename(base)),
    openLabel: l10n.t('Export Here'),
    defaultUri: Uri.file(dirname(base)),
  });
  if (parent === undefined) return null;
  const folder = join(parent.fsPath, basename(base));
  const overwrite = await existingFiles(folder, choice.inputs.length);
  if (overwrite > 0 && !(await confirmReplacing(folder, overwrite))) return null;

  const lease = await app.models.acquire(choice.modelPath);
  if (!lease.ok) return lease;
  try {
    const model = await lease.value.model();
    if (!model.ok) return model;
    const { labels } = await app.settings.labels(model.value, choice.target.output);
    const { inputs, preprocessing, target, colourMap, opacity } = choice;
    const params: protocol.ExportSetParams = {
      modelId: model.value.modelId,
      ...explainedParts(choice),
      ...{ inputs, preprocessing, target, colourMap, opacity },
      ...(labels.length > 0 ? { labels } : {}),
      ...{ folder, overwrite: overwrite > 0 },
    };
    const exported = await written(app, params);
    if (exported?.ok) void announce(exported.value);
    return exported;
  } finally {
    lease.value.dispose();
  }
}

/** `null` when the user did not want a long method to run. */
async function written(app: App, params: protocol.ExportSetParams): Promise<Result<ExportedSet> | null> {
  const ask = (insist: boolean) =>
    withProgress('notification', l10n.t('Exporting everything'), (report, token) =>
      app.client.ask(
        protocol.exportSet,
        { ...params, insist },
        { token, progress: (step) => step !== null && report(step.message) },
      ),
    );
  const first = await ask(false);
  if (first.ok || first.error.kind !== 'too-costly') return first;
  const { message, remedy = '' } = first.error;
  return (await confirm(message, [remedy], l10n.t('Run Anyway'))) ? ask(true) : null;
}

async function existingFiles(folder: string, inputs: number): Promise<number> {
  let count = 0;
  for (const name of setFileNames(inputs)) if (await fileExists(join(folder, name))) count += 1;
  return count;
}

const confirmReplacing = (folder: string, count: number): Promise<boolean> =>
  confirm(
    count === 1
      ? l10n.t('{0} already contains a file of an export. Do you want to replace it?', basename(folder))
      : l10n.t(
          '{0} already contains {1} files of an export. Do you want to replace them?',
          basename(folder),
          count,
        ),
    [folder],
    l10n.t('Replace'),
  );

async function announce({ folder, files, missing }: ExportedSet): Promise<void> {
  const open = l10n.t('Open README');
  const reveal = l10n.t('Reveal in Explorer');
  const text = [
    l10n.t('Exported {0} files to {1}.', files.length, basename(folder)),
    ...(missing.length === 0
      ? []
      : [l10n.t('Not exported: {0}.', missing.map(({ name }) => name).join(', '))]),
  ].join(' ');
  const pressed = await notify('info', text, open, reveal);
  const readme = Uri.file(join(folder, 'README.txt'));
  if (pressed === open) await commands.executeCommand('vscode.open', readme);
  if (pressed === reveal) await commands.executeCommand('revealInExplorer', readme);
}
