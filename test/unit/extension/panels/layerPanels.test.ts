import { beforeEach, expect, test } from 'vitest';
import { LayerPanels } from '../../../../src/extension/panels/layerPanels';
import { FakeServer, fakeApp, PATH } from '../fakeApp';
import { forget, seen } from '../fakeVscode';

let panels: LayerPanels;
beforeEach(() => {
  forget();
  panels = new LayerPanels(fakeApp(new FakeServer()).app);
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
