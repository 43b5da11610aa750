import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { commands, type Disposable, Range, Uri, window, workspace } from 'vscode';
import * as z from 'zod/mini';
import * as protocol from '../../shared/protocol';
import type { CodeComparison, CodeDifference, CodePlace } from '../../shared/results/codeComparison';
import type { App } from '../app';
import { guarded, valueOrShow } from '../errors';
import { notify, pick } from '../ui';
import type { LayerNode } from './layersView';

const place = z.object({ line: z.number(), character: z.number() });
/** What the lenses of the server pass. */
const fileArguments = z.tuple([z.string()]);
const compareArguments = z.tuple([z.string(), z.string(), place]);

/** The lenses over model files in Python code. */
export function registerCodeCommands(
  app: App,
  actions: { open(path: string): Promise<void>; explain(path: string): Promise<void> },
): Disposable[] {
  const register = (name: string, run: (...args: unknown[]) => Promise<void>) =>
    commands.registerCommand(`layerglass.code.${name}`, guarded(run));
  return [
    register('open', (...args) => actions.open(z.parse(fileArguments, args)[0])),
    register('explain', (...args) => actions.explain(z.parse(fileArguments, args)[0])),
    register('compare', async (...args) => {
      const [path, uri, position] = z.parse(compareArguments, args);
      const compared = valueOrShow(await app.client.ask(protocol.compareWithCode, { path, uri, position }));
      if (compared !== undefined) await showComparison(path, compared);
    }),
    commands.registerCommand(
      'layerglass.showInCode',
      guarded((node: LayerNode) => showInCode(app, node)),
    ),
  ];
}

/** Lists the layers that differ; the chosen one is shown where the code makes it. */
async function showComparison(path: string, { layers, differences, modelAt }: CodeComparison): Promise<void> {
  const file = basename(path);
  if (differences.length === 0) {
    const text =
      layers === 1
        ? l10n.t('The layer of {0} is the one that the code builds, as far as the code says.', file)
        : l10n.t(
            'The {1} layers of {0} are those that the code builds, as far as the code says.',
            file,
            layers,
          );
    await notify('info', text);
    return;
  }
  const items = differences.map((difference) => ({
    label: difference.name,
    description: statusText(difference, file),
    detail: difference.differences.join(' · '),
    at: difference.at ?? modelAt,
  }));
  const title =
    items.length === 1
      ? l10n.t('1 layer of {0} differs from the code', file)
      : l10n.t('{1} layers of {0} differ from the code', file, items.length);
  const chosen = await pick(items, {
    title,
    placeHolder: l10n.t('From the file to the code. Select a layer to see where the code builds it.'),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (chosen?.at) await showPlace(chosen.at);
}

function statusText({ status }: CodeDifference, file: string): string {
  if (status === 'added') return l10n.t('only in the code');
  return status === 'removed' ? l10n.t('only in {0}', file) : '';
}

/** Folders of packages, whose code is not the user's. */
const PACKAGES = '**/{node_modules,site-packages,.venv,venv}/**';
const MAX_FILES = 500;

/** Goes to the line of the workspace that builds a layer; where several do, the user chooses. */
async function showInCode(app: App, { model, row }: LayerNode): Promise<void> {
  const files = await workspace.findFiles('**/*.py', PACKAGES, MAX_FILES);
  const paths = files.filter(({ scheme }) => scheme === 'file').map(({ fsPath }) => fsPath);
  const names = [...new Set(model.summary.layers.map(({ name }) => name))];
  const found = valueOrShow(await app.client.ask(protocol.layerInCode, { layer: row.name, names, paths }));
  if (found === undefined) return;
  const [first, second] = found;
  if (first === undefined) {
    await notify('info', l10n.t('No Python file of the workspace builds a layer of the name {0}.', row.name));
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

async function showPlace({ uri, range: { start, end } }: CodePlace): Promise<void> {
  const document = await workspace.openTextDocument(Uri.parse(uri, true));
  const selection = new Range(start.line, start.character, end.line, end.character);
  await window.showTextDocument(document, { selection });
}
