import * as l10n from '@vscode/l10n';
import { commands, type Disposable, Uri, workspace } from 'vscode';
import { fail } from '../../shared/errors';
import type { App } from '../app';
import { openedModel } from '../commands';
import { guarded } from '../errors';
import { fileExists } from '../models/models';
import { SAMPLES } from './samples';

/** The walkthrough in package.json. */
const WALKTHROUGH = 'layerglass.layerglass#start';

export interface SampleActions {
  readonly explain: (path: string) => Promise<void>;
  readonly openModel: (path: string) => Promise<void>;
  readonly showLayer: (path: string, layer: string) => Promise<void>;
}

/**
 * Registers the commands of the walkthrough.
 * @param copies folder in which the samples are copied, so that what the user does with them leaves the extension as it is
 */
export function registerSampleCommands(app: App, copies: Uri, actions: SampleActions): Disposable[] {
  const copied = async (): Promise<Uri> => {
    if (!(await fileExists(Uri.joinPath(copies, 'README.md').fsPath)))
      await workspace.fs.copy(Uri.joinPath(app.extensionUri, 'samples'), copies, { overwrite: true });
    return copies;
  };
  return [
    commands.registerCommand('layerglass.getStarted', () =>
      commands.executeCommand('workbench.action.openWalkthrough', WALKTHROUGH, false),
    ),
    commands.registerCommand(
      'layerglass.openSamples',
      guarded(async () => {
        await commands.executeCommand('vscode.openFolder', await copied(), { forceNewWindow: true });
      }),
    ),
    commands.registerCommand(
      'layerglass.showSample',
      guarded(async (number: unknown) => {
        const sample =
          SAMPLES[String(number)] ?? fail('bad-input', l10n.t('There is no sample "{0}".', String(number)));
        const folder = await copied();
        const at = (path: string): string => Uri.joinPath(folder, path).fsPath;
        const path = at(sample.model);
        const model = await openedModel(app, path);
        if (model === undefined) return;
        const lastInputs = sample.inputs.map((input) => ({ kind: 'file' as const, path: at(input) }));
        await app.settings.remember(model.path, { lastInputs });
        if (sample.shows === 'explanation') await actions.explain(path);
        else if (sample.shows === 'layers') await actions.openModel(path);
        else await actions.showLayer(path, sample.shows.layer);
      }),
    ),
  ];
}
