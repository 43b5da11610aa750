import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { commands, type Disposable, env, Range, Uri, window, workspace } from 'vscode';
import { fail } from '../../shared/errors';
import * as protocol from '../../shared/protocol';
import type { App } from '../app';
import { guarded, valueOrShow } from '../errors';
import type { SummaryActions } from '../panels/modelEditor';
import { shapeText } from '../shapeText';
import { type LayerNode, OPEN_LAYER } from './layersView';

/** The actions of a row in the Layers view. They need the row, so the palette does not list them. */
export function registerLayerCommands(
  app: App,
  actions: SummaryActions,
  selected: () => LayerNode | undefined,
): Disposable[] {
  const open = async ({ model, row }: LayerNode, keep: boolean): Promise<void> => {
    await actions.showLayer(model.path, row.path, { preserveFocus: !keep, keep });
  };
  const isDouble = doubleClicks();
  const onLayer = (command: string, run: (node: LayerNode) => Promise<void>) =>
    commands.registerCommand(`layerglass.${command}`, guarded(run));
  return [
    onLayer('explainHere', ({ model, row }) => actions.explain(model.path, row.path)),
    onLayer('showLayerValues', ({ model, row }) => actions.showLayer(model.path, row.path)),
    commands.registerCommand(
      OPEN_LAYER,
      guarded((node: LayerNode) => open(node, isDouble(node))),
    ),
    commands.registerCommand(
      'layerglass.keepLayer',
      guarded(async () => {
        const node = selected();
        if (node?.kind === 'layer') await open(node, true);
      }),
    ),
    onLayer('showInGraph', ({ model, row }) => actions.showGraph(model.path, row.path)),
    onLayer('showInJson', ({ model, row }) => showInJson(app, model.path, row.path)),
    onLayer('copyShape', async (node) => {
      const shapes =
        node.kind === 'output' ? [node.row.outputShapes[node.index] ?? null] : node.row.outputShapes;
      await env.clipboard.writeText(shapes.map(shapeText).join(', '));
    }),
  ];
}

/** Time between the clicks of a double click, in milliseconds; a tree reports each click on its own. */
const DOUBLE_CLICK = 500;

/** Tells whether a click on a row is the second of two. */
function doubleClicks(): (node: LayerNode) => boolean {
  let last = { path: '', time: 0 };
  return ({ model, row }) => {
    const path = `${model.path}#${row.path}`;
    const time = Date.now();
    const isSecond = last.path === path && time - last.time < DOUBLE_CLICK;
    last = { path: isSecond ? '' : path, time };
    return isSecond;
  };
}

/** Opens the `model.json` as text with the layer's config selected. */
async function showInJson(app: App, path: string, layer: string): Promise<void> {
  const located = await app.client.ask(protocol.locateLayer, { path, layer });
  const range = valueOrShow(located);
  if (range === undefined) return;
  if (range === null) {
    fail('no-such-layer', l10n.t('The config of "{0}" was not found in {1}.', layer, basename(path)), {
      subject: layer,
      remedy: l10n.t('Reload the model with "Layerglass: Reload Model" if the file has changed.'),
    });
  }
  const document = await workspace.openTextDocument(Uri.file(path));
  const selection = new Range(range.start.line, range.start.character, range.end.line, range.end.character);
  await window.showTextDocument(document, { selection });
}
