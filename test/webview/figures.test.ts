import { describe, expect, it } from 'vitest';
import { ok } from '../../src/shared/errors';
import { changedChoice } from '../../src/shared/explainChoice';
import type { Explanation } from '../../src/shared/explanation';
import { binaryExplanation, bytes, explainContext, floats, vectorExplanation } from './canned';
import { canvasPixel, horizontalOverflow, type OpenPage, screenshot, visibleText } from './pageHarness';
import { THEME_NAMES } from './themes';
import { usePages } from './usePages';

const WORDS = 'we saw it and the music was not good , <b>we</b> did not stay for the credits'.split(' ');

/** A text of 17 words and 7 positions of padding, in which "not good" decides. */
function textExplanation(): Explanation {
  const values = [...WORDS, ...new Array<string>(24 - WORDS.length).fill('')];
  const at = (i: number) => (i === 7 ? 2 : i === 8 ? 1.5 : i === 4 ? 0.3 : 0);
  return {
    ...flat(values.length, at),
    names: { kind: 'tokens', values },
    inputValues: null,
    sentence: 'Gradient saliency of class 0 (negative), at text, 24 positions',
  };
}

/** 1803 letters with a motif at position 1200. */
function lettersExplanation(): Explanation {
  const length = 1803;
  return {
    ...flat(length, (i) => (i === 1200 ? 4 : i === 1201 ? 3 : 0)),
    names: { kind: 'letters', values: Array.from({ length }, (_, i) => 'ACGT'[(i * 7) % 4] ?? '') },
    inputValues: floats([length, 4], (i) => (i % 4 === (Math.floor(i / 4) * 7) % 4 ? 1 : 0)),
    sentence: 'Grad-CAM of class 1 (motif), at conv, 1803 positions',
  };
}

/** Two channels of 3000 positions with a peak of the map at 2500. */
function signalExplanation(): Explanation {
  const length = 3000;
  return {
    ...flat(length, (i) => Math.exp(-(((i - 2500) / 30) ** 2))),
    inputValues: floats([length, 2], (i) => Math.sin(Math.floor(i / 2) / (i % 2 === 0 ? 20 : 70))),
    sentence: 'Grad-CAM of class 1 (fault), at conv, 3000 positions',
  };
}

function tableExplanation(columns = 8): Explanation {
  const values = Array.from({ length: columns }, (_, i) => `${['area_m2', 'rooms', 'noise_db'][i % 3]}_${i}`);
  const at = (i: number) => [3.2, -0.5, 0, -1.7][i % 4] ?? 0;
  return {
    ...flat(columns, at),
    display: 'signed',
    displayMap: floats([columns], (i) => 0.5 + at(i) / 6.4),
    names: { kind: 'columns', values },
    inputValues: floats([columns], (i) => i * 10),
    sentence: `Gradient x input of the output, at house, ${columns} positions`,
  };
}

function flat(length: number, at: (i: number) => number): Explanation {
  const values = Array.from({ length }, (_, i) => at(i));
  const [min, max] = [Math.min(...values), Math.max(...values)];
  const top = Math.max(-min, max);
  return {
    ...binaryExplanation(1),
    map: { shape: [length], min, max, top },
    placement: [{ centre: 0, stride: 1, window: 1 }],
    rawMap: floats([length], at),
    displayMap: floats([length], (i) => at(i) / top),
    inputImage: null,
  };
}

