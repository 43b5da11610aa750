import { describe, expect, it } from 'vitest';
import { ok } from '../../src/shared/errors';
import { changedChoice } from '../../src/shared/explainChoice';
import type { Explanation } from '../../src/shared/explanation';
import { colourTable } from '../../src/shared/maps/colourMaps';
import type { Comparison } from '../../src/shared/view';
import { binaryExplanation, explainContext, floats } from './canned';
import { believed } from './cannedAnswers';
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

/** A map that rises to the right, and the same turned round. */
const ramp = (method: Explanation['method'], layer: string, isTurned = false): Explanation => ({
  ...binaryExplanation(0),
  method,
  layer,
  rawMap: floats([64, 64], (i) => (isTurned ? 63 - (i % 64) : i % 64)),
  displayMap: floats([64, 64], (i) => (isTurned ? 63 - (i % 64) : i % 64) / 63),
  map: { shape: [64, 64], min: 0, max: 63, top: 63 },
});

describe('two methods or two layers side by side', () => {
  const openPage = usePages();

  async function open(options?: PageOptions, explain = turned) {
    let context = explainContext();
    const compared: (Comparison | null)[] = [];
    const host: FakeHost<'explain'> = {
      ready: () => ok(context),
      change: (part) => {
        context = { ...context, choice: changedChoice(context.choice, part) };
        return context.choice;
      },
      explain: (_, other) => {
        compared.push(other);
        return ok(explain(other));
      },
      trust: () => ok(believed),
      cancel: () => undefined,
    };
    const opened = await openPage('explain', host, options);
    const settled = () => opened.page.locator('main > .content[aria-busy=false]').waitFor();
    await settled();
    return { ...opened, compared, settled, choice: () => context.choice };
  }
  const turned = (other: Comparison | null) =>
    ramp(other?.method ?? 'grad-cam', other?.layer ?? 'vgg16/block5_conv3', other !== null);
  const MAPS = '.compared .map-canvas';

  it('shows both maps with a legend each, their difference and the rank correlation', async () => {
    const { page, compared } = await open();
    await page.getByLabel('Compare with').selectOption('saliency');
    await page.getByText('They rank the positions in the opposite order: rank correlation -1.').waitFor();
    expect(await page.locator('.compared .caption').allTextContents()).toEqual([
      ...['Grad-CAM', 'Gradient saliency', 'Difference'],
    ]);
    expect(await page.locator('.compared .legend-ticks').count()).toBe(3);
    expect(await visibleText(page.locator('.compared .legend-ticks').nth(2))).toMatch(/-1\s+0\s+1/);
    // The method that is shown already is not run again.
    expect(compared).toEqual([null, { method: 'saliency' }]);
    await page.getByLabel('Opacity').fill('100');
    const pixel = (map: number, x: number) =>
      page
        .locator(MAPS)
        .nth(map)
        .evaluate(
          (canvas: HTMLCanvasElement, at) =>
            [...(canvas.getContext('2d')?.getImageData(at, 3, 1, 1).data ?? [])].slice(0, 3),
          x,
        );
    const [viridis, signed] = [colourTable('viridis'), colourTable('rdbu')];
    expect(await canvasPixel(page, MAPS, 63, 3)).toEqual([...viridis.subarray(765, 768)]);
    expect(await pixel(1, 63)).toEqual([...viridis.subarray(0, 3)]);
    // Right the first map is larger, left the second.
    expect(await pixel(2, 63)).toEqual([...signed.subarray(765, 768)]);
    expect(await pixel(2, 0)).toEqual([...signed.subarray(0, 3)]);
  });

  it('another layer of the same method is named by its layer', async () => {
    const { page, compared } = await open(undefined, (other) =>
      ramp('grad-cam', other?.layer ?? 'vgg16/block5_conv3'),
    );
    await page.getByLabel('Compare with').selectOption('at vgg16/block1_conv1');
    await page.getByText('They rank the positions much alike: rank correlation 1.').waitFor();
    expect(compared.at(-1)).toEqual({ layer: 'vgg16/block1_conv1' });
    expect(await page.locator('.compared .caption').allTextContents()).toEqual([
      ...['Grad-CAM at vgg16/block5_conv3', 'Grad-CAM at vgg16/block1_conv1'],
      'Difference',
    ]);
  });

  it('a map that is the same everywhere cannot be compared, and the page says so', async () => {
    const { page } = await open(undefined, (other) =>
      other === null
        ? turned(null)
        : {
            ...turned(other),
            displayMap: floats([64, 64], () => 0),
            map: { shape: [64, 64], min: 0, max: 0, top: 0 },
          },
    );
    await page.getByLabel('Compare with').selectOption('saliency');
    await page.getByText('One of the maps is the same everywhere').waitFor();
  });

  it('keeps the verdict on the first map, is saved with the choice, and ends again', async () => {
    const { page, settled, choice, compared } = await open();
    await page.getByRole('button', { name: 'How far to trust it' }).click();
    await page.locator('.chip').waitFor();
    await page.getByLabel('Compare with').selectOption('saliency');
    await page.locator('.compared').nth(2).waitFor();
    await settled();
    expect(await page.locator('.chip:visible').count()).toBe(1);
    expect(choice().compareWith).toEqual({ method: 'saliency' });
    await page.getByLabel('Compare with').selectOption('');
    await expect.poll(() => page.locator('.compared').count()).toBe(1);
    expect(await page.locator('.agreement').isVisible()).toBe(false);
    expect(choice()).not.toHaveProperty('compareWith');
    expect(compared).toHaveLength(2);
  });

  it.each(THEME_NAMES)('looks as it should in the %s theme, narrow and wide', async (theme) => {
    for (const width of [400, 1200]) {
      const { page } = await open({ theme, width, height: 900 });
      await page.getByLabel('Compare with').selectOption('saliency');
      await page.locator('.agreement:not(:empty)').waitFor();
      await screenshot(page, `compare-${theme}-${width}`);
      expect(await horizontalOverflow(page)).toBe(0);
    }
  });
});
