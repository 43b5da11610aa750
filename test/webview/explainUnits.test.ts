import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { TargetChoice } from '../../src/shared/explanation';
import { horizontalOverflow, type OpenPage, savedState, screenshot, visibleText } from './pageHarness';
import { useSamples } from './sampleHost';
import { THEME_NAMES } from './themes';
import { usePages } from './usePages';

const openPage = usePages();
const sampleHost = useSamples();
const SPOT = { model: 'samples/3-binary/spot', inputs: ['samples/3-binary/digit.png'] };
const SHAPES = {
  model: 'samples/8-segmentation/shapes.keras',
  inputs: ['samples/8-segmentation/disc-and-cross.png'],
};

type Options = Parameters<typeof openPage>[2];

async function open(sample: typeof SPOT, options?: Options): Promise<OpenPage> {
  const opened = await openPage('explain', await sampleHost(sample), options);
  await opened.page.locator('.content[aria-busy=false]').waitFor();
  return opened;
}

const sentence = (page: Page) => visibleText(page.locator('.sentence'));
const targetOf = async (page: Page) => ((await savedState(page)) as { target: TargetChoice }).target;

describe('a unit of a layer as the target', () => {
  it('is its strongest one until a number is given, and can be taken back', async () => {
    const { page } = await open(SPOT);
    const layer = page.getByRole('combobox', { name: 'Unit of a layer' });
    await layer.fill('conv2d_1');
    await layer.press('Enter');
    await expect
      .poll(() => sentence(page), { timeout: 8000 })
      .toMatch(/^Grad-CAM of unit \d+ of conv2d_1, mean of 1936 positions/);
    expect(await page.locator('.predictions thead').textContent()).toContain('Unit');
    expect(await page.locator('.predictions tbody tr').first().textContent()).toMatch(/unit \d+/);
    expect(await page.getByRole('button', { name: 'Class Names…' }).isVisible()).toBe(false);
    const unit = page.getByRole('spinbutton', { name: 'Unit' });
    await unit.fill('20');
    await unit.press('Enter');
    expect(await unit.evaluate((box: HTMLInputElement) => box.validity.rangeOverflow)).toBe(true);
    await unit.fill('12');
    await unit.press('Enter');
    await expect.poll(() => sentence(page), { timeout: 8000 }).toMatch(/^Grad-CAM of unit 12 of conv2d_1/);
    expect(await targetOf(page)).toMatchObject({ unit: 'conv2d_1', index: 12 });
    await page.getByRole('button', { name: 'Explain Strongest Unit' }).waitFor();
    await layer.fill('none');
    await layer.press('Enter');
    await expect.poll(() => sentence(page), { timeout: 8000 }).toMatch(/^Grad-CAM of class 1/);
    expect(await targetOf(page)).not.toHaveProperty('unit');
    await expect.poll(() => unit.isVisible()).toBe(false);
  });

  it('is chosen by a click on its row', async () => {
    const { page } = await open(SPOT);
    const layer = page.getByRole('combobox', { name: 'Unit of a layer' });
    await layer.fill('global_average');
    await layer.press('Enter');
    await page
      .locator('.predictions tbody tr', { hasText: /unit \d/ })
      .nth(3)
      .click();
    await expect.poll(async () => (await targetOf(page)).index).not.toBe('auto');
    expect(await targetOf(page)).toMatchObject({ unit: 'global_average_pooling2d' });
  });
});

/** A drag on the map between two positions of the input. */
async function drag(page: Page, from: readonly [number, number], to: readonly [number, number], drop = true) {
  const box = await page.locator('.stage').first().boundingBox();
  if (box === null) throw new Error('no stage');
  const at = ([x, y]: readonly [number, number]) =>
    [box.x + (x / 48) * box.width, box.y + (y / 48) * box.height] as const;
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]));
  await page.mouse.move(...at(to));
  if (drop) await page.mouse.up();
}

describe('a region of a segmentation', () => {
  it('is dragged on the image, shown while it is drawn, and cleared', async () => {
    const { page } = await open(SHAPES);
    await page.getByText('Drag on the image to explain a region.').waitFor();
    await drag(page, [10.5, 20.5], [25.5, 33.5], false);
    await page.getByText('Region x 10 to 26, y 20 to 34', { exact: true }).waitFor();
    const [box, stage] = await Promise.all(
      ['.region-box', '.stage'].map((part) => page.locator(part).boundingBox()),
    );
    expect(((box?.width ?? 0) / (stage?.width ?? 1)) * 48).toBeCloseTo(16, 0);
    expect((((box?.y ?? 0) - (stage?.y ?? 0)) / (stage?.height ?? 1)) * 48).toBeCloseTo(20, 0);
    await screenshot(page, 'explain-region-drawing');
    await page.mouse.up();
    await expect
      .poll(() => sentence(page), { timeout: 8000 })
      .toContain('in 10, 20 to 26, 34 (224 of 2304 positions)');
    expect((await targetOf(page)).region).toEqual([10, 20, 26, 34]);
    expect(await page.getByLabel('Region').inputValue()).toBe('10, 20, 26, 34');
    expect(await page.locator('.region-box').isVisible()).toBe(false);
    expect(await page.locator('.map-outline path').first().getAttribute('d')).toBe(
      'M10 20H26M10 34H26M10 20V34M26 20V34',
    );
    await page.getByRole('button', { name: 'All Predicted' }).click();
    await expect.poll(async () => (await targetOf(page)).region).toBeUndefined();
  });

  it('stays as it is after a click, and after Escape during a drag', async () => {
    const { page, calls } = await open(SHAPES);
    await page.locator('.stage').click();
    await drag(page, [30, 30], [10, 10], false);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('.region-box').isVisible()).toBe(false);
    await page.mouse.up();
    expect(calls.filter(({ name }) => name === 'change')).toEqual([]);
  });

  it('ends at the border of the image, also when it is dragged backwards over it', async () => {
    const { page } = await open(SHAPES);
    await drag(page, [44.5, 40.5], [60, 70]);
    await expect.poll(async () => (await targetOf(page)).region).toEqual([44, 40, 48, 48]);
    await page.locator('.content[aria-busy=false]').waitFor();
    await drag(page, [5.5, 6.5], [-3, -4]);
    await expect.poll(async () => (await targetOf(page)).region).toEqual([0, 0, 6, 7]);
  });

  it('is not offered where the output has no height and width', async () => {
    const { page, calls } = await open(SPOT);
    await drag(page, [10, 10], [30, 30]);
    expect(await page.locator('.region-hint').isVisible()).toBe(false);
    expect(calls.filter(({ name }) => name === 'change')).toEqual([]);
  });

  it.each(THEME_NAMES)('fits the page in the %s theme, wide and narrow', async (theme) => {
    for (const width of [1200, 400]) {
      const { page } = await open(SHAPES, { theme, width });
      await drag(page, [10.5, 20.5], [25.5, 33.5]);
      await expect.poll(() => sentence(page), { timeout: 8000 }).toContain('in 10, 20 to 26, 34');
      await screenshot(page, `explain-region-${theme}-${width}`);
      expect(await horizontalOverflow(page)).toBe(0);
    }
  });
});
