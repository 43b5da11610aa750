import { beforeEach, expect, test } from 'vitest';
import type { App } from '../../../../src/extension/app';
import { LayerPanels } from '../../../../src/extension/panels/layerPanels';
import { channels } from '../../../../src/shared/protocol';
import { FakeServer, fakeApp, PATH } from '../fakeApp';
import { forget, seen } from '../fakeVscode';

let panels: LayerPanels;
let server: FakeServer;
let app: App;
beforeEach(() => {
  forget();
  server = new FakeServer();
  app = fakeApp(server).app;
  panels = new LayerPanels(app);
});

test('the next layer is shown on the same page, unless the page was kept', async () => {
  await panels.showLayer(PATH, 'conv', { preserveFocus: true });
  await panels.showLayer(PATH, 'dense');
  expect(seen.panels.map(({ title }) => title)).toEqual([expect.stringContaining('dense')]);
  await panels.showLayer(PATH, 'dense', { keep: true });
  expect(seen.panels).toHaveLength(1);
  await panels.showLayer(PATH, 'conv');
  await panels.showLayer(PATH, 'pool');
  expect(seen.panels.map(({ title }) => title)).toEqual([
    expect.stringContaining('dense'),
    expect.stringContaining('pool'),
  ]);
});

test('channels are sorted for the target that the layer was opened with, until another layer comes from elsewhere', async () => {
  const choice = { modelPath: PATH, layer: 'conv', inputs: [], preprocessing: { name: 'none' } } as const;
  panels.show({ ...choice, target: { index: 3, output: 1 } });
  const [page] = seen.panels;
  await page?.call('channels', 'post', false);
  expect(server.last(channels)).not.toHaveProperty('target');
  await page?.call('channels', 'post', true);
  expect(server.last(channels)).toMatchObject({ layer: 'conv', target: { index: 3, output: 1 } });
  panels.show({ ...choice, layer: 'dense' });
  await page?.call('channels', 'post', true);
  expect(server.last(channels)).toMatchObject({ layer: 'dense' });
  expect(server.last(channels)).not.toHaveProperty('target');
});

test('a page follows the target that is explained later on its input, and no other', async () => {
  const run = { inputs: [{ kind: 'random', seed: 1 }], preprocessing: { name: 'none' } } as const;
  panels.show({ modelPath: PATH, layer: 'conv', ...run });
  const [page] = seen.panels;
  app.runs.setExplained(PATH, run, { index: 4 });
  await page?.call('channels', 'post', true);
  expect(server.last(channels)).toMatchObject({ layer: 'conv', target: { index: 4 } });
  app.runs.setExplained(PATH, { ...run, inputs: [{ kind: 'random', seed: 2 }] }, { index: 5 });
  await page?.call('channels', 'post', true);
  expect(server.last(channels)).toMatchObject({ target: { index: 4 } });
  app.runs.setExplained(PATH, run, { index: 6 });
  await panels.showLayer(PATH, 'dense');
  await page?.call('channels', 'post', true);
  expect(server.last(channels)).toMatchObject({ layer: 'dense', target: { index: 6 } });
});
