import { describe, expect, it } from 'vitest';
import { ok } from '../../../src/shared/errors';
import { indexOf, unfoldedAtFirst } from '../../../src/shared/graphView/fold';
import type { GraphContext } from '../../../src/shared/graphView/graphPage';
import { GraphLayouter } from '../../../src/shared/graphView/layout';
import type { ViewGraph } from '../../../src/shared/graphView/viewGraph';
import { box, graphOf, residual } from '../../unit/graphView/graphs';
import {
  type FakeHost,
  horizontalOverflow,
  type OpenPage,
  savedState,
  screenshot,
  visibleText,
} from '../pageHarness';
import { THEME_NAMES } from '../themes';
import { usePages } from '../usePages';
import { MODEL } from './cannedGraph';

/** All boxes are in one column, so that their places are known. */
const COLUMN = ((): ViewGraph => {
  const graph = graphOf('image > encoder/conv > encoder/norm > join > pool');
  const nodes = graph.nodes.map((node) =>
    node.label === 'join' ? { ...node, className: 'Concatenate' } : node,
  );
  return { ...graph, nodes };
})();

describe('graph page', () => {
  const openPage = usePages();

  const context = (graph: ViewGraph, layer: string | null = null): GraphContext => ({
    fileName: 'cats.keras',
    choice: { modelPath: '/models/cats.keras', layer },
    graph,
  });
  const host = (graph: ViewGraph, more: FakeHost<'graph'> = {}): FakeHost<'graph'> => ({
    ready: () => ok(context(graph)),
    retry: () => undefined,
    openLayer: () => undefined,
    mark: () => undefined,
    showLog: () => undefined,
    ...more,
  });
  const openGraph = async (graph = MODEL, options = {}, more: FakeHost<'graph'> = {}): Promise<OpenPage> => {
    const opened = await openPage('graph', host(graph, more), { width: 1300, height: 900, ...options });
    await opened.page.locator('.stage canvas[data-scale]').waitFor();
    return opened;
  };
  const names = ({ page }: OpenPage) =>
    page.locator('.nodes tbody tr').evaluateAll((rows) => rows.map((row) => row.dataset.path));
  const markedPath = ({ page }: OpenPage) =>
    page.locator('.nodes tr[aria-current]').getAttribute('data-path');
  const called = ({ calls }: OpenPage, call: string) =>
    calls.filter(({ name }) => name === call).map(({ args }) => args[0]);
  /** Where a box of the first layout is on the page, in the camera that the page starts with: all of it fits. */
  const placeOf = async ({ page }: OpenPage, graph: ViewGraph, path: string) => {
    const index = indexOf(graph);
    const layout = new GraphLayouter(index).layout(unfoldedAtFirst(index));
    const node = graph.nodes.findIndex((one) => one.path === path);
    const rect =
      layout.boxes.find((one) => one.node === node) ?? layout.frames.find((one) => one.node === node);
    const stage = await page.locator('.stage').boundingBox();
    const scale = Number(await page.locator('.stage canvas').getAttribute('data-scale'));
    if (rect === undefined || stage === null) throw new Error(`${path} is not shown`);
    return {
      x: stage.x + stage.width / 2 + (rect.x + rect.width / 2 - layout.width / 2) * scale,
      y: stage.y + (rect.y + Math.min(17, rect.height / 2)) * scale + 24,
      left: stage.x + stage.width / 2 + (rect.x - layout.width / 2) * scale,
    };
  };
  const colourAt = ({ page }: OpenPage, x: number, y: number) =>
    page.locator('.stage canvas').evaluate(
      (canvas, at) => {
        if (!(canvas instanceof HTMLCanvasElement)) throw new Error('not a canvas');
        const { left, top } = canvas.getBoundingClientRect();
        const data = canvas.getContext('2d')?.getImageData(at.x - left, at.y - top, 1, 1).data;
        return [...(data ?? [])].slice(0, 3);
      },
      { x, y },
    );

  it.each(THEME_NAMES)('renders without errors in the %s theme', async (theme) => {
    const opened = await openGraph(MODEL, { theme });
    const { page } = opened;
    await page.getByLabel('Search the graph').fill('conv');
    await page.locator('.nodes tr[data-path="join"] button').click();
    await screenshot(page, `graph-${theme}`);
    await page.setViewportSize({ width: 480, height: 800 });
    expect(await horizontalOverflow(page)).toBe(0);
    await screenshot(page, `graph-${theme}-narrow`);
  });

  it('lists every box with its class, shape and inputs', async () => {
    const opened = await openGraph();
    expect(await names(opened)).toHaveLength(MODEL.nodes.length - 2);
    const row = opened.page.locator('.nodes tr[data-path="join"]');
    const text = (await visibleText(row)).replaceAll('\t', ' ');
    for (const part of ['join', 'Concatenate', '8×8×4', 'encoder/relu, encoder@2/relu, image'])
      expect(text).toContain(part);
  });

  it('draws boxes in the colour of their class, and the background beside them', async () => {
    const opened = await openGraph(COLUMN, { theme: 'dark' });
    const place = await placeOf(opened, COLUMN, 'join');
    const [r, g, b] = await colourAt(opened, place.left - 30, place.y);
    expect([r, g, b]).toEqual([31, 31, 31]);
    // The stripe of a merging layer, half blue and half purple.
    const scale = Number(await opened.page.locator('.stage canvas').getAttribute('data-scale'));
    expect(
      await colourAt(opened, Math.round(place.left + 4.5 * scale), Math.round(place.y + 8 * scale)),
    ).toEqual([116, 138, 235]);
  });

  it('a click on a layer opens its page and marks it; on a group it folds and unfolds', async () => {
    const opened = await openGraph(COLUMN);
    const { page } = opened;
    const layer = await placeOf(opened, COLUMN, 'join');
    await page.mouse.click(layer.x, layer.y);
    await expect.poll(() => called(opened, 'openLayer')).toEqual(['join']);
    expect(await markedPath(opened)).toBe('join');
    const heading = await placeOf(opened, COLUMN, 'encoder');
    await page.mouse.click(heading.left + 40, heading.y);
    await expect.poll(() => names(opened)).toContain('encoder');
    expect(await names(opened)).not.toContain('encoder/conv');
    // A drag is no click.
    await page.mouse.move(layer.x, layer.y);
    await page.mouse.down();
    await page.mouse.move(layer.x + 80, layer.y + 40, { steps: 4 });
    await page.mouse.up();
    expect(called(opened, 'openLayer')).toEqual(['join']);
  });

  it('arrow keys follow the connections; Enter opens, Space folds', async () => {
    const opened = await openGraph();
    const { page } = opened;
    await page.locator('.stage').focus();
    for (const key of ['Home', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key);
    expect(await markedPath(opened)).toBe('encoder/conv');
    expect(await page.locator('p[role=status].hidden-text').textContent()).toContain(
      'encoder/conv, Conv2D, output 8×8×4, 40 params, inputs encoder/pad',
    );
    await page.keyboard.press('ArrowUp');
    expect(await markedPath(opened)).toBe('encoder/pad');
    await page.keyboard.press('ArrowRight');
    expect(await markedPath(opened)).toBe('other');
    await page.keyboard.press('ArrowDown');
    expect(await markedPath(opened)).toBe('encoder@2/pad');
    await page.keyboard.press('Enter');
    await expect.poll(() => called(opened, 'openLayer')).toEqual(['encoder@2/pad']);
    expect(called(opened, 'mark')).toContain('encoder/conv');
    await page.keyboard.press('Space');
    await expect.poll(() => markedPath(opened)).toBe('encoder@2');
    await page.keyboard.press('Space');
    await expect.poll(() => names(opened)).toContain('encoder@2/conv');
  });

  it('finds by name, class and shape, goes from one to the next, and unfolds what is around it', async () => {
    const opened = await openGraph();
    const { page } = opened;
    await page.getByRole('button', { name: 'Fold All', exact: true }).click();
    expect(await names(opened)).not.toContain('encoder/norm');
    const search = page.getByLabel('Search the graph');
    await search.fill('batchnorm');
    expect(await visibleText(page.locator('.found'))).toBe('2 found');
    await search.press('Enter');
    await expect.poll(() => markedPath(opened)).toBe('encoder/norm');
    await search.press('Enter');
    await expect.poll(() => markedPath(opened)).toBe('encoder@2/norm');
    expect(await visibleText(page.locator('.found'))).toBe('2 of 2');
    await search.fill('64x64x3');
    expect(await visibleText(page.locator('.found'))).toBe('2 found');
    await search.fill('nothing like it');
    expect(await visibleText(page.locator('.found'))).toBe('Nothing found');
  });

  it('zooms at the pointer, by keys and to fit', async () => {
    const { page } = await openGraph();
    const scale = async () => Number(await page.locator('.stage canvas').getAttribute('data-scale'));
    const first = await scale();
    await page.mouse.move(400, 400);
    await page.mouse.wheel(0, -300);
    await expect.poll(scale).toBeGreaterThan(first);
    await page.locator('.stage').focus();
    const near = await scale();
    await page.keyboard.press('0');
    await expect.poll(scale).toBeLessThan(near);
    const fitted = await scale();
    await page.keyboard.press('+');
    await expect.poll(scale).toBeGreaterThan(fitted);
    await page.getByRole('button', { name: 'Fit' }).click();
    await expect.poll(scale).toBe(fitted);
  });

  it('colours by parameters with a legend', async () => {
    const { page } = await openGraph();
    expect(await visibleText(page.locator('.legend'))).toContain('Convolution');
    await page.getByLabel('Colour by').selectOption('params');
    await expect.poll(() => visibleText(page.locator('.legend'))).toContain('40');
    await screenshot(page, 'graph-params');
  });

  it('colours by the memory of the activations, with a column of its own', async () => {
    const opened = await openGraph(MODEL, { width: 1440 });
    const { page } = opened;
    await page.getByLabel('Colour by').selectOption('memory');
    await page.getByRole('columnheader', { name: 'Activation memory' }).waitFor();
    // 8 x 8 x 4 values of 4 bytes.
    expect(await visibleText(page.locator('.nodes tr[data-path="join"]'))).toContain('1.02 kB');
    await page.getByRole('button', { name: 'Fold All', exact: true }).click();
    await expect.poll(() => visibleText(page.locator('.nodes tr[data-path="encoder"]'))).toContain('4.1 kB');
    await page.getByLabel('Colour by').selectOption('class');
    await expect.poll(() => page.getByRole('columnheader', { name: 'Activation memory' }).count()).toBe(0);
  });

  it('marks what is selected in the Layers view, and keeps what was unfolded', async () => {
    const opened = await openGraph();
    const { page } = opened;
    await page.getByRole('button', { name: 'Fold All', exact: true }).click();
    await opened.tell('mark', 'encoder@2/relu');
    await expect.poll(() => markedPath(opened)).toBe('encoder@2/relu');
    expect(called(opened, 'mark')).toEqual([]);
    expect(await savedState(page)).toMatchObject({
      modelPath: '/models/cats.keras',
      layer: 'encoder@2/relu',
      unfolded: ['encoder@2'],
    });
    await page.reload();
    await page.locator('.stage canvas[data-scale]').waitFor();
    expect(await names(opened)).toContain('encoder@2/conv');
    expect(await names(opened)).not.toContain('encoder/conv');
  });

  it('shows names from the file as text', async () => {
    const name = '<img src=x onerror=alert(1)>';
    const { page } = await openGraph({
      name,
      nodes: [box(name), box('b')],
      edges: [{ from: 0, output: 0, to: 1 }],
    });
    expect(await page.locator('.nodes img').count()).toBe(0);
    expect(await visibleText(page.locator('.nodes'))).toContain(name);
  });

  it('shows an error and tries again', async () => {
    let fails = true;
    const error = { kind: 'closed', message: 'The model is closed.' } as const;
    const opened = await openPage(
      'graph',
      host(MODEL, { ready: () => (fails ? { ok: false as const, error } : ok(context(MODEL))) }),
    );
    await opened.page.getByText('The model is closed.').waitFor();
    fails = false;
    await opened.page.getByRole('button', { name: 'Try Again' }).click();
    await opened.page.locator('.nodes tr').first().waitFor();
  });

  // Generous bounds: these took minutes, or overflowed the stack, when a whole level was laid out at once.
  it.each([1000, 10_000])('opens %i layers and stays usable', async (count) => {
    const opened = await openGraph(residual(count, 9));
    const { page } = opened;
    expect(await visibleText(page.locator('.bar'))).toContain(`${count.toLocaleString('en-US')} boxes`);
    await page.locator('.stage').focus();
    await page.keyboard.press('0');
    await page.getByLabel('Search the graph').fill(`layer_${count - 3}`);
    await page.keyboard.press('Enter');
    await expect.poll(() => called(opened, 'mark')).toEqual([`layer_${count - 3}`]);
    await screenshot(page, `graph-${count}`);
  });
});
