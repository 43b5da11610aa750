import { describe, expect, it } from 'vitest';
import { type LayerglassError, ok } from '../../src/shared/errors';
import { colourTable } from '../../src/shared/maps/colourMaps';
import type { DrawnTrace } from '../../src/shared/results/tracing';
import { traceCsv } from '../../src/webview/layer/traceFiles';
import { channelMap, channelTiles, denseValues, layerChannels, layerChoice, layerValues } from './canned';
import { arithmetic, imageField, imageTrace, mistakes, sequenceTrace } from './cannedTraces';
import { cannedUnit } from './layer/cannedUnits';
import {
  canvasPixel,
  type FakeHost,
  horizontalOverflow,
  type PageOptions,
  screenshot,
  visibleText,
} from './pageHarness';
import { THEME_NAMES } from './themes';
import { usePages } from './usePages';

describe('where the values of a layer come from', () => {
  const openPage = usePages();
  const pooled = { ...layerValues, layer: 'global_max_pooling1d', className: 'GlobalMaxPooling1D' };
  const answer = (unit: number | null, check: number | null): DrawnTrace => ({
    trace: {
      ...sequenceTrace,
      units: sequenceTrace.units.filter((one) => unit === null || one.unit === unit),
    },
    check: check === null ? null : mistakes,
    arithmetic: unit === null ? null : arithmetic,
    effective: null,
    inputImage: null,
  });
  const copies: string[] = [];
  const host = (overrides: FakeHost<'layer'> = {}): FakeHost<'layer'> => ({
    ready: () => ok({ choice: layerChoice, inputNames: ['with-motif.fasta'] }),
    values: () => ok(pooled),
    openUnit: () => ok({ unit: cannedUnit, names: [] }),
    trace: (unit, check) => ok(answer(unit, check)),
    copy: (text) => void copies.push(text),
    channels: () => ok(layerChannels),
    tiles: (_, __, channels) => ok(channelTiles(channels)),
    channelMap: (_, __, channel) => ok(channelMap(channel)),
    cancel: () => undefined,
    retry: () => undefined,
    ...overrides,
  });
  const openOrigins = async (fakeHost = host(), options?: PageOptions) => {
    const opened = await openPage('layer', fakeHost, options);
    const section = opened.page.getByRole('region', { name: 'Where it comes from' });
    await section.getByRole('grid').waitFor();
    return { ...opened, section };
  };

  it('lists the units with their positions, windows, letters and contributions, and the sum', async () => {
    const { section } = await openOrigins();
    const rows = await section.getByRole('grid').locator('tbody tr').all();
    const texts = await Promise.all(rows.map(visibleText));
    expect(texts[0]).toMatch(
      /^11\s+3\.967321\s+11\.25\s+217\s+905\s+1467\s+and 1 more\s+217:219\s+905:907\s+1467:1469\s+CG\s+CG\s+CG/,
    );
    expect(texts[1]).toMatch(/and 7 more/);
    expect(await visibleText(section)).toContain('Sum of the contributions 7.75 + bias -2.5 = logit 5.25');
    expect(await visibleText(section)).toContain('Receptive field of conv1d: 2, stride 1, padding 0');
  });

  it('marks the windows of the unit that is selected with a click or by key', async () => {
    const { page, section } = await openOrigins();
    const strip = section.getByRole('img');
    expect(await strip.getAttribute('aria-label')).toBe(
      'Windows of unit 11 on the input sequence: 217:219; 905:907; 1467:1469; 1601:1603',
    );
    expect(await strip.locator('rect').count()).toBe(4);
    await section.getByRole('row', { name: /^0/ }).click();
    await expect.poll(() => strip.locator('rect').count()).toBe(1);
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await expect.poll(() => strip.getAttribute('aria-label')).toContain('unit 3');
    expect(await section.locator('tr[aria-selected=true]').count()).toBe(1);
    const visible = await strip.locator('rect').evaluate((rect) => rect.getBoundingClientRect().width > 0);
    expect(visible).toBe(true);
  });

  it('shows the arithmetic of the selected unit', async () => {
    const { section, calls } = await openOrigins();
    await section.getByRole('button', { name: 'Show the Arithmetic' }).click();
    const table = section.getByRole('table', { name: 'Arithmetic' });
    await table.waitFor();
    expect(calls.findLast(({ name }) => name === 'trace')?.args).toEqual([11, null]);
    const text = await visibleText(table);
    expect(text).toMatch(/0\s+1\s+1\s+2\.345678\s+2\.345678/);
    expect(text).toMatch(/Bias, counted once\s+0\.0186/);
    expect(text).toMatch(/Sum\s+3\.967321/);
    expect(text).toMatch(/relu\(sum\)\s+3\.967321\s+global_max_pooling1d\s+3\.967321/);
    await section.getByRole('button', { name: 'Hide the Arithmetic' }).click();
    expect(await table.isVisible()).toBe(false);
  });

  it('compares a number with the usual mistakes', async () => {
    const { section, calls } = await openOrigins();
    const field = section.getByRole('searchbox', { name: 'Check my number for unit 11' });
    await field.fill('four');
    await section.getByRole('button', { name: 'Check' }).click();
    await section.getByText('Type a number').waitFor();
    expect(calls.filter(({ name }) => name === 'trace')).toHaveLength(1);
    await field.fill('4.097521');
    await field.press('Enter');
    await section.getByText('It fits: The bias is counted 8 times instead of once.').waitFor();
    expect(calls.findLast(({ name }) => name === 'trace')?.args).toEqual([11, 4.097521]);
    const rows = section.getByRole('table', { name: /^Usual mistakes/ }).locator('tbody tr');
    expect(await visibleText(rows.nth(1))).toMatch(/No mistake.*\s+3\.967321\s+0\.1302/);
    await section.getByRole('row', { name: /^3/ }).click();
    expect(await rows.first().isVisible()).toBe(false);
  });

  it('copies all units', async () => {
    const { section } = await openOrigins();
    await section.getByRole('button', { name: 'Copy as CSV' }).click();
    await section.getByText('Copied 3 units as CSV.').waitFor();
    expect(copies.at(-1)).toBe(traceCsv(sequenceTrace));
    await section.getByRole('button', { name: 'Copy as JSON' }).click();
    await section.getByText('Copied 3 units as JSON.').waitFor();
    expect(JSON.parse(copies.at(-1) ?? '')).toMatchObject({ read: 'conv1d', logit: 5.25 });
  });

  it.each([
    ['its own pixels', imageTrace, [0, 1, 2]],
    ['an empty frame', { ...imageTrace, inputImage: null }, null],
  ] as const)('draws a window over an image with %s', async (_, drawn, pixel) => {
    const { page, section } = await openOrigins(
      host({ values: () => ok(layerValues), trace: () => ok(drawn) }),
    );
    const rect = section.locator('svg rect');
    expect(
      await rect.evaluate((one) => ['x', 'y', 'width', 'height'].map((key) => one.getAttribute(key))),
    ).toEqual(['0', '16', '24', '48']);
    const canvas = section.locator('canvas');
    expect(await canvas.isVisible()).toBe(pixel !== null);
    if (pixel) expect(await canvasPixel(page, '.origins canvas', 0, 0)).toEqual(pixel);
    const box = await section.locator('.input-box').boundingBox();
    expect(box?.width).toBeCloseTo(box?.height ?? 0, 0);
    await screenshot(page, `origins-image-${pixel === null ? 'frame' : 'pixels'}`);
  });

  it('draws the effective receptive field over the input, with the theoretical window around it', async () => {
    const { page, section, calls } = await openOrigins(
      host({
        values: () => ok(layerValues),
        trace: () => ok(imageTrace),
        effectiveField: () => ok({ ...imageTrace, effective: imageField }),
      }),
    );
    const pixel = (x: number, y: number) => canvasPixel(page, '.origins canvas', x, y);
    const before = await pixel(10, 40);
    await section.getByRole('button', { name: 'Show the Effective Receptive Field' }).click();
    await section
      .getByText('the gradient of the value exceeds 4.55 % of its largest size within 38:43 x 8:13 of image.')
      .waitFor();
    expect(calls.at(-1)).toMatchObject({ name: 'effectiveField', args: [17] });
    const inferno = colourTable('inferno');
    const blended = (colour: ArrayLike<number>, below: readonly number[]) =>
      below.map((value, i) => Math.round(value * 0.25 + (colour[i] ?? 0) * 0.75));
    expect(await pixel(10, 40)).toEqual(blended(inferno.subarray(765, 768), before));
    expect(await pixel(0, 0)).toEqual(blended(inferno.subarray(0, 3), [0, 1, 2]));
    const rect = section.locator('svg rect');
    expect(await rect.evaluate((one) => getComputedStyle(one).fillOpacity)).toBe('0');
    await screenshot(page, 'origins-effective-field');
    await section.getByRole('button', { name: 'Hide the Effective Receptive Field' }).click();
    expect(await pixel(10, 40)).toEqual(before);
    expect(await section.getByText('exceeds 4.55 %').count()).toBe(0);
  });

  it('is left out for layers of other kinds', async () => {
    const { page, calls } = await openPage('layer', host({ values: () => ok(denseValues) }));
    await page.getByRole('heading', { name: 'Statistics' }).waitFor();
    expect(await page.getByRole('region', { name: 'Where it comes from' }).count()).toBe(0);
    expect(calls.some(({ name }) => name === 'trace')).toBe(false);
  });

  it('says why a layer cannot be traced, and offers to repeat a request that was cancelled', async () => {
    const error: LayerglassError = {
      kind: 'not-applicable',
      message: 'No positions.',
      remedy: 'Choose a pooling.',
    };
    const refused = await openPage('layer', host({ trace: () => ({ ok: false, error }) }));
    await refused.page.getByText('No positions. Choose a pooling.').waitFor();
    expect(await refused.page.getByRole('alert').isVisible()).toBe(false);

    const cancelled: LayerglassError = { kind: 'cancelled', message: 'Cancelled.' };
    let asked = 0;
    const trace = () => {
      asked += 1;
      return asked === 1 ? ({ ok: false, error: cancelled } as const) : ok(answer(null, null));
    };
    const { page } = await openPage('layer', host({ trace }));
    await page.getByRole('button', { name: 'Try Again' }).click();
    await page.getByRole('grid', { name: /^Units/ }).waitFor();
  });

  it('ignores a check that arrives after another unit was selected', async () => {
    let settle = () => {};
    const trace = (unit: number | null, check: number | null) =>
      check === null
        ? ok(answer(unit, check))
        : new Promise<ReturnType<typeof ok<DrawnTrace>>>((done) => {
            settle = () => done(ok(answer(unit, check)));
          });
    const { page, section } = await openOrigins(host({ trace }));
    const field = section.getByRole('searchbox');
    await field.fill('4');
    await field.press('Enter');
    await section.getByText('Comparing…').waitFor();
    await section.getByRole('row', { name: /^3/ }).click();
    settle();
    await page.waitForTimeout(100);
    expect(await section.getByText('It fits').count()).toBe(0);
  });

  it.each([...THEME_NAMES.map((theme) => ({ theme, width: 1100 })), { theme: 'dark' as const, width: 320 }])(
    'fits into the page ($theme, $width px)',
    async ({ theme, width }) => {
      const { page, section, errors } = await openOrigins(host(), { theme, width });
      await section.getByRole('button', { name: 'Show the Arithmetic' }).click();
      await section.getByRole('table', { name: 'Arithmetic' }).waitFor();
      await section.getByRole('searchbox').fill('4.097521');
      await section.getByRole('searchbox').press('Enter');
      await section.getByText('It fits').waitFor();
      expect(await horizontalOverflow(page)).toBe(0);
      expect(errors).toEqual([]);
      await screenshot(page, `origins-${theme}-${width}`);
    },
  );
});
