import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { commands, type Disposable, env, type QuickPickItem, UIKind, Uri } from 'vscode';
import type { BatchSummary } from '../../shared/batch/batchProgress';
import type { Result } from '../../shared/errors';
import { METHOD_IDS, METHODS, type MethodId } from '../../shared/methods';
import type { App } from '../app';
import { guarded, valueOrShow } from '../errors';
import { pickModel } from '../pickers/modelPicker';
import { serverOptions } from '../server/client';
import { chooseFile, chooseFolder, notify, pick, withProgress } from '../ui';
import { type BatchChoice, batchArguments } from './batchArguments';
import { startBatch } from './batchProcess';
import { pickReportFolder } from './reportFolder';

/** "Explain Folder…" of a folder, an .npz file or a table in the Explorer, and of the palette. */
export const registerBatchCommand = (app: App): Disposable =>
  commands.registerCommand(
    'layerglass.explainFolder',
    guarded(async (first: unknown) => {
      const input = first instanceof Uri ? first : await pickInputs();
      if (input !== undefined) await explainFolder(app, input.fsPath);
    }),
  );

/** A folder or a file: no dialog offers both on every system. */
async function pickInputs(): Promise<Uri | undefined> {
  const title = l10n.t('Explain Folder');
  const [folder, file] = [l10n.t('A folder…'), l10n.t('An .npz file or a table…')];
  const chosen = await pick([{ label: folder }, { label: file }], {
    title,
    placeHolder: l10n.t('Select what holds the inputs'),
  });
  if (chosen?.label === folder) return chooseFolder({ title });
  if (chosen?.label !== file) return undefined;
  return (await chooseFile({ title, filters: { Inputs: ['npz', 'csv', 'tsv'], 'All Files': ['*'] } }))?.[0];
}

async function explainFolder(app: App, input: string): Promise<void> {
  const title = l10n.t('Explain {0}', basename(input));
  const chosenModel = await pickModel(app.models.open, title);
  if (chosenModel === undefined) return;
  const model = await app.revisions.pathOf(chosenModel);
  const method = await pickMethod(title);
  if (method === undefined) return;
  const out = await pickReportFolder(input, title);
  if (out === undefined) return;
  const choice = { model, input, out, method: method.id };
  const summary = valueOrShow(await run(app, title, choice));
  if (summary !== undefined) await announce(app, summary);
}

interface MethodItem extends QuickPickItem {
  /** As `BatchChoice.method`. */
  readonly id: MethodId | null | undefined;
}

const pickMethod = (title: string): Promise<MethodItem | undefined> =>
  pick<MethodItem>(
    [
      { label: l10n.t('The method that suits the model'), id: undefined },
      { label: l10n.t('Predictions alone'), id: null },
      ...METHOD_IDS.map((id) => ({ label: METHODS[id].label, detail: METHODS[id].description, id })),
    ],
    { title, placeHolder: l10n.t('Select how predictions are explained') },
  );

/** Runs the batch with progress and Cancel. What was done before it was cancelled is kept, and the next call goes on. */
async function run(app: App, title: string, choice: BatchChoice): Promise<Result<BatchSummary>> {
  const lease = await app.models.acquire(choice.model);
  if (!lease.ok) return lease;
  const folder = await mkdtemp(join(tmpdir(), 'layerglass-batch-'));
  try {
    const opened = await lease.value.model();
    if (!opened.ok) return opened;
    const { preprocessing, labels } = await app.settings.of(opened.value);
    const settings = join(folder, 'settings.json');
    await writeFile(settings, JSON.stringify({ preprocessing, labels }));
    const options = serverOptions('');
    const native: Readonly<Record<string, string>> =
      options.nativePath === '' ? {} : { LAYERGLASS_NATIVE: options.nativePath };
    const cli = Uri.joinPath(app.extensionUri, 'dist', 'cli.js').fsPath;
    return await withProgress('notification', title, (report, token) => {
      const batch = startBatch(cli, batchArguments(choice, options, settings), native, (step) =>
        report(progressText(step.done, step.total, step.secondsLeft)),
      );
      const cancelled = token.onCancellationRequested(() => batch.stop());
      return batch.ended.finally(() => cancelled.dispose());
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
    lease.value.dispose();
  }
}

function progressText(done: number, total: number, secondsLeft: number | null): string {
  if (secondsLeft === null) return l10n.t('{0} of {1}', done, total);
  const minutes = Math.ceil(secondsLeft / 60);
  return secondsLeft < 90
    ? l10n.t('{0} of {1}, {2} s left', done, total, Math.ceil(secondsLeft))
    : l10n.t('{0} of {1}, {2} min left', done, total, minutes);
}

async function announce({ log }: Pick<App, 'log'>, summary: BatchSummary): Promise<void> {
  const { out, inputs, failures, labelled, correct } = summary;
  for (const { input, reason } of failures) log.warn(`${input}: ${reason}`);
  const report = Uri.file(join(out, 'report.html'));
  // A browser on another machine does not see the files of this one.
  const isHere = env.uiKind === UIKind.Desktop && env.remoteName === undefined;
  const open = isHere ? l10n.t('Open Report') : l10n.t('Reveal Report');
  const facts = [
    l10n.t('{0}: {1} inputs, {2} failed.', basename(out), inputs, failures.length),
    ...(labelled > 0 ? [l10n.t('{0} of {1} are predicted as labelled.', correct, labelled)] : []),
  ];
  if ((await notify('info', facts.join(' '), open)) !== open) return;
  if (isHere) await env.openExternal(report);
  else await commands.executeCommand('revealInExplorer', report);
}
