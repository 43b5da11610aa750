import { describe, expect, it } from 'vitest';
import { ok } from '../../src/shared/errors';
import { changedChoice } from '../../src/shared/explainChoice';
import type { Explanation } from '../../src/shared/explanation';
import { colourTable } from '../../src/shared/maps/colourMaps';
import { METHODS } from '../../src/shared/methods';
import type { ExplainChoice } from '../../src/shared/view';
import { explainContext, floats, softmaxExplanation } from './canned';
import { canvasPixel, type FakeHost, screenshot, visibleText } from './pageHarness';
import { THEME_NAMES } from './themes';
import { usePages } from './usePages';

const TABBY = 281;
const EGYPTIAN = 285;

/** The explanation of a class of `softmaxExplanation`, or of its difference from another one. */
function explanationOf({ target, method, options = {} }: ExplainChoice): Explanation {
  const base = softmaxExplanation(target.index === EGYPTIAN ? 1 : 0);
  const versus = target.versus === undefined ? [] : [{ index: Number(target.versus), label: 'Egyptian cat' }];
  return { ...base, method, options, target: { ...base.target, versus } };
}

describe('what an explain page explains', () => {
  const openPage = usePages();
  let requests: ExplainChoice[] = [];

  const open = async (
    explain: (choice: ExplainChoice) => Explanation = explanationOf,
    theme: (typeof THEME_NAMES)[number] = 'dark',
  ) => {
    let context = explainContext();
    requests = [];
    const host: FakeHost<'explain'> = {
      ready: () => ok(context),
      change: (change) => {
        context = { ...context, choice: changedChoice(context.choice, change) };
        return context.choice;
      },
      explain: (_, compared) => {
        const choice = { ...context.choice, target: compared?.target ?? context.choice.target };
        requests.push(choice);
        return ok(explain(choice));
      },
      cancel: () => undefined,
      showLog: () => undefined,
      retry: () => undefined,
    };
    const opened = await openPage('explain', host, { theme });
    await opened.page.getByRole('status').filter({ hasText: 'of class' }).waitFor();
    return opened;
  };

  it.each(THEME_NAMES)('why A, not B: both maps and the difference, in the %s theme', async (theme) => {
    const { page } = await open(explanationOf, theme);
    await page.getByText('Why tabby, not Egyptian cat').click();
    await expect.poll(() => page.locator('.map-figure').count()).toBe(3);
    const [own, other, difference] = requests.slice(-3);
    expect(own?.target.versus).toBeUndefined();
    expect(other?.target).toMatchObject({ index: EGYPTIAN });
    expect(difference?.target).toMatchObject({ index: TABBY, versus: EGYPTIAN });
    expect(await page.locator('.compared .caption').allTextContents()).toEqual([
      'Class 281 (tabby)',
      'Egyptian cat',
      'Why tabby, not Egyptian cat',
    ]);
    await screenshot(page, `explain-why-not-${theme}`);
  });

  it('compares the target with a class or with its look-alikes, and stops comparing', async () => {
    const { page } = await open();
    const versus = page.getByLabel('Rather than');
    await versus.selectOption({ label: 'Egyptian cat' });
    await expect.poll(() => requests.at(-1)?.target.versus).toBe(EGYPTIAN);
    await versus.selectOption({ label: 'its look-alikes (the next 3 classes)' });
    await expect.poll(() => requests.at(-1)?.target.versus).toBe('look-alikes');
    await versus.selectOption({ label: 'no other class' });
    await expect.poll(() => requests.at(-1)?.target.versus).toBeUndefined();
  });

  it('shows the options of a method with its paper and cost, and forgets them with the method', async () => {
    const { page } = await open();
    await page.getByLabel('Method', { exact: true }).selectOption('occlusion');
    const options = page.getByRole('region', { name: 'Options' });
    await options.getByText(METHODS.occlusion.paper).waitFor();
    expect(await visibleText(options)).toContain(METHODS.occlusion.cost);
    const first = METHODS.occlusion.options.find(({ type }) => type === 'integer');
    if (first?.type !== 'integer') throw new Error('occlusion has no whole number as an option');
    const box = options.getByLabel(first.name);
    await box.fill(String(first.max + 1));
    await box.press('Enter');
    expect(await box.evaluate((input: HTMLInputElement) => input.validity.rangeOverflow)).toBe(true);
    await box.fill(String(first.min + 2));
    await box.press('Enter');
    await expect.poll(() => requests.at(-1)?.options).toEqual({ [first.name]: first.min + 2 });
    await page.getByLabel('Method', { exact: true }).selectOption('saliency');
    await expect.poll(() => requests.at(-1)).toMatchObject({ method: 'saliency', options: {} });
  });

  it('draws a signed map in a diverging colour map with zero in the middle', async () => {
    const signed = (choice: ExplainChoice): Explanation => ({
      ...explanationOf(choice),
      display: choice.display ?? 'positive',
      displayMap: floats([64, 64], (i) => (i % 64) / 63),
      map: { shape: [4, 4], min: -2, max: 2, top: 2 },
    });
    const { page } = await open(signed);
    await page.getByText('For and against', { exact: true }).click();
    await expect.poll(() => requests.at(-1)?.display).toBe('signed');
    await page.getByLabel('Opacity').fill('100');
    const table = colourTable('rdbu');
    expect(await canvasPixel(page, '.map-canvas', 0, 5)).toEqual([...table.subarray(0, 3)]);
    expect(await canvasPixel(page, '.map-canvas', 63, 5)).toEqual([...table.subarray(765, 768)]);
    expect(await visibleText(page.locator('.legend-ticks'))).toMatch(/^-2\s*0\s*2$/);
  });

  it('shows a map for each input', async () => {
    const { page } = await open((choice) => {
      const own = explanationOf(choice);
      return { ...own, input: 'photo', others: [{ ...own, input: 'sketch', inputIndex: 1 }] };
    });
    await expect.poll(() => page.locator('.map-figure').count()).toBe(2);
    expect(await page.locator('.compared .caption').allTextContents()).toEqual(['photo', 'sketch']);
  });

  it('takes a region of an output with height and width, and a step of one over time', async () => {
    let grid: readonly number[] = [48, 48];
    const { page } = await open((choice) => {
      const own = explanationOf(choice);
      const positions = { count: 5, total: 48, grid, what: 'predicted' };
      return { ...own, target: { ...own.target, positions } };
    });
    const region = page.getByLabel('Region');
    await region.fill('1, 2, 3');
    await region.press('Enter');
    expect(await region.evaluate((input: HTMLInputElement) => input.validationMessage)).toContain('four');
    await region.fill('1, 2, 30, 40');
    await region.press('Enter');
    await expect.poll(() => requests.at(-1)?.target.region).toEqual([1, 2, 30, 40]);
    grid = [48];
    await region.fill('');
    await region.press('Enter');
    await expect.poll(() => requests.at(-1)?.target.region).toBeUndefined();
    const step = page.getByLabel('Time step');
    await step.fill('7');
    await step.press('Enter');
    await expect.poll(() => requests.at(-1)?.target.step).toBe(7);
  });
});
