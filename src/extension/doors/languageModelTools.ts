import { basename, dirname } from 'node:path';
import * as l10n from '@vscode/l10n';
import { type Disposable, workspace } from 'vscode';
import * as z from 'zod/mini';
import * as protocol from '../../shared/protocol';
import { plain } from '../../shared/text';
import type { App } from '../app';
import { type LanguageModelTool, type NewerEditor, newerEditor, registeredIfPossible } from './newerEditor';

/** Before the names of the server's tools, as agents share one list of all extensions' tools. */
export const PREFIX = 'layerglass_';

const withModel = z.object({ model: z.string() });
const manifest = z.object({
  contributes: z.object({ languageModelTools: z.array(z.object({ name: z.string() })) }),
});

/**
 * Offers the server's tools to the editor's language models, where it has any.
 * @param packageJSON the extension's manifest, which contributes them
 */
export function registerLanguageModelTools(
  app: Pick<App, 'client' | 'models' | 'log'>,
  packageJSON: unknown,
  editor: NewerEditor = newerEditor(),
): Disposable[] {
  const { lm } = editor;
  const register = lm?.registerTool?.bind(lm);
  if (register === undefined) return [];
  const names = manifest.parse(packageJSON).contributes.languageModelTools.map(({ name }) => name);
  return names.flatMap((name) =>
    registeredIfPossible(app.log, () => register(name, toolOf(app, name, editor))),
  );
}

function toolOf(
  { client, models }: Pick<App, 'client' | 'models'>,
  name: string,
  { LanguageModelToolResult: Answer, LanguageModelTextPart: Text, LanguageModelDataPart: Data }: NewerEditor,
): LanguageModelTool {
  return {
    prepareInvocation: ({ input }) => {
      const asked = withModel.safeParse(input);
      const model = asked.success ? plain(basename(asked.data.model)) : null;
      return {
        invocationMessage:
          model === null ? l10n.t('Asking Layerglass') : l10n.t('Looking inside {0} with Layerglass', model),
      };
    },
    invoke: async ({ input }, token) => {
      const params = { tool: name.slice(PREFIX.length), input, roots: rootsOf(models.open) };
      const answer = await client.ask(protocol.callTool, params, { token });
      if (!answer.ok) {
        const { message, remedy } = answer.error;
        // Its text is what the language model reads.
        throw new Error(remedy === undefined ? message : `${message} ${remedy}`);
      }
      if (Answer === undefined || Text === undefined)
        throw new Error('This editor takes no answers of tools.');
      const { text, pictures } = answer.value;
      const images = pictures.flatMap(({ data, mimeType }) =>
        Data === undefined ? [] : [Data.image(Buffer.from(data, 'base64'), mimeType)],
      );
      return new Answer([new Text(text), ...images]);
    },
  };
}

/** What the user opened: the folders of the workspace, and those of the models that are open. */
const rootsOf = (models: readonly string[]): string[] => [
  ...(workspace.workspaceFolders ?? []).flatMap(({ uri }) => (uri.scheme === 'file' ? [uri.fsPath] : [])),
  ...models.map((path) => dirname(path)),
];
