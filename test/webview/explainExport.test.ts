import { describe, expect, it } from 'vitest';
import { ok } from '../../src/shared/errors';
import { colourTable } from '../../src/shared/maps/colourMaps';
import { horizontalOverflow, screenshot, visibleText } from './pageHarness';
import { useSamples } from './sampleHost';
import { THEME_NAMES } from './themes';
import { usePages } from './usePages';

const openPage = usePages();
const sampleHost = useSamples();
const SPOT = { model: 'samples/3-binary/spot', inputs: ['samples/3-binary/digit.png'] };

type Options = Parameters<typeof openPage>[2];

async function openSpot(options?: Options) {
  const opened = await openPage('explain', await sampleHost(SPOT), options);
  await opened.page.locator('.content[aria-busy=false]').waitFor();
  return opened;
}

async function openQuantities(options?: Options) {
  const opened = await openSpot(options);
  await opened.page.getByText('Layer output, gradient and channel weights').click();
  await opened.page.getByRole('table', { name: 'Channel weights' }).waitFor();
  return opened;
}

describe('the quantities of the layer', () => {
  it('are computed only when they are opened, and then for each explanation', async () => {
    const { page, calls } = await openSpot();
    const asked = () => calls.filter(({ name }) => name === 'layerQuantities').map(({ args }) => args[0]);
    expect(asked()).toEqual([]);
    await page.getByText('Layer output, gradient and channel weights at conv2d_1').click();
    await expect.poll(asked, { timeout: 10_000 }).toEqual(['conv2d_1']);
    await page.getByLabel('Method', { exact: true }).selectOption('cam');
    await expect.poll(asked, { timeout: 10_000 }).toEqual(['conv2d_1', 'max_pooling2d_1']);
    await page.getByLabel('Method', { exact: true }).selectOption('saliency');
    await expect.poll(asked, { timeout: 10_000 }).toEqual(['conv2d_1', 'max_pooling2d_1', 'conv2d_1']);
  });

  it('are shown by name, with the sum and the relation of CAM and Grad-CAM', async () => {
    const { page } = await openQuantities();
    const text = await visibleText(page.locator('.quantities'));
    expect(text).toContain('Layer output A');
    expect(text).toContain('Gradient dScore/dA');
    expect(text).toMatch(/Shape\s+44 x 44 x 20\s+44 x 44 x 20/);
    // The output of a rectifier is never negative, its gradient is.
    expect(text).toMatch(/Smallest\s+0\s+-[\d.]+/);
    expect(text).toMatch(/Negative\s+0\s+[\d,]+ \([\d.]+ %\)/);
    expect(text).toContain('CAM is 484 (22 x 22) times Grad-CAM');
    const table = page.getByRole('table', { name: 'Channel weights' });
    expect(await table.locator('tbody tr').count()).toBe(21);
    const numbers = await table
      .locator('tbody tr:not(.total)')
      .evaluateAll((rows) =>
        rows.map((row) => Array.from(row.querySelectorAll('td.number'), (cell) => Number(cell.textContent))),
      );
    for (const [weight = 0, mean = 0, part = 1] of numbers)
      expect(Math.abs(weight * mean - part)).toBeLessThan(1e-2 * Math.abs(part));
    const sizes = numbers.map(([, , part = 0]) => Math.abs(part));
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    // The images beside a number are those of its channel.
    const images = await table
      .locator('tbody tr:not(.total)')
      .evaluateAll((rows) =>
        rows.map((row) => [
          row.querySelector('th')?.textContent,
          ...Array.from(row.querySelectorAll('img'), ({ alt }) => alt),
        ]),
      );
    for (const [channel, ...names] of images)
      expect(names).toEqual([`Output of channel ${channel}`, `Gradient of channel ${channel}`]);
    const sum = Number(await table.locator('.total .number').textContent());
    expect(numbers.reduce((total, [, , part = 0]) => total + part, 0)).toBeCloseTo(sum, 3);
  });

  it('draws the gradient with zero in the middle of the colours', async () => {
    const { page } = await openQuantities();
    const colours = await page
      .getByRole('img', { name: /^Gradient of channel/ })
      .first()
      .evaluate((image: HTMLImageElement) => {
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
        const context = canvas.getContext('2d');
        context?.drawImage(image, 0, 0);
        const { data } = context?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
        return Array.from({ length: data.length / 4 }, (_, i) => [...data.slice(i * 4, i * 4 + 3)].join());
      });
    expect(colours).toHaveLength(44 * 44);
    // Most positions of a maximum pooling pass no gradient.
    const zero = [...colourTable('rdbu').subarray(128 * 3, 128 * 3 + 3)].join();
    expect(colours.filter((colour) => colour === zero).length).toBeGreaterThan(44 * 22);
  });

  it('are not offered for a model without such a layer', async () => {
    const sample = { model: 'samples/7-table/prices.keras', inputs: ['samples/7-table/houses.csv'] };
    const { page } = await openPage('explain', await sampleHost(sample));
    await page.locator('.content[aria-busy=false]').waitFor();
    expect(await page.locator('.quantities').isVisible()).toBe(false);
  });

  it.each(THEME_NAMES)('fit the page in the %s theme, wide and narrow', async (theme) => {
    for (const width of [1200, 400]) {
      const { page } = await openQuantities({ theme, width });
      await screenshot(page, `explain-quantities-${theme}-${width}`);
      expect(await horizontalOverflow(page)).toBe(0);
    }
  });
});

describe('an export of everything', () => {
  it('is one item of the menu, and says what was written and what is missing', async () => {
    const missing = [{ name: 'CAM', why: 'CAM needs a model that ends in global average pooling.' }];
    const { page } = await openPage('explain', {
      ...(await sampleHost(SPOT)),
      exportSet: () => ok({ folder: '/out/digit-grad-cam', files: ['a', 'b', 'c'], missing, relation: null }),
    });
    await page.locator('.content[aria-busy=false]').waitFor();
    await page.getByRole('button', { name: 'Export' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('End');
    await screenshot(page, 'explain-export-everything');
    await page.keyboard.press('Enter');
    await page.getByText('Exported 3 files to /out/digit-grad-cam.').waitFor();
    expect(await visibleText(page.locator('.exported'))).toContain('Not exported: CAM. CAM needs a model');
  });

  it('shows why nothing could be written', async () => {
    const { page } = await openPage('explain', {
      ...(await sampleHost(SPOT)),
      exportSet: () => ({ ok: false, error: { kind: 'write-failed', message: 'The disk is full.' } }),
    });
    await page.locator('.content[aria-busy=false]').waitFor();
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: /^Everything/ }).click();
    await page.getByText('The disk is full.').waitFor();
  });
});
