import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { VolumeDrawing } from '../../src/shared/explanation';
import { type ColourMapName, colourTable } from '../../src/shared/maps/colourMaps';
import { canvasPixel, horizontalOverflow, screenshot, visibleText } from './pageHarness';
import { useSamples } from './sampleHost';
import { THEME_NAMES } from './themes';
import { usePages } from './usePages';

const openPage = usePages();
const sampleHost = useSamples();
const SCAN = { model: 'test/fixtures/volume/last.keras', inputs: ['test/fixtures/volume/last.npy'] };
const [DEPTH, HEIGHT, WIDTH] = [6, 8, 10];

async function open(options?: Parameters<typeof openPage>[2], method: 'saliency' | 'grad-cam' = 'saliency') {
  const host = await sampleHost({ ...SCAN, choice: { method } });
  const volumes: (VolumeDrawing | null)[] = [];
  const masks: Uint8Array[] = [];
  const opened = await openPage(
    'explain',
    {
      ...host,
      explain: async (known, compared) => {
        const answer = await host.explain?.(known, compared);
        if (!answer?.ok) throw new Error(answer?.error.message);
        volumes.push(answer.value.volume);
        return answer;
      },
      whatWouldChange: async (insist) => {
        const answer = await host.whatWouldChange?.(insist);
        if (!answer?.ok) throw new Error(answer?.error.message);
        masks.push(...answer.value.removed.map(({ mask }) => Buffer.from(mask.data, 'base64')));
        return answer;
      },
    },
    options,
  );
  await opened.page.locator('.content[aria-busy=false]').waitFor();
  const heat = (nth = 0): Float32Array => {
    const bytes = Buffer.from(volumes[nth]?.displayMap.data ?? '', 'base64');
    return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  };
  return { ...opened, heat, masks, shown: () => volumes[0]?.shown[0] ?? -1 };
}

const slider = (page: Page, at = 0) => page.getByRole('slider', { name: 'Slice' }).nth(at);

/** The colour of a heat value. */
function coloured(name: ColourMapName, value: number): number[] {
  const row = Math.round(value * 255) * 3;
  return [...colourTable(name).subarray(row, row + 3)];
}
const turbo = (value: number): number[] => coloured('turbo', value);

