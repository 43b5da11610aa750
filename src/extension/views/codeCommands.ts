import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { commands, type Disposable, Uri, workspace } from 'vscode';
import * as z from 'zod/mini';
import type { ModelCode } from '../../shared/compare/compareView';
import * as protocol from '../../shared/protocol';
import type { App } from '../app';
import { guarded, valueOrShow } from '../errors';
import { codeFiles } from '../models/codeFiles';
import { showPlace } from '../showPlace';
import { notify, pick } from '../ui';
import type { LayerNode } from './layersView';

const place = z.object({ line: z.number(), character: z.number() });
/** What the lenses of the server pass. */
const fileArguments = z.tuple([z.string()]);
const compareArguments = z.tuple([z.string(), z.string(), place]);

/** The lenses over model files in code, and the way from a layer to its line. */
export function registerCodeCommands(
  app: App,
  actions: {
    open(path: string): Promise<void>;
    explain(path: string): Promise<void>;
    compareWithCode(path: string, code: ModelCode): Promise<void>;
  },
): Disposable[] {
  const register = (name: string, run: (...args: unknown[]) => Promise<void>) =>
    commands.registerCommand(`layerglass.code.${name}`, guarded(run));
  return [
    register('open', (...args) => actions.open(z.parse(fileArguments, args)[0])),
    register('explain', (...args) => actions.explain(z.parse(fileArguments, args)[0])),
    register('compare', async (...args) => {
      const [path, uri, position] = z.parse(compareArguments, args);
      await actions.compareWithCode(path, { uri, position });
    }),
    commands.registerCommand(
      'layerglass.showInCode',
      guarded((node: LayerNode) => showInCode(app, node)),
    ),
  ];
}

/** Goes to the line of the workspace that builds a layer; where several do, the user chooses. */
async function showInCode(app: App, { model, row }: LayerNode): Promise<void> {
  const paths = await codeFiles();
  const names = [...new Set(model.summary.layers.map(({ name }) => name))];
  const found = valueOrShow(await app.client.ask(protocol.layerInCode, { layer: row.name, names, paths }));
  if (found === undefined) return;
  const [first, second] = found;
  if (first === undefined) {
    await notify('info', l10n.t('No code of the workspace builds a layer of the name {0}.', row.name));
    return;
  }
  const items = found.map((at) => ({
    label: basename(Uri.parse(at.uri).fsPath),
    description: l10n.t('line {0}', at.range.start.line + 1),
    detail: workspace.asRelativePath(Uri.parse(at.uri)),
    at,
  }));
  const title = l10n.t('Places That Build {0}', row.name);
  const chosen = second === undefined ? { at: first } : await pick(items, { title });
  if (chosen !== undefined) await showPlace(chosen.at);
}
