import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { registerLanguageModelTools } from '../../../../src/extension/doors/languageModelTools';
import { registerMcpServer } from '../../../../src/extension/doors/mcpServer';
import type { LanguageModelTool, McpServerProvider } from '../../../../src/extension/doors/newerEditor';
import { contributedTools } from '../../../../src/server/tools/contributed';
import * as protocol from '../../../../src/shared/protocol';
import { FakeServer, fakeApp, PATH } from '../fakeApp';
import { CancellationTokenSource, Disposable } from '../fakeVscode';

const manifest = JSON.parse(readFileSync(join(__dirname, '../../../../package.json'), 'utf8'));

class Text {
  constructor(readonly text: string) {}
}
class Answer {
  constructor(readonly content: readonly unknown[]) {}
}
const tools = new Map<string, LanguageModelTool>();
const newer = {
  lm: {
    registerTool: (name: string, tool: LanguageModelTool) => {
      tools.set(name, tool);
      return new Disposable(() => tools.delete(name));
    },
  },
  LanguageModelToolResult: Answer,
  LanguageModelTextPart: Text,
  LanguageModelDataPart: { image: (data: Uint8Array, mimeType: string) => ({ data, mimeType }) },
};
const { token } = new CancellationTokenSource();

beforeEach(() => tools.clear());

test('the manifest contributes the tools of the server; scripts/languageModelTools.mjs writes them', () => {
  expect(manifest.contributes.languageModelTools).toEqual(contributedTools());
});

test('a tool asks the server within what is open, and answers with text and pictures', async () => {
  const server = new FakeServer();
  const { app } = fakeApp(server);
  await app.models.activate(PATH);
  const pictures = [{ mimeType: 'image/png', data: Buffer.from('png').toString('base64') }];
  server.answers.set(protocol.callTool.method, { text: '{"sentence":"cat"}', pictures });
  const registered = registerLanguageModelTools(app, manifest, newer);
  expect(registered).toHaveLength(contributedTools().length);
  const input = { model: 'cat.keras' };
  const answer = await tools.get('layerglass_explain_prediction')?.invoke({ input }, token);
  expect(server.last(protocol.callTool)).toEqual({ tool: 'explain_prediction', input, roots: ['/models'] });
  expect(answer).toEqual(
    new Answer([new Text('{"sentence":"cat"}'), { data: Buffer.from('png'), mimeType: 'image/png' }]),
  );
});

test('an editor without images gets the text alone', async () => {
  const server = new FakeServer();
  server.answers.set(protocol.callTool.method, {
    text: '{}',
    pictures: [{ mimeType: 'image/png', data: '' }],
  });
  const { LanguageModelDataPart: _, ...older } = newer;
  registerLanguageModelTools(fakeApp(server).app, manifest, older);
  const answer = await tools.get('layerglass_list_methods')?.invoke({ input: {} }, token);
  expect(answer).toEqual(new Answer([new Text('{}')]));
});

test('the language model reads what went wrong and what to try', async () => {
  const server = new FakeServer();
  const { app } = fakeApp(server);
  const error = { kind: 'file-not-found', message: 'There is no file.', remedy: 'Check the path.' } as const;
  app.client.ask = async () => ({ ok: false, error });
  registerLanguageModelTools(app, manifest, newer);
  const asked = tools.get('layerglass_inspect_model')?.invoke({ input: {} }, token);
  await expect(asked).rejects.toThrow('There is no file. Check the path.');
});

test('people see which model is looked at', () => {
  registerLanguageModelTools(fakeApp(new FakeServer()).app, manifest, newer);
  const tool = tools.get('layerglass_inspect_model');
  expect(tool?.prepareInvocation({ input: { model: '/a/$(x) b.keras' } }).invocationMessage).toBe(
    'Looking inside $ (x) b.keras with Layerglass',
  );
  expect(tool?.prepareInvocation({ input: null }).invocationMessage).toBe('Asking Layerglass');
});

test('an editor without tools or servers gets none', () => {
  const { app } = fakeApp(new FakeServer());
  expect(registerLanguageModelTools(app, manifest, {})).toEqual([]);
  expect(registerMcpServer(app, '1', { lm: {} })).toEqual([]);
});

test('the bundled command line is offered as a server, started with the editor’s own Node', () => {
  const providers = new Map<string, McpServerProvider>();
  class Server {
    readonly args: readonly unknown[];
    constructor(...args: readonly unknown[]) {
      this.args = args;
    }
  }
  const registerMcpServerDefinitionProvider = (id: string, provider: McpServerProvider) => {
    providers.set(id, provider);
    return new Disposable(() => undefined);
  };
  const lm = { registerMcpServerDefinitionProvider };
  registerMcpServer(fakeApp(new FakeServer()).app, '1.2.3', { lm, McpStdioServerDefinition: Server });
  const [{ id }] = manifest.contributes.mcpServerDefinitionProviders;
  expect(providers.get(id)?.provideMcpServerDefinitions()).toEqual([
    new Server(
      'Layerglass',
      process.execPath,
      ['/extension/dist/cli.js', 'mcp'],
      { ELECTRON_RUN_AS_NODE: '1' },
      '1.2.3',
    ),
  ]);
});

test('an editor that refuses, as VS Code 1.100 does, does not keep the extension from starting', () => {
  const { app } = fakeApp(new FakeServer());
  const logged: string[] = [];
  app.log.info = (text: string) => logged.push(text);
  const refuse = () => {
    throw new Error('must be registered in modelContextServerCollections');
  };
  const lm = { registerTool: refuse, registerMcpServerDefinitionProvider: refuse };
  const editor = { ...newer, lm, McpStdioServerDefinition: class {} };
  expect(registerLanguageModelTools(app, manifest, editor)).toEqual([]);
  expect(registerMcpServer(app, '1', editor)).toEqual([]);
  expect(logged.at(-1)).toContain('modelContextServerCollections');
});