describe('the slices of a volume', () => {
  it('start with the strongest one and are moved by key', async () => {
    const { page, heat, shown } = await open();
    expect(heat()).toHaveLength(DEPTH * HEIGHT * WIDTH);
    const largest = heat().reduce((best, value, i) => (value > (heat()[best] ?? 0) ? i : best), 0);
    expect(shown()).toBe(Math.floor(largest / (HEIGHT * WIDTH)));
    expect(await slider(page).inputValue()).toBe(String(shown()));
    await page.getByLabel('Opacity').fill('100');
    const check = async (at: number) => {
      expect(await slider(page).getAttribute('aria-valuetext')).toBe(`slice ${at}, 0 to 5`);
      for (const [x, y] of [
        [0, 0],
        [7, 3],
        [9, 7],
      ] as const)
        expect(await canvasPixel(page, '.map-canvas', x, y)).toEqual(
          turbo(heat()[(at * HEIGHT + y) * WIDTH + x] ?? 0),
        );
    };
    await check(shown());
    await slider(page).press('Home');
    await check(0);
    await slider(page).press('ArrowRight');
    await check(1);
    await slider(page).press('End');
    await check(5);
    expect(await visibleText(page.locator('.slice-number'))).toBe('5 (0 to 5)');
    await page.getByRole('button', { name: 'Strongest Slice' }).click();
    await check(shown());
  });

  it('show the values of their own slice under the pointer', async () => {
    const { page } = await open();
    const read = async (at: string) => {
      await slider(page).press(at);
      const stage = page.locator('.stage');
      await stage.focus();
      await stage.press('Home');
      return visibleText(page.locator('.readout'));
    };
    const first = await read('Home');
    expect(first).toContain('Input');
    expect(await read('End')).not.toBe(first);
  });

  it('have their strongest heat in colours below the slider', async () => {
    const { page, heat } = await open();
    for (let at = 0; at < DEPTH; at += 1) {
      const slice = heat().subarray(at * HEIGHT * WIDTH, (at + 1) * HEIGHT * WIDTH);
      expect(await canvasPixel(page, '.slice-heat', at, 0)).toEqual(turbo(Math.max(...slice)));
    }
  });

  it('are the same in all figures, and stay when the method changes', async () => {
    const { page } = await open();
    await page
      .getByText(/^Why class \d/)
      .first()
      .click();
    await expect.poll(() => page.locator('.map-figure').count()).toBe(3);
    await slider(page, 1).press('Home');
    await slider(page, 1).press('ArrowRight');
    for (const at of [0, 1, 2]) expect(await slider(page, at).inputValue()).toBe('1');
    await page.getByLabel('Method', { exact: true }).selectOption('grad-cam');
    await expect.poll(() => visibleText(page.locator('.sentence'))).toContain('Grad-CAM');
    expect(await slider(page).inputValue()).toBe('1');
  });

  it('show the difference of two methods in every slice', async () => {
    const { page, heat } = await open();
    await page.getByLabel('Compare with').selectOption('grad-cam');
    await page.locator('.agreement:not(:empty)').waitFor();
    await page.getByLabel('Opacity').fill('100');
    const [first, second] = [heat(0), heat(1)];
    const difference = first.map((value, i) => value - (second[i] ?? 0));
    const top = Math.max(...difference.map(Math.abs));
    for (const [key, at] of [
      ['Home', 0],
      ['End', DEPTH - 1],
    ] as const) {
      await slider(page).press(key);
      for (const [x, y] of [
        [0, 0],
        [7, 3],
      ] as const) {
        const value = difference[(at * HEIGHT + y) * WIDTH + x] ?? 0;
        expect(await canvasPixel(page, '.compared:nth-child(3) .map-canvas', x, y)).toEqual(
          coloured('rdbu', 0.5 + value / top / 2),
        );
      }
    }
    // Where the difference is largest.
    const largest = difference
      .map(Math.abs)
      .reduce((best, value, i, all) => (value > (all[best] ?? 0) ? i : best), 0);
    await page.getByRole('button', { name: 'Strongest Slice' }).nth(2).click();
    expect(await slider(page).inputValue()).toBe(String(Math.floor(largest / (HEIGHT * WIDTH))));
  });

  it('have the part marked that changes the prediction, each its own, and the slices of it are named', async () => {
    const { page, masks } = await open();
    await page.getByRole('button', { name: 'What would change it?' }).click();
    await page.locator('.question-answer .chip').waitFor();
    const [mask] = masks;
    if (mask === undefined) throw new Error('nothing was removed');
    expect(mask).toHaveLength(DEPTH * HEIGHT * WIDTH);
    const slices = Array.from({ length: DEPTH }, (_, at) =>
      mask.subarray(at * HEIGHT * WIDTH, (at + 1) * HEIGHT * WIDTH),
    );
    // Neighbouring slices differ, so that a mark that does not follow the slider is seen.
    expect(new Set(slices.map((slice) => slice.join(''))).size).toBeGreaterThan(1);
    const isMarked = (x: number, y: number) =>
      page.locator('.removed-mark').evaluate(
        (canvas: HTMLCanvasElement, at) => {
          const scale = canvas.width / at.width;
          // The outline of a marked position, and the hatching in it.
          const data = canvas.getContext('2d')?.getImageData(at.x * scale, at.y * scale, scale, scale).data;
          return data?.some((value) => value > 0) ?? false;
        },
        { x, y, width: WIDTH },
      );
    await slider(page).press('Home');
    for (const [at, slice] of slices.entries()) {
      if (at > 0) await slider(page).press('ArrowRight');
      for (let i = 0; i < HEIGHT * WIDTH; i += 7)
        expect({ at, i, marked: await isMarked(i % WIDTH, Math.floor(i / WIDTH)) }).toEqual({
          ...{ at, i },
          marked: slice[i] === 1,
        });
      const legend = await visibleText(page.locator('.removed-legend'));
      expect(legend).toMatch(
        slice.includes(1) ? /^Marked: what is removed \(of slices? / : /^Nothing is removed of this slice/,
      );
    }
    await screenshot(page, 'explain-volume-removed');
    await page.locator('.question-answer[open] summary').click();
    await expect.poll(() => page.locator('.removed-mark').count()).toBe(0);
  });

  it('are named on the page, so that no notice repeats which one is shown', async () => {
    const { page } = await open();
    expect(await page.getByText('shown is slice').count()).toBe(0);
  });

  it('are not offered for an image', async () => {
    const host = await sampleHost({ model: 'samples/3-binary/spot', inputs: ['samples/3-binary/digit.png'] });
    const { page } = await openPage('explain', host);
    await page.locator('.content[aria-busy=false]').waitFor();
    expect(await page.locator('.slices').isVisible()).toBe(false);
  });

  it.each(THEME_NAMES)('fit the page in the %s theme, wide and narrow', async (theme) => {
    for (const width of [1200, 400]) {
      const { page } = await open({ theme, width }, 'grad-cam');
      await screenshot(page, `explain-volume-${theme}-${width}`);
      expect(await horizontalOverflow(page)).toBe(0);
    }
  });
});
