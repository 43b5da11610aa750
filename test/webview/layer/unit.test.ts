import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ok } from '../../../src/shared/errors';
import * as protocol from '../../../src/shared/protocol';
import { type ServerProcess, startServer, value } from '../../server/serverProcess';
import { type FakeHost, screenshot, visibleText } from '../pageHarness';
import { THEME_NAMES } from '../themes';
import { usePages } from '../usePages';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The section "One unit" of the layer page, with what the built server computes. */
describe('one unit', () => {
  const openPage = usePages();
  let server: ServerProcess | undefined;
  beforeAll(async () => {
    server = await startServer(`${ROOT}/dist/server.js`, { backend: 'wasm' });
  }, 60_000);
  afterAll(() => server?.stop());

  async function hostOf(
    model: string,
    input: string,
    layer: string,
    names: readonly string[] = [],
  ): Promise<FakeHost<'layer'>> {
    if (server === undefined) throw new Error('no server');
    const running = server;
    const { modelId, path } = value(await running.request(protocol.openModel, { path: `${ROOT}/${model}` }));
    const run = {
      inputs: [{ kind: 'file', path: `${ROOT}/${input}` } as const],
      preprocessing: { name: 'none' } as const,
    };
    const choice = { modelPath: path, layer, ...run };
    return {
      ready: () => ok({ choice, inputNames: ['input'] }),
      values: () => running.request(protocol.layerValues, { ...run, modelId, layer }),
      channels: (stage) => running.request(protocol.channels, { ...run, modelId, layer, stage }),
      tiles: (stage, slice, channels, side) =>
        running.request(protocol.channelTiles, { ...run, modelId, layer, stage, slice, channels, side }),
      channelMap: (stage, slice, channel, source) =>
        running.request(protocol.channelMap, { ...run, modelId, layer, stage, slice, channel, source }),
      trace: () => running.request(protocol.trace, { ...run, modelId, layer }),
      async openUnit(asked) {
        const unit = await running.request(protocol.openUnit, { ...run, modelId, layer, ...asked });
        return unit.ok ? ok({ unit: unit.value, names: unit.value.layer === layer ? names : [] }) : unit;
      },
      showLayer: () => undefined,
      cancel: () => undefined,
    };
  }
  const fixture = (name: string, layer: string) =>
    hostOf(`test/fixtures/units/${name}.keras`, `test/fixtures/units/${name}.npy`, layer);
  const open = async (host: FakeHost<'layer'>, options = {}) => {
    const opened = await openPage('layer', host, { height: 1100, ...options });
    const unit = opened.page.getByRole('region', { name: 'One unit' });
    // The first answer waits for the backend.
    await unit.waitFor({ timeout: 40_000 });
    await unit.scrollIntoViewIfNeeded();
    await unit.getByRole('heading', { level: 3 }).first().waitFor({ timeout: 40_000 });
    return { ...opened, unit };
  };

  it.each(THEME_NAMES)('a unit of the 612 in the %s theme', async (theme) => {
    const host = await hostOf(
      'samples/5-sigmoid/scores.keras',
      'samples/5-sigmoid/malignant.npy',
      'dense_612',
    );
    const { page, unit } = await open(host, { theme });
    await unit.getByRole('grid').waitFor();
    await screenshot(page, `unit-dense-${theme}`);
  });

  it('goes from a probability down to the input by Enter and by clicks, and back', async () => {
    const host = await hostOf('samples/5-sigmoid/scores.keras', 'samples/5-sigmoid/malignant.npy', 'dense_1');
    const { page, unit, calls } = await open(host);
    const heading = unit.getByRole('heading', { level: 3 });
    expect(await visibleText(heading)).toMatch(/^dense_1, unit 0: 1\.6\d*e-29$/);
    const rows = unit.getByRole('grid').locator('tbody').first().locator('tr');
    expect(await rows.count()).toBe(12);
    await unit.getByRole('button', { name: 'Show the 512 Largest Terms' }).click();
    await expect.poll(() => rows.count()).toBe(512);
    expect(await visibleText(unit.getByRole('grid'))).toContain('100 other terms');
    await rows.first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => visibleText(heading)).toMatch(/^dense_612, unit \d+: /);
    expect(await visibleText(unit.getByRole('grid'))).toContain('After softplus');
    await rows.first().click();
    await expect.poll(() => visibleText(heading)).toMatch(/^normalization, unit \d+: /);
    await rows.first().click();
    await expect.poll(() => visibleText(heading)).toMatch(/^measurements, unit \d+: /);
    await unit.getByText('here the way down ends').waitFor();
    const way = unit.getByRole('navigation');
    expect(await way.getByRole('listitem').count()).toBe(4);
    await screenshot(page, 'unit-way');
    await way.getByRole('button', { name: /^dense_612/ }).click();
    await expect.poll(() => visibleText(heading)).toMatch(/^dense_612/);
    expect(await way.getByRole('listitem').count()).toBe(2);
    await unit.getByRole('button', { name: 'Show This Layer' }).click();
    await expect.poll(() => calls.at(-1)).toEqual({ name: 'showLayer', args: ['dense_612'] });
  });

  it('any unit by its number, the next and the previous one, and by the name of its class', async () => {
    const model = 'test/fixtures/units/vector.keras';
    const host = await hostOf(model, 'test/fixtures/units/vector.npy', 'classes', ['cat', 'dog', 'owl']);
    const { page, unit } = await open(host);
    const heading = unit.getByRole('heading', { level: 3 });
    await unit.getByLabel('Unit', { exact: true }).fill('1');
    await unit.getByLabel('Unit', { exact: true }).press('Enter');
    await expect.poll(() => visibleText(heading)).toMatch(/^classes, unit 1 \(dog\): /);
    await unit.getByRole('button', { name: 'Next Unit' }).click();
    await expect.poll(() => visibleText(heading)).toMatch(/^classes, unit 2 \(owl\): /);
    await unit.getByRole('combobox', { name: 'Class' }).click();
    await unit.getByRole('option', { name: /cat/ }).click();
    await expect.poll(() => visibleText(heading)).toMatch(/^classes, unit 0 \(cat\): /);
    // A number that there is not becomes the nearest one.
    await unit.getByLabel('Unit', { exact: true }).fill('99');
    await unit.getByLabel('Unit', { exact: true }).press('Enter');
    await expect.poll(() => visibleText(heading)).toMatch(/^classes, unit 2 \(owl\): /);
    await screenshot(page, 'unit-classes');
  });

  it('window x kernel in place, at a position that is chosen', async () => {
    const { page, unit } = await open(await fixture('image', 'strided'));
    const heading = unit.getByRole('heading', { level: 3 });
    await unit.getByLabel('Position 0').fill('0');
    await unit.getByLabel('Position 0').press('Enter');
    await expect.poll(() => visibleText(heading)).toMatch(/^strided \[0, \d\], unit \d: /);
    await unit.getByLabel('Position 1').fill('1');
    await unit.getByLabel('Position 1').press('Enter');
    await expect.poll(() => visibleText(heading)).toMatch(/^strided \[0, 1\], unit \d: /);
    const window = unit.getByRole('table', { name: /^Window x kernel, channel \d/ });
    expect(await window.locator('td').count()).toBe(9);
    await unit.getByLabel('Channel', { exact: true }).selectOption({ index: 1 });
    await page.setViewportSize({ width: 1000, height: 1400 });
    await screenshot(page, 'unit-window');
    await page.setViewportSize({ width: 420, height: 1400 });
    await screenshot(page, 'unit-window-narrow');
    await window.getByRole('button').first().click();
    await expect.poll(() => visibleText(heading)).toMatch(/^padded \[\d, \d\], unit \d: /);
  });

  it('the gates of a recurrent cell at a step', async () => {
    const { page, unit } = await open(await fixture('recurrent', 'lstm'));
    await unit.getByLabel('Step').fill('3');
    await unit.getByLabel('Step').press('Enter');
    const heading = unit.getByRole('heading', { level: 3 });
    await expect.poll(() => visibleText(heading)).toMatch(/^lstm \[3\], unit \d: /);
    await unit.getByText('Gate forget:').click();
    const gate = unit.getByRole('grid', { name: /^Gate forget/ });
    expect(await visibleText(gate)).toContain('simple [3], unit 0');
    expect(await visibleText(gate)).toContain('lstm [2], unit 0, state before');
    await screenshot(page, 'unit-gates');
    await gate.getByRole('row', { name: /lstm \[2\], unit 0/ }).click();
    await expect.poll(() => visibleText(heading)).toMatch(/^lstm \[2\], unit 0: /);
  });

  it('the scores of a query', async () => {
    const { page, unit } = await open(await fixture('attention', 'heads'), { theme: 'high-contrast' });
    const scores = unit.getByRole('grid', { name: /^Scores of the query/ });
    await unit.getByLabel('Head').selectOption('2');
    expect(await scores.locator('tbody tr').count()).toBe(5);
    await screenshot(page, 'unit-attention');
    await scores.locator('tbody tr').first().click();
    await expect
      .poll(() => visibleText(unit.getByRole('heading', { level: 3 }).first()))
      .toMatch(/^dot \[\d\]/);
  });

  it('a value of the table of the largest values is taken apart', async () => {
    const { page, unit } = await open(await fixture('image', 'strided'));
    const [first] = await page.getByRole('table', { name: 'Largest values' }).getByRole('button').all();
    const index = (await first?.textContent()) ?? '';
    await first?.click();
    const [row, column, channel] = JSON.parse(index);
    await expect
      .poll(() => visibleText(unit.getByRole('heading', { level: 3 })))
      .toContain(`strided [${row}, ${column}], unit ${channel}: `);
  });
});
