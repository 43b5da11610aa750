import { type Disposable, Uri } from 'vscode';
import type { App } from '../app';
import { type NewerEditor, newerEditor, registeredIfPossible } from './newerEditor';

/** As `contributes.mcpServerDefinitionProviders` has it. */
const PROVIDER = 'layerglass.mcp';

/**
 * Lets the editor start the bundled command line as a server of the Model Context Protocol, where it can, with the Node that the
 * extension host runs on. The folders that it may read are those that the editor names: the workspace's.
 */
export function registerMcpServer(
  { extensionUri, log }: Pick<App, 'extensionUri' | 'log'>,
  version: string,
  editor: NewerEditor = newerEditor(),
): Disposable[] {
  const { lm, McpStdioServerDefinition: Server } = editor;
  if (lm?.registerMcpServerDefinitionProvider === undefined || Server === undefined) return [];
  const cli = Uri.joinPath(extensionUri, 'dist', 'cli.js').fsPath;
  const provideMcpServerDefinitions = () => [
    // Without the variable, VS Code's executable would open a window.
    new Server('Layerglass', process.execPath, [cli, 'mcp'], { ELECTRON_RUN_AS_NODE: '1' }, version),
  ];
  const register = lm.registerMcpServerDefinitionProvider.bind(lm, PROVIDER, { provideMcpServerDefinitions });
  return registeredIfPossible(log, register);
}
