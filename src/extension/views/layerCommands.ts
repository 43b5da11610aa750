import { basename } from 'node:path';
import { commands, type Disposable, env, Range, Uri, window, workspace } from 'vscode';
import { fail } from '../../shared/errors';
import * as protocol from '../../shared/protocol';
import type { App } from '../app';
import { guarded, valueOrShow } from '../errors';
import type { SummaryActions } from '../panels/modelEditor';
import { shapeText } from '../shapeText';
import type { LayerNode } from './layersView';

/** The actions of a row in the Layers view. They need the row, so the palette does not list them. */
export function registerLayerCommands(app: App, actions: SummaryActions): Disposable[] {
  const onLayer = (command: string, run: (node: LayerNode) => Promise<void>) =>
    commands.registerCommand(`layerglass.${command}`, guarded(run));
  return [
    onLayer('explainHere', ({ model, row }) => actions.explain(model.path, row.path)),
    onLayer('showLayerValues', ({ model, row }) => actions.showLayer(model.path, row.path)),
    onLayer('showInGraph', ({ model, row }) => actions.showGraph(model.path, row.path)),
    onLayer('showInJson', ({ model, row }) => showInJson(app, model.path, row.path)),
    onLayer('copyShape', async (node) => {
      const shapes =
        node.kind === 'output' ? [node.row.outputShapes[node.index] ?? null] : node.row.outputShapes;
      await env.clipboard.writeText(shapes.map(shapeText).join(', '));
    }),
  ];
}

/** Opens the `model.json` as text with the layer's config selected. */
async function showInJson(app: App, path: string, layer: string): Promise<void> {
  const located = await app.client.ask(protocol.locateLayer, { path, layer });
  const range = valueOrShow(located);
  if (range === undefined) return;
  if (range === null) {
    fail('no-such-layer', `The config of "${layer}" was not found in ${basename(path)}.`, {
      subject: layer,
      remedy: 'Reload the model with "Layerglass: Reload Model" if the file has changed.',
    });
  }
  const document = await workspace.openTextDocument(Uri.file(path));
  const selection = new Range(range.start.line, range.start.character, range.end.line, range.end.character);
  await window.showTextDocument(document, { selection });
}
