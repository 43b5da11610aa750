import type { Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type LayerglassError, ok } from '../../src/shared/errors';
import { channelTiles, denseValues, layerChoice, layerValues } from './canned';
import { type FakeHost, type OpenPage, PageHarness, screenshot, words } from './pageHarness';
import { THEMES, type ThemeName } from './themes';

describe('layer page', () => {
  let harness: PageHarness;
  let open: OpenPage | undefined;

  beforeAll(async () => {
    harness = await PageHarness.start();
  }, 60_000);
  afterAll(() => harness.stop());
  afterEach(async () => {
    const complaints = open?.complaints ?? [];
    await open?.close();
    open = undefined;
    expect(complaints).toEqual([]);
  });

  const host = (more: FakeHost<'layer'> = {}): FakeHost<'layer'> => ({
    ready: () => ok({ choice: layerChoice, inputNames: ['cat.png'] }),
    values: () => ok(layerValues),
    tiles: (_, from, count) => ok(channelTiles(from, count)),
    cancel: () => undefined,
    showLog: () => undefined,
    retry: () => undefined,
    ...more,
  });
  const shown = async (answers = host(), options: { theme?: ThemeName; height?: number } = {}) => {
    open = await harness.open('layer', answers, options);
    await open.page.getByRole('heading', { level: 1 }).waitFor();
    await open.page.getByRole('heading', { name: 'Statistics' }).waitFor();
    return open;
  };

  it.each(Object.keys(THEMES) as ThemeName[])('looks right in the %s theme', async (theme) => {
    const { page } = await shown(host(), { theme });
    await page.locator('.tiles li').nth(20).waitFor();
    await screenshot(page, `layer-${theme}`);
  });

  it('shows statistics before and after, the check and the shares', async () => {
    const { page } = await shown();
    const table = page.getByRole('table', { name: 'Statistics' });
    expect(await words(table)).toMatch(/Before\s+After relu/);
    expect(await words(table)).toMatch(/Negative\s+8,733 \(69\.6 %\)\s+0/);
    const facts = await words(page.getByRole('list', { name: 'Findings' }));
    expect(facts).toContain('relu(before) = after');
    expect(facts).toContain('largest error 0');
    expect(facts).toContain('69.6 %');
    expect(facts).toContain('3 of 64');
    await page.getByText('Inference mode: dropout is off').waitFor();
  });

  it('draws values that are all the same as one bar over their number', async () => {
    const counts = Array.from({ length: 60 }, (_, bin) => (bin === 0 ? 12 : 0));
    const same = { ...layerValues.post, min: 0.5, max: 0.5, histogram: { min: 0.5, max: 0.5, counts } };
    const { page } = await shown(host({ values: () => ok({ ...layerValues, post: same }) }));
    const figure = page.locator('.histogram-figure').filter({ hasText: 'After the activation' });
    expect(await words(figure.locator('.axis'))).toBe('0.5');
    expect(await figure.getByRole('img').getAttribute('aria-label')).toBe('After the activation: 0.5: 12');
    expect(await figure.locator('rect').count()).toBe(1);
    const centre = (locator: Locator) =>
      locator.evaluate((element) => {
        const { left, right } = element.getBoundingClientRect();
        return (left + right) / 2;
      });
    const axis = await centre(figure.locator('.axis'));
    expect(await centre(figure.locator('rect'))).toBeCloseTo(axis, 0);
    expect(await centre(figure.locator('.axis > span').nth(1))).toBeCloseTo(axis, 0);
  });

  it('warns when the check fails', async () => {
    const wrong = { ...layerValues, check: { largestError: 0.25, agrees: false } };
    const { page } = await shown(host({ values: () => ok(wrong) }));
    const fact = page.locator('.facts .bad');
    expect(await words(fact)).toContain('relu(before) ≠ after');
    expect(await words(fact)).toContain('0.25');
  });

  it('says NaN and infinities in place of numbers, and rounds no probability to 1', async () => {
    const [nan, inf] = [Number.NaN, Number.POSITIVE_INFINITY];
    const counts = new Array<number>(40).fill(0);
    const { post } = layerValues;
    const broken = {
      ...layerValues,
      pre: { ...post, min: -inf, max: inf, mean: 1.5, nan: 3, infinite: 2 },
      post: {
        ...post,
        min: nan,
        max: nan,
        mean: nan,
        std: nan,
        nan: post.count,
        histogram: { min: nan, max: nan, counts },
      },
      top: [
        { index: [0], pre: inf, post: 0.99999992 },
        { index: [1], pre: nan, post: nan },
      ],
      contributions: {
        unit: 0,
        bias: 0,
        pre: nan,
        rest: 0,
        largest: [{ input: 0, weight: 1, value: nan, product: nan }],
      },
      notices: ['The input "x" holds NaN.'],
    };
    const { page } = await shown(host({ values: () => ok(broken) }));
    const table = await words(page.getByRole('table', { name: 'Statistics' }));
    expect(table).toMatch(/Smallest\s+-∞\s+NaN/);
    expect(table).toMatch(/Largest\s+\+∞\s+NaN/);
    expect(table).toMatch(/Mean of the finite values\s+1\.5\s+NaN/);
    expect(table).toMatch(/NaN\s+3 \(< 0\.1 %\)\s+12,544 \(100 %\)/);
    expect(await words(page.locator('.histograms'))).toContain('No finite values');
    // Nothing stands where there is nothing to draw.
    expect(await page.locator('.histogram-figure:has-text("No finite values") svg').isVisible()).toBe(false);
    const values = await words(page.getByRole('table', { name: 'Largest values' }));
    expect(values).toMatch(/\+∞\s+1 - 8e-8/);
    expect(values).toMatch(/NaN\s+NaN/);
    await page.getByText('The input "x" holds NaN.').waitFor();
    await screenshot(page, 'layer-nan');
  });

  it('takes the sum of a dense unit apart and has no channels to draw', async () => {
    const { page, calls } = await shown(host({ values: () => ok(denseValues) }));
    const text = await words(page.getByRole('table', { name: 'Contributions to the sum' }));
    expect(text).toMatch(/12\s+18\.2\s+0\.5\s+9\.1/);
    expect(text).toMatch(/Bias\s+0\.213/);
    expect(text).toMatch(/Sum, before the activation\s+16\.3/);
    expect(await page.getByRole('list', { name: 'Channel maps' }).isVisible()).toBe(false);
    expect(calls.some(({ name }) => name === 'tiles')).toBe(false);
    await screenshot(page, 'layer-dense');
  });

  it('fetches channel maps as they are scrolled to', async () => {
    const { page, calls } = await shown(host(), { height: 500 });
    await page.locator('.tiles li').nth(47).waitFor();
    const pages = () => calls.filter(({ name }) => name === 'tiles').map(({ args }) => args[1]);
    await page.getByText('48 of 64 channels').scrollIntoViewIfNeeded();
    await page.locator('.tiles li').nth(63).waitFor();
    expect(pages()).toEqual([0, 48]);
    expect(await words(page.locator('.tiles-end'))).toBe('64 of 64 channels');
    const drawn = await page
      .locator('.tiles img')
      .first()
      .evaluate((image) => image instanceof HTMLImageElement && image.naturalWidth);
    expect(drawn).toBe(14);
  });

  it('switches the maps to the values before the activation and keeps that over a reload', async () => {
    const { page, calls } = await shown();
    await page.getByText('Before', { exact: true }).last().click();
    const last = () => calls.findLast(({ name }) => name === 'tiles')?.args;
    await expect.poll(() => last()?.[0]).toBe('pre');
    await page.getByLabel('Colours').selectOption('greys');
    await expect.poll(() => last()?.[3]).toBe('greys');
    await page.reload();
    await page.locator('.tiles li').first().waitFor();
    expect(last()).toEqual(['pre', 0, 48, 'greys']);
    const saved = await page.evaluate(() => sessionStorage.getItem('state'));
    expect(JSON.parse(saved ?? 'null')).toMatchObject(layerChoice);
  });

  it('says what went wrong and tries again', async () => {
    let broken = true;
    const error: LayerglassError = {
      kind: 'unknown-layer',
      message: 'Layer "sharpen" is not known.',
      remedy: 'Choose another.',
    };
    open = await harness.open(
      'layer',
      host({ values: () => (broken ? { ok: false, error } : ok(layerValues)) }),
    );
    await open.page.getByRole('alert').getByText('Layer "sharpen" is not known.').waitFor();
    await screenshot(open.page, 'layer-error');
    broken = false;
    await open.page.getByRole('button', { name: 'Try Again' }).click();
    await open.page.getByText('relu(before) = after').waitFor();
  });

  it('ignores outdated values', async () => {
    const pending: (() => void)[] = [];
    open = await harness.open(
      'layer',
      host({
        values: () => {
          const layer = pending.length === 0 ? layerChoice.layer : 'vgg16/block1_conv1';
          return new Promise((settle) => pending.push(() => settle(ok({ ...layerValues, layer }))));
        },
      }),
    );
    await expect.poll(() => pending.length).toBe(1);
    await open.tell('setChoice', { ...layerChoice, layer: 'vgg16/block1_conv1' }, ['dog.png']);
    await expect.poll(() => pending.length).toBe(2);
    pending[1]?.();
    await open.page.getByRole('heading', { name: 'Statistics' }).waitFor();
    pending[0]?.();
    await open.page.waitForTimeout(100);
    expect(await words(open.page.getByRole('heading', { level: 1 }))).toBe('vgg16/block1_conv1');
    expect(await open.page.getByRole('button', { name: 'Input: dog.png' }).count()).toBe(1);
  });

  it('follows the theme with its histograms', async () => {
    const { page, setTheme } = await shown();
    const fill = () =>
      page
        .locator('.histogram rect')
        .nth(5)
        .evaluate((bar) => getComputedStyle(bar).fill);
    expect(await fill()).toBe('rgb(55, 148, 255)');
    await setTheme('light');
    await expect.poll(fill).toBe('rgb(26, 133, 255)');
  });
});
