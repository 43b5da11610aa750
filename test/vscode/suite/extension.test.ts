import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import {
  type CancellationToken,
  CancellationTokenSource,
  commands,
  extensions,
  type Hover,
  MarkdownString,
  Position,
  TabInputCustom,
  TabInputWebview,
  Uri,
  window,
  workspace,
} from 'vscode';

const EXTENSION = 'layerglass.layerglass';

suite('Layerglass in the extension host', () => {
  suiteSetup(async () => {
    const extension = extensions.getExtension(EXTENSION);
    assert.ok(extension, 'the extension is installed');
    await extension.activate();
  });

  teardown(() => commands.executeCommand('workbench.action.closeAllEditors'));

  test('has every command of its manifest', async () => {
    const manifest: { contributes: { commands: { command: string }[] } } =
      extensions.getExtension(EXTENSION)?.packageJSON;
    const registered = new Set(await commands.getCommands(true));
    const missing = manifest.contributes.commands.filter(({ command }) => !registered.has(command));
    assert.deepEqual(missing, []);
  });

  test('opens a .keras file in its own read-only editor', async () => {
    const model = await sample('.keras');
    await commands.executeCommand('vscode.open', model);
    await until('the editor is open', () => {
      const input = window.tabGroups.activeTabGroup.activeTab?.input;
      return input instanceof TabInputCustom && input.viewType === 'layerglass.model';
    });
  });

  test('explains a model with the input of its settings', async () => {
    const model = await sample('cat-or-dog.keras');
    const sidecar = Uri.file(`${model.fsPath}.layerglass.json`);
    const settings: object = JSON.parse(Buffer.from(await workspace.fs.readFile(sidecar)).toString());
    const lastInputs = [{ kind: 'file', path: 'cat.png' }];
    await workspace.fs.writeFile(sidecar, Buffer.from(JSON.stringify({ ...settings, lastInputs })));
    const explaining = commands.executeCommand('layerglass.explainPrediction', model);
    await until('the explain page is open', () => {
      return window.tabGroups.all.some(({ tabs }) =>
        tabs.some(
          ({ input }) => input instanceof TabInputWebview && input.viewType.endsWith('layerglass.explain'),
        ),
      );
    });
    await explaining;
  });

  test('shows hovers over layers in a model.json and in Python', async () => {
    const model = await sample('model.json');
    await commands.executeCommand('layerglass.openModel', model);
    const text = await workspace.openTextDocument(model);
    const name = /"name":\s*"(conv2d[^"]*|conv[^"]*)"/.exec(text.getText());
    assert.ok(name?.[1], 'the sample has a convolution');
    await window.showTextDocument(text);
    const at = text.positionAt(name.index + name[0].indexOf(name[1]) + 1);
    await until('the hover in the model.json names the class', async () =>
      /Conv2D/.test(await hover(model, at)),
    );

    const code = `from keras.models import load_model\nmodel.get_layer("${name[1]}")\n`;
    const python = await workspace.openTextDocument({ language: 'python', content: code });
    await window.showTextDocument(python);
    const inside = new Position(1, 'model.get_layer("'.length + 1);
    await until('the hover in Python names the class', async () =>
      /Conv2D/.test(await hover(python.uri, inside)),
    );
  });

  test('answers language models, where the editor has tools for them', async function () {
    const { lm } = vscode as unknown as { readonly lm?: LanguageModels };
    if (lm?.invokeTool === undefined) return this.skip();
    const names = lm.tools?.map(({ name }) => name).filter((name) => name.startsWith('layerglass_'));
    assert.ok(names?.includes('layerglass_inspect_model'), `tools: ${names}`);
    const model = (await sample('cat-or-dog.keras')).fsPath;
    const ask = async (name: string, input: object): Promise<unknown> => {
      const asked = { input, toolInvocationToken: undefined };
      const answer = await lm.invokeTool?.(name, asked, new CancellationTokenSource().token);
      return JSON.parse(answer?.content[0]?.value ?? '');
    };
    const inspected = await ask('layerglass_inspect_model', { model });
    assert.equal(property(inspected, 'defaultLayer'), 'vgg16/block5_conv3');
    const explained = await ask('layerglass_explain_prediction', { model, inputs: ['random:1'] });
    assert.match(String(property(explained, 'sentence')), /^Grad-CAM of class/);
    await assert.rejects(ask('layerglass_inspect_model', { model: '/etc/passwd' }), /outside the folders/);
  });

  test('keeps working after the server is restarted', async () => {
    const model = await sample('.keras');
    await commands.executeCommand('layerglass.openModel', model);
    await commands.executeCommand('layerglass.restartServer');
    await commands.executeCommand('layerglass.openModel', model);
  });
});

/** Of a newer editor. */
interface LanguageModels {
  readonly tools?: readonly { readonly name: string }[];
  invokeTool?(
    name: string,
    options: { readonly input: object; readonly toolInvocationToken: undefined },
    token: CancellationToken,
  ): Thenable<{ readonly content: readonly { readonly value?: string }[] }>;
}

const property = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;

/** A file of the opened samples with this ending. Walks the folders, because not every VS Code server includes the search. */
async function sample(ending: string): Promise<Uri> {
  const folders = (workspace.workspaceFolders ?? []).map(({ uri }) => uri);
  for (const folder of folders) {
    for (const [name] of await workspace.fs.readDirectory(folder)) {
      const uri = Uri.joinPath(folder, name);
      if (uri.path.endsWith(ending)) return uri;
      if (!name.includes('.')) folders.push(uri);
    }
  }
  assert.fail(`samples/ has no ${ending}`);
}

async function hover(uri: Uri, position: Position): Promise<string> {
  const hovers = await commands.executeCommand<Hover[]>('vscode.executeHoverProvider', uri, position);
  const contents = hovers.flatMap((one) => one.contents);
  return contents
    .map((content) => (content instanceof MarkdownString ? content.value : String(content)))
    .join('\n');
}

async function until(description: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  assert.fail(`timed out: ${description}`);
}
