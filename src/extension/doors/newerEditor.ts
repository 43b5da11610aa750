import * as vscode from 'vscode';

/**
 * Parts of VS Code's API that are newer than the oldest editor that is supported (tools 1.95, images in answers 1.103, servers of the
 * Model Context Protocol 1.101). Each may be missing, in other editors for good.
 */
export interface NewerEditor {
  readonly lm?: {
    registerTool?(name: string, tool: LanguageModelTool): vscode.Disposable;
    registerMcpServerDefinitionProvider?(id: string, provider: McpServerProvider): vscode.Disposable;
  };
  readonly LanguageModelToolResult?: new (content: readonly unknown[]) => object;
  readonly LanguageModelTextPart?: new (text: string) => object;
  readonly LanguageModelDataPart?: { image(data: Uint8Array, mimeType: string): object };
  readonly McpStdioServerDefinition?: new (
    label: string,
    command: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    version: string,
  ) => object;
}

export interface LanguageModelTool {
  prepareInvocation(options: { readonly input: unknown }): { readonly invocationMessage: string };
  invoke(options: { readonly input: unknown }, token: vscode.CancellationToken): Promise<object>;
}

export interface McpServerProvider {
  provideMcpServerDefinitions(): readonly object[];
}

/** The editor that this runs in. */
export const newerEditor = (): NewerEditor => vscode as unknown as NewerEditor;

/**
 * Registers with an API that may be there and yet refuse: before it was final, VS Code 1.100 threw for extensions that do not opt in.
 * @returns nothing where it refuses, which the log says
 */
export function registeredIfPossible(
  log: Pick<vscode.LogOutputChannel, 'info'>,
  register: () => vscode.Disposable,
): vscode.Disposable[] {
  try {
    return [register()];
  } catch (thrown) {
    log.info(`This editor refuses what newer ones take: ${thrown}`);
    return [];
  }
}