describe('figures of the explain page', () => {
  const openPage = usePages();
  const open = async (explanation: Explanation, options?: { width: number; height: number }) => {
    let context = explainContext();
    const opened = await openPage(
      'explain',
      {
        ready: () => ok(context),
        change: (change) => {
          context = { ...context, choice: changedChoice(context.choice, change) };
          return context.choice;
        },
        explain: () => ok(explanation),
      },
      options,
    );
    await opened.page.getByText(explanation.sentence).waitFor();
    return opened;
  };
  const readout = ({ page }: OpenPage) => visibleText(page.locator('.readout').first());
  const shootAll = async (opened: OpenPage, name: string) => {
    for (const theme of THEME_NAMES) {
      await opened.setTheme(theme);
      await screenshot(opened.page, `figure-${name}-${theme}`);
    }
  };
  const scrolled = ({ page }: OpenPage) =>
    page.locator('.stage-frame').evaluate((frame) => [frame.scrollLeft, frame.scrollTop]);

  it('shows a map that has no place on the input alone', async () => {
    const explanation: Explanation = {
      ...flat(6, (i) => i / 10),
      method: 'attention',
      onInput: false,
      placement: null,
      inputKey: null,
      inputValues: null,
      sentence: 'Attention of class 1 (dog), p = 0.97, at heads, 6 positions',
    };
    const opened = await open(explanation);
    const { page } = opened;
    const stage = page.locator('.stage');
    expect(await stage.getAttribute('aria-label')).toBe('Heat map of 6 positions. Arrow keys read values.');
    await stage.focus();
    await page.keyboard.press('End');
    expect(await readout(opened)).toContain('Position 5');
    expect(await readout(opened)).toContain('100 % of the largest');
    await shootAll(opened, 'alone');
  });

  it('shows a text as words with the heat behind them, read word by word', async () => {
    const opened = await open(textExplanation());
    const { page } = opened;
    await page.getByLabel('Opacity').fill('100');
    const words = page.locator('.word-flow .piece');
    expect(await words.allTextContents()).toEqual([...WORDS, ...new Array<string>(7).fill('·')]);
    // Viridis: the largest value is yellow under black letters, none is dark violet under white ones.
    const colours = (nth: number) =>
      words
        .nth(nth)
        .evaluate((word) => [getComputedStyle(word).backgroundColor, getComputedStyle(word).color]);
    expect(await colours(7)).toEqual(['rgb(253, 231, 37)', 'rgb(0, 0, 0)']);
    expect(await colours(0)).toEqual(['rgb(68, 1, 84)', 'rgb(255, 255, 255)']);
    await words.nth(8).hover();
    expect(await readout(opened)).toMatch(/Word good\s+Position 8\s+Map 1\.5 \(75 % of the largest\)/);
    expect(await words.nth(8).getAttribute('title')).toBe('8: good, 1.5');
    await page.locator('.stage').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    expect(await readout(opened)).toContain('Word saw');
    await page.keyboard.press('End');
    expect(await readout(opened)).toContain('Word none');
    await page.getByLabel('Opacity').fill('50');
    await shootAll(opened, 'words');
  });

  it('shows the letters of a sequence in place, scrolled to the largest value', async () => {
    const opened = await open(lettersExplanation());
    const { page } = opened;
    const letters = page.locator('.letter-row .piece');
    expect(await letters.count()).toBe(1803);
    const inView = (nth: number) =>
      letters.nth(nth).evaluate((letter) => {
        const box = letter.closest('.stage-frame')?.getBoundingClientRect();
        const { left, right } = letter.getBoundingClientRect();
        return box !== undefined && left >= box.left && right <= box.right;
      });
    await expect.poll(() => inView(1200)).toBe(true);
    expect(await inView(0)).toBe(false);
    // The number is below its letter.
    const centre = (text: string) =>
      page.locator('.tick', { hasText: new RegExp(`^${text}$`) }).evaluate((tick) => {
        const { left, right } = tick.getBoundingClientRect();
        return (left + right) / 2;
      });
    const letter = await letters.nth(1200).evaluate((one) => {
      const { left, right } = one.getBoundingClientRect();
      return (left + right) / 2;
    });
    expect(Math.abs((await centre('1200')) - letter)).toBeLessThan(2);
    await page.locator('.stage').focus();
    await page.keyboard.press('Home');
    expect(await readout(opened)).toMatch(/Letter A\s+Position 0/);
    await expect.poll(() => inView(0)).toBe(true);
    await page.keyboard.press('Escape');
    await letters.nth(1200).scrollIntoViewIfNeeded();
    await shootAll(opened, 'letters');
  });

  it('shows a signal as a line per channel over the heat, scrolled to the largest value', async () => {
    const opened = await open(signalExplanation());
    const { page } = opened;
    await expect.poll(async () => (await scrolled(opened))[0]).toBeGreaterThan(1000);
    const lines = await page.locator('.signal-lines .inner').getAttribute('d');
    expect(lines?.match(/M/g)).toHaveLength(2);
    expect(lines?.match(/L/g)).toHaveLength(2 * 2999);
    const warm = await canvasPixel(page, '.map-canvas', 2500, 0);
    const cold = await canvasPixel(page, '.map-canvas', 10, 0);
    // Half of the colour over white.
    expect(warm).toEqual([254, 243, 146]);
    expect(cold).toEqual([162, 128, 170]);
    await page.locator('.stage').focus();
    await page.keyboard.press('End');
    expect(await readout(opened)).toMatch(/Position 2999.*Input -?0\.\d+, -?0\.\d+/s);
    await page.keyboard.press('Escape');
    await shootAll(opened, 'signal');
  });

  it('shows a table as signed bars with names and values', async () => {
    const opened = await open(tableExplanation());
    const { page } = opened;
    const rows = page.locator('.table-row');
    expect(await visibleText(rows.nth(3))).toMatch(/area_m2_3\s+30\s+-1\.7/);
    expect(await rows.nth(3).getAttribute('title')).toBe('area_m2_3 = 30: -1.7');
    const sides = await page.locator('.table-row').evaluateAll((all) =>
      all.slice(0, 4).map((row) => {
        const track = row.querySelector('.row-track')?.getBoundingClientRect();
        const bar = row.querySelector('.row-bar')?.getBoundingClientRect();
        const share = (x: number) =>
          Number((((x - (track?.left ?? 0)) / (track?.width ?? 1)) * 4.9).toFixed(1));
        return [share(bar?.left ?? 0), share(bar?.right ?? 0)];
      }),
    );
    // In units of the map from -1.7: zero is at 1.7.
    expect(sides).toEqual([
      [1.7, 4.9],
      [1.2, 1.7],
      [1.7, 1.7],
      [0, 1.7],
    ]);
    await page.locator('.stage').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    expect(await readout(opened)).toMatch(/Column rooms_1\s+Position 1\s+Map -0\.5.*Input 10/s);
    await shootAll(opened, 'table');
  });

  it('scrolls through a table of 200 columns', async () => {
    const opened = await open(tableExplanation(200));
    const { page } = opened;
    expect(await page.locator('.table-row').count()).toBe(200);
    await page.locator('.stage').focus();
    await page.keyboard.press('End');
    await expect.poll(async () => (await scrolled(opened))[1]).toBeGreaterThan(1000);
    expect(await page.locator('.stage-frame').evaluate((frame) => frame.clientHeight)).toBeLessThan(660);
  });

  it('draws bars for values that are not finite, and narrow ones for many values', async () => {
    const vector = vectorExplanation();
    const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5, -5];
    const broken = { ...vector, map: { ...vector.map, top: 5 } };
    const short = await open({ ...broken, rawMap: floats([12], (i) => values[i] ?? 0) });
    const widths = await short.page
      .locator('.row-bar')
      .evaluateAll((bars) =>
        bars
          .slice(0, 5)
          .map((bar) => Number(((100 * bar.clientWidth) / (bar.parentElement?.clientWidth ?? 1)).toFixed(0))),
      );
    expect(widths).toEqual([100, 50, 50, 50, 50]);
    const many = await open({
      ...broken,
      sentence: 'Saliency of 1200 values',
      map: { ...broken.map, shape: [1200] },
      rawMap: floats([1200], (i) => values[i] ?? 0),
      displayMap: floats([1200], () => 0.5),
      inputValues: floats([1200], (i) => i),
    });
    const heights = await many.page
      .locator('.map-bars rect')
      .evaluateAll((bars) => bars.slice(0, 5).map((bar) => Number(bar.getAttribute('height'))));
    expect(heights).toEqual([100, 50, 50, 50, 50]);
  });

  it('outlines the pixels over which the score of a segmentation is averaged', async () => {
    const base = binaryExplanation(0);
    const positions = { count: 128, total: 1024, grid: [32, 32], what: 'predicted' };
    const opened = await open({
      ...base,
      target: { ...base.target, positions },
      // A square of 8 x 16 cells of the 32 x 32 of the output.
      mask: bytes([32, 32], (i) => {
        const [x, y] = [i % 32, Math.floor(i / 32)];
        return x >= 4 && x < 12 && y >= 8 && y < 24 ? 1 : 0;
      }),
    });
    const { page } = opened;
    expect(await page.locator('.map-outline .inner').getAttribute('d')).toBe(
      'M4 8H12M4 24H12M4 8V24M12 8V24',
    );
    expect(await page.locator('.map-outline').getAttribute('viewBox')).toBe('0 0 32 32');
    await page.getByText('Outline: the pixels predicted as cat').waitFor();
    await shootAll(opened, 'outline');
  });

  it.each([
    ['words', textExplanation()],
    ['letters', lettersExplanation()],
    ['signal', signalExplanation()],
    ['table', tableExplanation(40)],
  ])('fits %s into a window of 320 pixels', async (name, explanation) => {
    const opened = await open(explanation, { width: 320, height: 700 });
    expect(await horizontalOverflow(opened.page)).toBeLessThanOrEqual(0);
    await screenshot(opened.page, `figure-${name}-narrow`);
  });
});
