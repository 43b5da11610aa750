/**
 * A stub of the extension Jupyter: its id, the part of its API that viewers of variables use, and a command in place of the button in its
 * variables view. Its kernel knows one statement, `NAME.save(PATH)`, which copies a sample.
 */
const { copyFileSync } = require('node:fs');
const { join } = require('node:path');
const { commands, extensions, window, workspace } = require('vscode');

const MODEL = '1-sequence/motif.keras';

const kernel = {
  language: 'python',
  status: 'idle',
  async *executeCode(code) {
    const [, path] = /^\w+\.save\((".*")\)$/.exec(code) ?? [];
    if (path === undefined) throw new Error(`The stub cannot run ${code}`);
    copyFileSync(join(workspace.workspaceFolders[0].uri.fsPath, MODEL), JSON.parse(path));
    yield { items: [] };
  },
};

/** The notebook that is shown; the editor shows it before the extension host knows of it. */
const activeNotebook = () =>
  new Promise((resolve) => {
    if (window.activeNotebookEditor) return resolve(window.activeNotebookEditor.notebook);
    const waiting = window.onDidChangeActiveNotebookEditor((editor) => {
      if (!editor) return;
      waiting.dispose();
      resolve(editor.notebook);
    });
  });

exports.activate = (context) => {
  const show = async () => {
    const { uri } = await activeNotebook();
    const variable = { name: 'classifier', type: 'Functional', fileName: uri };
    const viewers = extensions.all.flatMap(
      ({ packageJSON }) => packageJSON.contributes?.jupyterVariableViewers ?? [],
    );
    const viewer = viewers.find(({ dataTypes }) => dataTypes.includes(variable.type));
    return commands.executeCommand(viewer.command, variable);
  };
  context.subscriptions.push(commands.registerCommand('jupyterStub.showVariable', show));
  return { kernels: { getKernel: async () => kernel } };
};
