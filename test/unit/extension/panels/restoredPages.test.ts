import { beforeEach, describe, expect, test } from 'vitest';
import type { WebviewPanelSerializer } from 'vscode';
import type { App } from '../../../../src/extension/app';
import { CheckpointsPanels } from '../../../../src/extension/panels/checkpoints/checkpointsPanels';
import { ComparePanels } from '../../../../src/extension/panels/compare/comparePanels';
import { ExplainPanels } from '../../../../src/extension/panels/explainPanels';
import { GalleryPanels } from '../../../../src/extension/panels/galleryPanels';
import { GraphPanels } from '../../../../src/extension/panels/graphPanels';
import { HealthPanels } from '../../../../src/extension/panels/healthPanels';
import { initialChoice } from '../../../../src/extension/panels/initialChoice';
import { LayerPanels } from '../../../../src/extension/panels/layerPanels';
import { ALL_INPUTS } from '../../../../src/shared/gallery/galleryFilter';
import { channels, listInputs } from '../../../../src/shared/protocol';
import { FakeServer, fakeApp, NO_GRAPHS, PATH } from '../fakeApp';
import { FakePanel, forget } from '../fakeVscode';

/** Tabs of a window that was reloaded: VS Code restores one in the background only when it is shown. */

let server: FakeServer;
let app: App;
beforeEach(() => {
  forget();
  server = new FakeServer();
  app = fakeApp(server).app;
});

const RUN = { inputs: [{ kind: 'random', seed: 1 }], preprocessing: { name: 'none' } } as const;
const NO_LAYERS = { defaultLayer: null, attentionLayers: [], layers: [] };
const CHECKPOINTS = {
  ...{ folder: '/models', modelPath: PATH, ...RUN, method: 'grad-cam', layer: 'auto' },
  ...{ target: 'auto', label: null, isOneScale: false },
};

async function restore(panels: WebviewPanelSerializer, state: unknown): Promise<FakePanel> {
  const tab = new FakePanel('restored');
  await panels.deserializeWebviewPanel(tab as never, state);
  return tab;
}

describe('a tab that is restored after another page of the same was opened', () => {
  test.each<[string, () => WebviewPanelSerializer, unknown]>([
    [
      'explain',
      () => new ExplainPanels(app, async () => undefined),
      initialChoice(PATH, { layers: NO_LAYERS }, RUN),
    ],
    ['health', () => new HealthPanels(app, () => undefined), { modelPath: PATH, ...RUN }],
    ['gallery', () => new GalleryPanels(app, async () => undefined), { modelPath: PATH, filter: ALL_INPUTS }],
    ['graph', () => new GraphPanels(app, NO_GRAPHS), { modelPath: PATH, layer: null }],
    ['checkpoints', () => new CheckpointsPanels(app, async () => undefined), CHECKPOINTS],
    [
      'compare',
      () => new ComparePanels(app, () => undefined),
      { modelPath: PATH, otherPath: '/models/dog.keras', ...RUN },
    ],
  ])('leads to that page (%s)', async (_, make, state) => {
    server.answers.set(listInputs.method, { inputs: [], found: 0, notices: [], version: '1' });
    const panels = make();
    const first = await restore(panels, state);
    expect(first.isDisposed).toBe(false);
    const second = await restore(panels, state);
    expect([first.isDisposed, second.isDisposed]).toEqual([false, true]);
    expect([first.revealed, second.revealed]).toEqual([1, 0]);
  });
});

describe('a tab that is restored later', () => {
  const layer = { modelPath: PATH, layer: 'conv' };

  test('follows the target that was explained since on its input', async () => {
    const panels = new LayerPanels(app);
    app.runs.setExplained(PATH, RUN, { index: 4 });
    const page = await restore(panels, { ...layer, ...RUN, target: { index: 1 } });
    await page.call('channels', 'post', true);
    expect(server.last(channels)).toMatchObject({ layer: 'conv', target: { index: 4 } });
    app.runs.setExplained(PATH, RUN, { index: 5 });
    await page.call('channels', 'post', true);
    expect(server.last(channels)).toMatchObject({ target: { index: 5 } });
  });

  test('keeps its target if another input was explained', async () => {
    const inputs = [{ kind: 'random', seed: 2 }] as const;
    app.runs.setExplained(PATH, { ...RUN, inputs }, { index: 4 });
    const page = await restore(new LayerPanels(app), { ...layer, ...RUN, target: { index: 1 } });
    await page.call('channels', 'post', true);
    expect(server.last(channels)).toMatchObject({ inputs: RUN.inputs, target: { index: 1 } });
  });

  test('takes the input of the run if it had none', async () => {
    app.runs.setExplained(PATH, RUN, { index: 4 });
    const page = await restore(new LayerPanels(app), { ...layer, ...RUN, inputs: [] });
    await page.call('channels', 'post', true);
    expect(server.last(channels)).toMatchObject({ inputs: RUN.inputs, target: { index: 4 } });
  });

  test('marks the layer that was selected since, where it is a graph', async () => {
    const panels = new GraphPanels(app, NO_GRAPHS);
    panels.mark(PATH, 'dense');
    const page = await restore(panels, { modelPath: PATH, layer: 'conv' });
    expect(await page.call('ready')).toMatchObject({ value: { choice: { layer: 'dense' } } });
  });
});
