import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { ok } from '../../../src/shared/errors';
import type { LayerChannels } from '../../../src/shared/results/channels';
import {
  bytes,
  channelMap,
  channelRanges,
  channelTiles,
  floats,
  layerChannels,
  layerChoice,
  layerValues,
} from '../canned';
import { imageTrace } from '../cannedTraces';
import {
  canvasPixel,
  type FakeHost,
  horizontalOverflow,
  type PageOptions,
  savedState,
  screenshot,
  visibleText,
} from '../pageHarness';
import { THEME_NAMES } from '../themes';
import { usePages } from '../usePages';
import { cannedUnit } from './cannedUnits';

/** The ends of the colour map `greys`. */
const FIRST = [0, 0, 0];
const LAST = [255, 255, 255];

describe('channels of the layer page', () => {
  const openPage = usePages();
  const host = (overrides: FakeHost<'layer'> = {}): FakeHost<'layer'> => ({
    ready: () => ok({ choice: layerChoice, inputNames: ['cat.png'] }),
    values: () => ok(layerValues),
    trace: () => ok(imageTrace),
    openUnit: () => ok({ unit: cannedUnit, names: [] }),
    channels: () => ok(layerChannels),
    tiles: (_, __, channels) => ok(channelTiles(channels)),
    channelMap: (_, __, channel) => ok(channelMap(channel)),
    ...overrides,
  });
  const openLayer = async (fakeHost = host(), options?: PageOptions) => {
    const opened = await openPage('layer', fakeHost, options);
    await opened.page.getByRole('heading', { name: 'Statistics' }).waitFor();
    return opened;
  };
  const section = (page: Page) => page.getByRole('region', { name: 'Channels' });
  const tile = (page: Page, channel: number) =>
    section(page).getByRole('button', { name: new RegExp(`^(Channel|Head) ${channel}:`) });
  const pixel = async (page: Page, channel: number, x: number, y: number) =>
    canvasPixel(page, `.tile[aria-label^="Channel ${channel}:"] canvas`, x, y);
  const captions = (page: Page) =>
    section(page)
      .locator('.tile-caption span:first-child')
      .evaluateAll((all) => all.slice(0, 3).map(({ textContent }) => textContent));
  const choose = (page: Page, label: string, value: string) =>
    section(page).getByLabel(label).selectOption(value);

  it('2,048 of them are fetched and drawn as they are scrolled to', async () => {
    const many = { ...layerChannels, total: 2048, described: 2048, ranges: channelRanges(2048) };
    const { page, calls } = await openLayer(host({ channels: () => ok(many) }));
    await tile(page, 0).waitFor();
    const items = page.locator('.tiles li');
    expect(await items.count()).toBeLessThan(200);
    const frame = page.locator('.tiles-frame');
    await frame.evaluate((element) => element.scrollTo({ top: element.scrollHeight }));
    await tile(page, 2047).waitFor();
    expect(await items.count()).toBeLessThan(200);
    expect(await items.last().getAttribute('aria-posinset')).toBe('2048');
    await choose(page, 'Colours', 'greys');
    await expect.poll(() => pixel(page, 2047, 0, 0)).toEqual(FIRST);
    expect(await pixel(page, 2047, 13, 13)).toEqual(LAST);
    const fetched = calls.flatMap(({ name, args }) => (name === 'tiles' ? (args[2] as number[]) : []));
    expect(fetched.length).toBeLessThan(500);
    expect(new Set(fetched).size).toBe(fetched.length);
    await frame.scrollIntoViewIfNeeded();
    await screenshot(page, 'layer-channels-2048');
  });

  it('another order, scale or colour map is drawn without asking, and outlasts a reload', async () => {
    const { page, calls } = await openLayer();
    await tile(page, 63).waitFor();
    const before = calls.length;
    await choose(page, 'Colours', 'greys');
    expect(await pixel(page, 5, 0, 0)).toEqual(FIRST);
    expect(await pixel(page, 5, 13, 13)).toEqual(LAST);
    await choose(page, 'Scale', 'shared');
    // Channel 5 ends at 0.78 of the 8.32 of all channels, channel 63 has all of them.
    const [grey = 0] = await pixel(page, 5, 13, 13);
    expect(grey).toBeLessThan(60);
    expect(await pixel(page, 63, 13, 13)).toEqual(LAST);
    expect(await visibleText(page.locator('.scale-legend'))).toMatch(/^0\s*8\.32$/);
    await choose(page, 'Sort by', 'maximum');
    expect(await captions(page)).toEqual(['63', '62', '61']);
    await choose(page, 'Sort by', 'mean');
    expect(await captions(page)).toEqual(['0', '1', '2']);
    expect(calls.length).toBe(before);
    expect(await savedState(page)).toMatchObject({ colourMap: 'greys', sort: 'mean', isShared: true });
    await page.reload();
    await tile(page, 0).waitFor();
    await expect.poll(() => pixel(page, 63, 13, 13)).toEqual(LAST);
    expect((await pixel(page, 5, 13, 13))[0]).toBe(grey);
  });

  it('are sorted by what they add to the prediction, which is asked for when it is chosen', async () => {
    const sums = floats([64], (channel) => -Math.abs(channel - 40));
    const attribution = { target: 'class 3 (cat)', sums };
    const { page, calls } = await openLayer(
      host({ channels: (_, asked) => ok({ ...layerChannels, attribution: asked ? attribution : null }) }),
    );
    await tile(page, 0).waitFor();
    await choose(page, 'Sort by', 'attribution');
    await expect.poll(() => captions(page)).toEqual(['40', '39', '41']);
    expect(calls.filter(({ name }) => name === 'channels').map(({ args }) => args[1])).toEqual([false, true]);
    const said = section(page).getByText('Sorted by gradient x activation for class 3 (cat), largest first.');
    expect(await said.isVisible()).toBe(true);
    for (const theme of THEME_NAMES) {
      const { page: other } = await openLayer(
        host({ channels: () => ok({ ...layerChannels, attribution }) }),
        {
          theme,
        },
      );
      await choose(other, 'Sort by', 'attribution');
      await screenshot(other, `layer-channels-sorted-${theme}`);
    }
    await choose(page, 'Sort by', 'index');
    expect(await said.isVisible()).toBe(false);
  });

  it('follow the target that is explained later, where they are sorted by what they add to its score', async () => {
    let attribution = { target: 'class 3 (cat)', sums: floats([64], (channel) => -Math.abs(channel - 40)) };
    const opened = await openLayer(
      host({ channels: (_, asked) => ok({ ...layerChannels, attribution: asked ? attribution : null }) }),
    );
    const { page } = opened;
    const asked = () => opened.calls.filter(({ name }) => name === 'channels').length;
    await choose(page, 'Sort by', 'attribution');
    await expect.poll(() => captions(page)).toEqual(['40', '39', '41']);
    attribution = { target: 'class 1 (dog)', sums: floats([64], (channel) => -Math.abs(channel - 20)) };
    const target = { index: 1 } as const;
    await opened.tell('setTarget', { ...layerChoice, target });
    await expect.poll(() => captions(page)).toEqual(['20', '19', '21']);
    await section(page).getByText('Sorted by gradient x activation for class 1 (dog)').waitFor();
    expect(await savedState(page)).toMatchObject({ target });
    // Another order does not depend on the target: nothing is asked for until the order does.
    await choose(page, 'Sort by', 'index');
    const before = asked();
    attribution = { target: 'class 3 (cat)', sums: floats([64], (channel) => -Math.abs(channel - 40)) };
    await opened.tell('setTarget', { ...layerChoice, target: { index: 3 } });
    await expect.poll(() => savedState(page)).toMatchObject({ target: { index: 3 } });
    expect(asked()).toBe(before);
    await choose(page, 'Sort by', 'attribution');
    await expect.poll(() => captions(page)).toEqual(['40', '39', '41']);
  });

  it('shows those before the activation, and still does after a reload', async () => {
    const channels = (stage: LayerChannels['stage']) => ok({ ...layerChannels, stage });
    const { page, calls } = await openLayer(host({ channels }));
    await tile(page, 0).waitFor();
    await section(page).getByText('Before', { exact: true }).click();
    const lastStage = () => calls.findLast(({ name }) => name === 'tiles')?.args[0];
    await expect.poll(lastStage).toBe('pre');
    await page.reload();
    await tile(page, 0).waitFor();
    expect(calls.findLast(({ name }) => name === 'channels')?.args).toEqual(['pre', false]);
    await expect.poll(lastStage).toBe('pre');
    expect(await savedState(page)).toMatchObject(layerChoice);
  });

  it('one is enlarged, with the value under the pointer and what it sees of the input', async () => {
    const { page, calls } = await openLayer();
    await tile(page, 0).waitFor();
    await page.locator('.tiles .tile').first().focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const view = page.getByRole('region', { name: 'One channel' });
    await view.getByRole('heading', { name: 'Channel 1: 0 to 0.26' }).waitFor();
    const canvas = view.locator('.pixel-frame canvas:visible');
    const { width = 0, height = 0 } = (await canvas.boundingBox()) ?? {};
    await canvas.hover({ position: { x: (2.5 / 14) * width, y: (1.5 / 14) * height } });
    // Row 1, column 2 of channel 1 has the byte 37.
    expect(await visibleText(view.locator('.pixel-value:visible'))).toBe(
      `row 1, column 2: ${Number(((37 / 254) * 0.26).toPrecision(4))}`,
    );
    const window = view.locator('.window');
    // 1 * 4 - 3 to 11 down, 2 * 4 - 3 to 15 across.
    const box = await window.evaluate((mark) =>
      ['x', 'y', 'width', 'height'].map((name) => Number(mark.getAttribute(name))),
    );
    expect(box).toEqual([5, 1, 10, 10]);
    await view.getByText('Sees 1:11, 5:15 of the input image.').waitFor();
    await canvas.focus();
    await page.keyboard.press('ArrowRight');
    expect(await visibleText(view.locator('.pixel-value:visible'))).toMatch(/^row 1, column 3/);
    for (const theme of THEME_NAMES) {
      const { page: other } = await openLayer(host(), { theme });
      await tile(other, 3).click();
      await other.locator('.pixel-frame canvas:visible').hover({ position: { x: 40, y: 40 } });
      await screenshot(other, `layer-channel-${theme}`);
    }
    await view.getByRole('button', { name: 'Next' }).click();
    await view.getByRole('heading', { name: 'Channel 2: 0 to 0.39' }).waitFor();
    // The input was sent once.
    expect(calls.filter(({ name }) => name === 'channelMap').map(({ args }) => args[3])).toEqual([
      true,
      false,
    ]);
    await canvas.focus();
    await page.keyboard.press('Escape');
    expect(await view.isVisible()).toBe(false);
  });

  it('a cell of the grid that is pointed at marks what it sees of the input', async () => {
    for (const theme of THEME_NAMES) {
      const { page, calls } = await openLayer(host(), { theme });
      const image = tile(page, 1).locator('canvas');
      await image.waitFor();
      await image.scrollIntoViewIfNeeded();
      const { width = 0, height = 0 } = (await image.boundingBox()) ?? {};
      const hover = (row: number, column: number) =>
        image.hover({ position: { x: ((column + 0.5) / 14) * width, y: ((row + 0.5) / 14) * height } });
      const card = page.locator('.field-card');
      await hover(1, 2);
      await card.getByText('Channel 1, row 1, column 2').waitFor();
      await card.getByText('Sees 1:11, 5:15 of the input image.').waitFor();
      await hover(2, 2);
      await card.getByText('Sees 5:15, 5:15 of the input image.').waitFor();
      expect(await card.locator('.window').getAttribute('y')).toBe('5');
      await screenshot(page, `layer-cell-${theme}`);
      // The input was sent once.
      expect(calls.filter(({ name }) => name === 'channelMap')).toHaveLength(1);
      await page.getByRole('heading', { level: 1 }).hover();
      await card.waitFor({ state: 'hidden' });
    }
  });

  it('a channel that is opened while the pointer moves is not cancelled', async () => {
    let answer: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const { page, calls } = await openLayer(
      host({
        channelMap: async (_, __, channel) => {
          await waiting;
          return ok(channelMap(channel));
        },
      }),
    );
    const image = tile(page, 1).locator('canvas');
    await page.locator('.tiles .tile').first().focus();
    await page.keyboard.press('Enter');
    await image.hover({ position: { x: 20, y: 20 } });
    await image.hover({ position: { x: 30, y: 30 } });
    answer();
    await page.getByRole('heading', { name: 'Channel 0: 0 to 0.13' }).waitFor();
    expect(calls.filter(({ name }) => name === 'channelMap').map(({ args }) => args[2])).toEqual([0]);
  });

  it('of a volume are shown by slice', async () => {
    const volume = { ...layerChannels, slices: 6 };
    const { page, calls } = await openLayer(host({ channels: () => ok(volume) }));
    await tile(page, 0).waitFor();
    const slice = section(page).getByLabel('Slice');
    expect(await slice.inputValue()).toBe('3');
    await slice.fill('5');
    await expect.poll(() => calls.findLast(({ name }) => name === 'tiles')?.args[1]).toBe(5);
    await tile(page, 0).click();
    await page.getByRole('heading', { name: 'Channel 0, slice 5: 0 to 0.13' }).waitFor();
  });

  it('of a layer without positions are bars', async () => {
    const units: LayerChannels = {
      ...{ kind: 'units', stage: 'post', stages: ['pre', 'post'], total: 1000, described: 1000 },
      ...{ rows: 1, columns: 1, slices: 1, attribution: null },
      ranges: floats([3, 1000], (i) => Math.sin((i % 1000) / 9) * (i % 1000)),
    };
    const { page, calls } = await openLayer(host({ channels: () => ok(units) }));
    const chart = section(page).getByRole('img');
    await chart.waitFor();
    await chart.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    expect(await visibleText(section(page).locator('.pixel-value:visible'))).toBe(
      `Unit 1: ${Number(Math.sin(1 / 9).toPrecision(4))}`,
    );
    await section(page).getByRole('button', { name: 'Next' }).click();
    await section(page).getByText('512 to 999 of 1,000').waitFor();
    await choose(page, 'Sort by', 'maximum');
    await chart.focus();
    await page.keyboard.press('ArrowRight');
    // The largest sin(x / 9) * x below 1000.
    const best = Array.from({ length: 1000 }, (_, x) => x).reduce((a, b) =>
      Math.sin(b / 9) * b > Math.sin(a / 9) * a ? b : a,
    );
    expect(await visibleText(section(page).locator('.pixel-value:visible'))).toContain(`Unit ${best}:`);
    expect(calls.some(({ name }) => name === 'tiles')).toBe(false);
    await screenshot(page, 'layer-units');
  });

  it('of a sequence are one image of time by unit', async () => {
    const sequence: LayerChannels = {
      ...{ kind: 'sequence', stage: 'post', stages: ['post'], total: 1, described: 1, attribution: null },
      ...{ rows: 30, columns: 64, slices: 1, ranges: floats([3, 1], (i) => [-1, 1, 0][i] ?? 0) },
    };
    const map = {
      ...{ channel: 0, slice: 0, rows: 30, columns: 64, step: { rows: 1, columns: 1 }, source: null },
      values: floats([30, 64], (i) => Math.sin(i / 40)),
    };
    const { page } = await openLayer(host({ channels: () => ok(sequence), channelMap: () => ok(map) }));
    await section(page).getByRole('heading', { name: '30 steps x 64 units: -1 to 1' }).waitFor();
    await section(page).locator('.pixel-frame canvas:visible').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await visibleText(section(page).locator('.pixel-value:visible'))).toBe(
      `time 1, unit 0: ${Number(Math.sin(1.6).toPrecision(4))}`,
    );
    await screenshot(page, 'layer-sequence');
  });

  it('of a convolution over one axis are strips, and of attention its heads', async () => {
    const strips = { ...layerChannels, kind: 'strips', rows: 1, columns: 200 } as const;
    const tiles = (channels: readonly number[], rows: number, columns: number) => ({
      ...{ rows, columns, channels },
      values: bytes([channels.length, rows, columns], (i) => (i * 3) % 255),
    });
    const { page } = await openLayer(
      host({ channels: () => ok(strips), tiles: (_, __, channels) => ok(tiles(channels, 1, 200)) }),
    );
    await tile(page, 0).waitFor();
    const [first, second] = [await tile(page, 0).boundingBox(), await tile(page, 1).boundingBox()];
    expect(second?.x).toBe(first?.x);
    expect(first?.width).toBeGreaterThan(800);
    await screenshot(page, 'layer-strips');
    const heads: LayerChannels = {
      ...layerChannels,
      ...({ kind: 'heads', rows: 12, columns: 12, total: 8, stage: 'attention' } as const),
      stages: ['post', 'attention'],
    };
    const { page: other } = await openLayer(
      host({ channels: () => ok(heads), tiles: (_, __, channels) => ok(tiles(channels, 12, 12)) }),
    );
    await tile(other, 7).waitFor();
    await section(other).getByRole('heading', { name: 'Attention heads (8)' }).waitFor();
    await screenshot(other, 'layer-heads');
  });

  it.each([1100, 320])('fit into a page of %s px', async (width) => {
    const { page } = await openLayer(host(), { width });
    await tile(page, 0).click();
    await page.getByRole('region', { name: 'One channel' }).waitFor();
    expect(await horizontalOverflow(page)).toBe(0);
    await screenshot(page, `layer-channels-${width}`);
  });
});
