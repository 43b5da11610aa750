import { afterEach, beforeEach, expect, it } from 'vitest';
import { registerCommands } from '../../../src/extension/commands';
import { ExplainPanels } from '../../../src/extension/panels/explainPanels';
import { GraphPanels } from '../../../src/extension/panels/graphPanels';
import { exportHeatMap } from '../../../src/shared/protocol';
import { FakeServer, fakeApp, NO_GRAPHS, PATH } from './fakeApp';
import { forget, onDisk, registered, seen, Uri } from './fakeVscode';

let server: FakeServer;
let ends: { dispose(): unknown }[] = [];

beforeEach(() => {
  forget();
  server = new FakeServer();
  const { app } = fakeApp(server);
  const panels = new ExplainPanels(app, async () => undefined);
  ends = registerCommands(app, panels, new GraphPanels(app, NO_GRAPHS));
  // Nothing is there yet to be overwritten.
  onDisk(PATH);
});
afterEach(() => {
  for (const end of ends) end.dispose();
});

it.each([
  ['a layer with a spatial extent at that layer', 'conv', 'grad-cam'],
  ['no such layer at its input', null, 'saliency'],
] as const)('Export Heat Map without an open page explains a model with %s', async (_, layer, method) => {
  server.defaultLayer = layer;
  await registered.get('layerglass.exportHeatMap')?.(Uri.file(PATH));
  expect(seen.notifications).toEqual([]);
  expect(server.last(exportHeatMap)).toMatchObject({ method, layer: 'auto', target: { index: 'auto' } });
});
