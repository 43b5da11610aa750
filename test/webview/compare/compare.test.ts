import { describe, expect, it } from 'vitest';
import { ok } from '../../../src/shared/errors';
import {
  type FakeHost,
  horizontalOverflow,
  type OpenPage,
  savedState,
  screenshot,
  visibleText,
} from '../pageHarness';
import { THEME_NAMES, type ThemeName } from '../themes';
import { usePages } from '../usePages';
import {
  codeHost,
  compareHost,
  context,
  DIFFERENT,
  EQUAL,
  layer,
  ofCode,
  WITH_CODE,
} from './cannedComparison';

describe('page of two models', () => {
  const openPage = usePages();

  const open = async (overrides: FakeHost<'compare'> = {}, theme: ThemeName = 'dark', width = 1440) => {
    const opened = await openPage('compare', compareHost(overrides), { theme, width, height: 1000 });
    await opened.page.locator('.content[aria-busy=false]').waitFor();
    return opened;
  };
  const paths = ({ page }: OpenPage) =>
    page.locator('tr[data-path]').evaluateAll((all) => all.map((one) => one.dataset.path));
  const callsOf = ({ calls }: OpenPage, name: string) =>
    calls.filter((call) => call.name === name).map(({ args }) => args);

  it.each(THEME_NAMES)('renders without errors in the %s theme, wide and narrow', async (theme) => {
    const opened = await open({}, theme);
    await opened.page.locator('.map-canvas').nth(2).waitFor();
    await opened.page.getByRole('button', { name: 'Show Layer' }).click();
    await screenshot(opened.page, `compare-${theme}`);
    await opened.page.setViewportSize({ width: 520, height: 1000 });
    expect(await horizontalOverflow(opened.page)).toBe(0);
    await screenshot(opened.page, `compare-narrow-${theme}`);
  });

  it('names the first difference, and shows what differs in it', async () => {
    const opened = await open();
    const { page } = opened;
    expect(await visibleText(page.getByRole('status').filter({ hasText: 'part' }))).toContain(
      'Values part first in scale.',
    );
    await page.getByRole('button', { name: 'Show Layer' }).click();
    const toggle = page.getByRole('button', { name: 'scale', exact: true });
    expect(await toggle.getAttribute('aria-expanded')).toBe('true');
    expect(await toggle.evaluate((element) => element === document.activeElement)).toBe(true);
    const details = page.locator('.details-row:not([hidden])');
    expect(await visibleText(details)).toContain('scale: 0.00392156862745098 → 0.00784313725490196');
    await details.getByRole('button', { name: 'Show in B' }).click();
    await expect.poll(() => callsOf(opened, 'openLayer')).toEqual([['b', 'scale']]);
    await toggle.click();
    expect(await details.count()).toBe(0);
    expect(await savedState(page)).toEqual(context.choice);
  });

  it('lists what differs, or all layers, by words', async () => {
    const opened = await open();
    const { page } = opened;
    const differing = DIFFERENT.layers.filter(({ path }) => path !== 'image').map(({ path }) => path);
    expect(await paths(opened)).toEqual(differing);
    expect(await visibleText(page.locator('.table-tools'))).toContain('7 of 8 layers');
    await page.getByText('Only differences').click();
    await expect.poll(() => paths(opened)).toEqual(DIFFERENT.layers.map(({ path }) => path));
    await page.getByRole('searchbox').fill('dense added');
    await expect.poll(() => paths(opened)).toEqual(['extra']);
    await page.getByRole('searchbox').fill('nothing like it');
    await page.getByText('No layer matches the filter.').waitFor();
  });

  it('says status by icon and word, and opens a layer under its own path in each model', async () => {
    const opened = await open();
    const { page } = opened;
    const removed = page.locator('tr[data-path=dropout] .status');
    expect((await visibleText(removed)).trim()).toBe('removed');
    expect(await removed.locator('svg').count()).toBe(1);
    await page.getByRole('button', { name: 'classes = predictions' }).click();
    const details = page.locator('.details-row:not([hidden])');
    await details.getByRole('button', { name: 'Show in B' }).click();
    await details.getByRole('button', { name: 'Show in A' }).click();
    await expect
      .poll(() => callsOf(opened, 'openLayer'))
      .toEqual([
        ['b', 'predictions'],
        ['a', 'classes'],
      ]);
    await page.getByRole('button', { name: 'extra' }).click();
    const added = page.locator('tr[data-path=extra] + .details-row');
    expect(await visibleText(added)).toContain('Only B has this layer.');
    expect(await added.getByRole('button').count()).toBe(1);
  });

  it('shows both predictions, and both maps with their difference', async () => {
    const { page } = await open();
    const table = page.getByRole('table', { name: 'Predictions of output classes' });
    expect(await table.locator('tbody tr').allInnerTexts()).toEqual([
      expect.stringMatching(/cat\s+0\.892\s+0\.4\s+-0\.492/),
      expect.stringMatching(/dog\s+0\.108\s+0\.6\s+0\.492/),
    ]);
    await page.locator('.map-canvas').nth(2).waitFor();
    expect(await visibleText(page.locator('main'))).toContain('opposite order: rank correlation -1.');
  });

  it('compares no values without an input, and asks for one', async () => {
    const opened = await open({
      ready: () => ok({ ...context, choice: { ...context.choice, inputs: [] }, inputNames: [] }),
      compare: () => ok({ ...EQUAL, predictions: null, backend: null }),
    });
    const { page } = opened;
    await page.getByText('The models are equal: layers, arguments and weights.').waitFor();
    await page.getByText('Choose an input to compare values').waitFor();
    await page.getByText('No layer differs.').waitFor();
    expect(callsOf(opened, 'maps')).toEqual([]);
    await page.getByRole('button', { name: 'Input: choose' }).click();
    await page.getByRole('button', { name: 'Swap A and B' }).click();
    await expect
      .poll(() => [callsOf(opened, 'pickInput').length, callsOf(opened, 'swap').length])
      .toEqual([1, 1]);
    await opened.tell('setContext', { ...context, names: { a: 'web/model.json', b: 'cats.h5' } });
    await expect.poll(() => callsOf(opened, 'compare').length).toBe(2);
    expect(await visibleText(page.locator('.models'))).toMatch(/A web\/model\.json\s+B cats\.h5/);
  });

  it('shows a file beside code: neither weights nor values, and the line of a layer', async () => {
    const opened = await open(codeHost());
    const { page } = opened;
    await page.getByRole('heading', { name: 'Compare with Code' }).waitFor();
    await page.getByText('The first difference is pool.').waitFor();
    expect(await visibleText(page.locator('main'))).toContain('896 parameters, of the code not known');
    for (const name of ['Swap A and B', 'Input: choose'])
      expect(await page.getByRole('button', { name }).count()).toBe(0);
    expect(await page.getByRole('columnheader').allInnerTexts()).toEqual(['Layer', 'Class', 'Status']);
    await page.getByText('Only differences').click();
    await page.getByRole('button', { name: 'conv', exact: true }).click();
    await page.getByText('as far as the code says').waitFor();
    await page.getByRole('button', { name: 'dense', exact: true }).click();
    const details = page.locator('tr[data-path=dense] + tr');
    expect(await visibleText(details)).toContain('units: 4 → 5');
    await details.getByRole('button', { name: 'Show in Code' }).click();
    await expect.poll(() => callsOf(opened, 'openLayer')).toEqual([['b', 'dense']]);
    expect(await savedState(page)).toEqual(ofCode.choice);
  });

  it.each(THEME_NAMES)('shows a file beside code in the %s theme, wide and narrow', async (theme) => {
    const { page } = await open(codeHost(), theme);
    await page.getByRole('button', { name: 'Show Layer' }).click();
    await screenshot(page, `compare-code-${theme}`);
    await page.setViewportSize({ width: 520, height: 1000 });
    expect(await horizontalOverflow(page)).toBe(0);
    await screenshot(page, `compare-code-narrow-${theme}`);
  });

  it('compares again when the code was saved, and keeps what is filtered and unfolded', async () => {
    let found = WITH_CODE;
    const opened = await open({ ...codeHost(), compare: () => ok(found) });
    const { page } = opened;
    await page.getByRole('button', { name: 'dense', exact: true }).click();
    found = { ...WITH_CODE, layers: WITH_CODE.layers.filter(({ path }) => path !== 'pool') };
    await opened.tell('setContext', ofCode);
    await page.locator('tr[data-path=pool]').waitFor({ state: 'detached' });
    expect(callsOf(opened, 'compare')).toHaveLength(2);
    const toggle = page.getByRole('button', { name: 'dense', exact: true });
    expect(await toggle.getAttribute('aria-expanded')).toBe('true');
    expect(await toggle.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  it('says why there are no maps, and goes on after an error', async () => {
    let isBroken = true;
    const error = { kind: 'too-costly', message: 'The run is long.', remedy: 'Run it anyway.' } as const;
    const opened = await openPage(
      'compare',
      compareHost({
        compare: () => (isBroken ? { ok: false, error } : ok(EQUAL)),
        maps: () => ({ ok: false, error: { kind: 'not-applicable', message: 'No layer has positions.' } }),
      }),
    );
    await opened.page.getByRole('alert').getByText('The run is long.').waitFor();
    isBroken = false;
    await opened.page.getByRole('button', { name: 'Run Anyway' }).click();
    await opened.page.getByText('There are no heat maps to compare: No layer has positions.').waitFor();
    expect(callsOf(opened, 'retry')).toEqual([[true]]);
  });

  it('draws thousands of layers in parts', async () => {
    const layers = Array.from({ length: 1200 }, (_, i) => layer(`layer${i}`, { status: 'changed' }));
    const opened = await open({ compare: () => ok({ ...DIFFERENT, layers }) });
    expect(await paths(opened)).toHaveLength(500);
    await opened.page.getByRole('button', { name: 'Show More' }).click();
    await expect.poll(async () => (await paths(opened)).length).toBe(1000);
  });
});
