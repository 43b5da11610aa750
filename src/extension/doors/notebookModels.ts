import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import {
  type CancellationToken,
  commands,
  type Disposable,
  extensions,
  type NotebookDocument,
  Uri,
  window,
  workspace,
} from 'vscode';
import { fail } from '../../shared/errors';
import type { App } from '../app';
import { guarded } from '../errors';
import { harmlessName } from '../models/harmlessName';
import { fileExists } from '../models/models';
import { WindowFolder } from '../models/windowFolder';
import { MODEL_EDITOR } from '../panels/modelEditor';
import { withProgress } from '../ui';
import { isForbidden, JUPYTER, type JupyterApi, jupyterVariable, type Kernel, runInKernel } from './jupyter';

const MAX_NAME = 60;

/**
 * Models in the variables of a notebook: the running kernel saves one to a file of this window, which opens as any other. The file is
 * deleted when nothing shows the model any more.
 */
export class NotebookModels implements Disposable {
  private readonly folder: WindowFolder;
  private readonly subscriptions: readonly Disposable[];

  constructor(storage: Uri, app: Pick<App, 'models' | 'log' | 'client'>) {
    this.folder = new WindowFolder(join(storage.fsPath, 'notebooks'), app.log);
    this.subscriptions = [
      this.folder,
      app.models.onReleased((path) => {
        if (this.folder.contains(path)) void this.folder.remove(dirname(path));
      }),
      commands.registerCommand(
        'layerglass.openNotebookModel',
        guarded(async (variable: unknown) => {
          const path = await this.save(variable);
          app.client.noteUserRequest(path);
          await commands.executeCommand('vscode.openWith', Uri.file(path), MODEL_EDITOR);
        }),
      ),
    ];
  }

  /** Whether a model was saved by a kernel: what is written beside it would be lost. */
  contains(path: string): boolean {
    return this.folder.contains(path);
  }

  removeLeftovers(): Promise<void> {
    return this.folder.removeLeftovers();
  }

  dispose(): void {
    for (const one of this.subscriptions) one.dispose();
  }

  /** Lets the kernel save the model. @returns the path of its file. @throws Failure */
  private async save(sent: unknown): Promise<string> {
    const variable = jupyterVariable.safeParse(sent);
    if (!variable.success || variable.data.frameId !== undefined) {
      return fail('not-applicable', l10n.t('There is no model to open in this variable.'), {
        remedy: l10n.t('Choose a Keras model in the variables view of a notebook with a running kernel.'),
      });
    }
    const { name, fileName } = variable.data;
    const notebook = notebookAt(fileName?.path);
    const kernel = await kernelOf(notebook);
    const path = join(this.folder.newFolder(), `${harmlessName(name, MAX_NAME)}.keras`);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    try {
      const title = l10n.t('Saving {0} in the kernel', name);
      await withProgress('notification', title, (_, token) => saveInKernel(kernel, name, path, token));
    } catch (thrown) {
      await this.folder.remove(dirname(path));
      throw thrown;
    }
    return path;
  }
}

function notebookAt(path: string | undefined): NotebookDocument {
  const found =
    path === undefined
      ? window.activeNotebookEditor?.notebook
      : workspace.notebookDocuments.find(({ uri }) => uri.path === path);
  return (
    found ??
    fail('not-applicable', l10n.t('The notebook of this variable is not open.'), {
      remedy: l10n.t('Open the notebook and try again.'),
    })
  );
}

/** @throws Failure, also where the user does not allow it. */
async function kernelOf({ uri }: NotebookDocument): Promise<Kernel> {
  const jupyter = extensions.getExtension<JupyterApi>(JUPYTER);
  if (jupyter === undefined) {
    return fail('not-applicable', l10n.t('The extension Jupyter is not installed.'), {
      remedy: l10n.t('Install it, or save the model to a file and open that.'),
    });
  }
  const api = await jupyter.activate();
  const kernel = await allowed(() => api.kernels.getKernel(uri));
  if (kernel?.language === 'python') return kernel;
  return fail('not-applicable', l10n.t('No Python kernel runs for this notebook.'), {
    remedy: l10n.t('Run the cell that makes the model and try again.'),
  });
}

async function saveInKernel(
  kernel: Kernel,
  name: string,
  path: string,
  token: CancellationToken,
): Promise<void> {
  // A JSON string is a string in Python too. No new name appears in the notebook.
  const raised = await allowed(() => runInKernel(kernel, `${name}.save(${JSON.stringify(path)})`, token));
  if (token.isCancellationRequested) fail('cancelled', l10n.t('Cancelled.'));
  if (raised !== null) {
    fail('file-unreadable', l10n.t('The kernel could not save {0}: {1}', name, raised), {
      remedy: l10n.t('Save the model in a cell and open its file.'),
    });
  }
  if (!(await fileExists(path))) {
    fail('file-not-found', l10n.t('The kernel saved {0}, but not on this machine.', name), {
      remedy: l10n.t('Save the model in a cell, copy its file here and open it.'),
    });
  }
}

async function allowed<T>(work: () => Thenable<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!isForbidden(thrown)) throw thrown;
    return fail('not-applicable', l10n.t('Layerglass may not use the kernels of notebooks.'), {
      remedy: l10n.t('Run "Jupyter: Manage Access To Jupyter Kernels" to allow it.'),
    });
  }
}
