import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { type LayerglassError, ok } from '../../src/shared/errors';
import { channelTiles, denseValues, layerChoice, layerValues } from './canned';
import { imageTrace } from './cannedTraces';
import { cannedUnit } from './layer/cannedUnits';
import { type FakeHost, type PageOptions, savedState, screenshot, visibleText } from './pageHarness';
import { THEME_NAMES } from './themes';
import { usePages } from './usePages';

describe('layer page', () => {
  const openPage = usePages();

  const host = (overrides: FakeHost<'layer'> = {}): FakeHost<'layer'> => ({
    ready: () => ok({ choice: layerChoice, inputNames: ['cat.png'] }),
    values: () => ok(layerValues),
    trace: () => ok(imageTrace),
    openUnit: () => ok({ unit: cannedUnit, names: [] }),
    tiles: (_, from, count) => ok(channelTiles(from, count)),
    cancel: () => undefined,
    showLog: () => undefined,
    retry: () => undefined,
    ...overrides,
  });
  const openLayer = async (fakeHost = host(), options?: PageOptions) => {
    const opened = await openPage('layer', fakeHost, options);
    await opened.page.getByRole('heading', { level: 1 }).waitFor();
    await opened.page.getByRole('heading', { name: 'Statistics' }).waitFor();
    return opened;
  };

  it.each(THEME_NAMES)('renders without errors in the %s theme', async (theme) => {
    const { page } = await openLayer(host(), { theme });
    await page.locator('.tiles li').nth(20).waitFor();
    await screenshot(page, `layer-${theme}`);
  });

  it('shows the statistics before and after the activation, the check and the shares', async () => {
    const { page } = await openLayer();
    const table = page.getByRole('table', { name: 'Statistics' });
    expect(await visibleText(table)).toMatch(/Before\s+After relu/);
    expect(await visibleText(table)).toMatch(/Negative\s+8,733 \(69\.6 %\)\s+0/);
    const facts = await visibleText(page.getByRole('list', { name: 'Findings' }));
    expect(facts).toContain('relu(before) = after');
    expect(facts).toContain('largest error 0');
    expect(facts).toContain('69.6 %');
    expect(facts).toContain('3 of 64');
    await page.getByText('Inference mode: dropout is off').waitFor();
  });

  it('draws equal values as one bar above their number', async () => {
    const counts = Array.from({ length: 60 }, (_, bin) => (bin === 0 ? 12 : 0));
    const same = { ...layerValues.post, min: 0.5, max: 0.5, histogram: { min: 0.5, max: 0.5, counts } };
    const { page } = await openLayer(host({ values: () => ok({ ...layerValues, post: same }) }));
    const figure = page.locator('.histogram-figure').filter({ hasText: 'After the activation' });
    expect(await visibleText(figure.locator('.axis'))).toBe('0.5');
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
    const failing = { ...layerValues, check: { largestError: 0.25, agrees: false } };
    const { page } = await openLayer(host({ values: () => ok(failing) }));
    const fact = page.locator('.facts .bad');
    expect(await visibleText(fact)).toContain('relu(before) ≠ after');
    expect(await visibleText(fact)).toContain('0.25');
  });

  it('shows NaN and infinities, and does not round a probability to 1', async () => {
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
      notices: ['The input "x" holds NaN.'],
    };
    const { page } = await openLayer(host({ values: () => ok(broken) }));
    const table = await visibleText(page.getByRole('table', { name: 'Statistics' }));
    expect(table).toMatch(/Smallest\s+-∞\s+NaN/);
    expect(table).toMatch(/Largest\s+\+∞\s+NaN/);
    expect(table).toMatch(/Mean of the finite values\s+1\.5\s+NaN/);
    expect(table).toMatch(/NaN\s+3 \(< 0\.1 %\)\s+12,544 \(100 %\)/);
    expect(await visibleText(page.locator('.histograms'))).toContain('No finite values');
    expect(await page.locator('.histogram-figure:has-text("No finite values") svg').isVisible()).toBe(false);
    const values = await visibleText(page.getByRole('table', { name: 'Largest values' }));
    expect(values).toMatch(/\+∞\s+1 - 8e-8/);
    expect(values).toMatch(/NaN\s+NaN/);
    await page.getByText('The input "x" holds NaN.').waitFor();
    await screenshot(page, 'layer-nan');
  });

  it('a dense layer has no channel maps, and a unit that is taken apart', async () => {
    const { page, calls } = await openLayer(host({ values: () => ok(denseValues) }));
    const unit = page.getByRole('region', { name: 'One unit' });
    await unit.getByText(/^dog, unit 0: 1 - 8\.3e-8$/).waitFor();
    expect(await page.getByRole('list', { name: 'Channel maps' }).isVisible()).toBe(false);
    expect(calls.some(({ name }) => name === 'tiles')).toBe(false);
    await screenshot(page, 'layer-dense');
  });

  it('requests more channel maps when the end of the list is scrolled into view', async () => {
    const { page, calls } = await openLayer(host(), { height: 500 });
    await page.locator('.tiles li').nth(47).waitFor();
    const firstChannels = () => calls.filter(({ name }) => name === 'tiles').map(({ args }) => args[1]);
    await page.getByText('48 of 64 channels').scrollIntoViewIfNeeded();
    await page.locator('.tiles li').nth(63).waitFor();
    expect(firstChannels()).toEqual([0, 48]);
    expect(await visibleText(page.locator('.tiles-end'))).toBe('64 of 64 channels');
    expect(await page.locator('.tile-caption span:first-child').allTextContents()).toEqual(
      Array.from({ length: 64 }, (_, channel) => String(channel)),
    );
    const width = await page
      .locator('.tiles img')
      .first()
      .evaluate((image) => image instanceof HTMLImageElement && image.naturalWidth);
    expect(width).toBe(14);
  });

  it('shows the maps of the values before the activation, and still does after a reload', async () => {
    const { page, calls } = await openLayer();
    await page.getByText('Before', { exact: true }).last().click();
    const lastRequest = () => calls.findLast(({ name }) => name === 'tiles')?.args;
    await expect.poll(() => lastRequest()?.[0]).toBe('pre');
    await page.getByLabel('Colours').selectOption('greys');
    await expect.poll(() => lastRequest()?.[3]).toBe('greys');
    await page.reload();
    await page.locator('.tiles li').first().waitFor();
    expect(lastRequest()).toEqual(['pre', 0, 48, 'greys']);
    expect(await savedState(page)).toMatchObject(layerChoice);
  });

  it('states what went wrong, and tries again', async () => {
    let broken = true;
    const error: LayerglassError = {
      kind: 'unknown-layer',
      message: 'Layer "sharpen" is not known.',
      remedy: 'Choose another.',
    };
    const { page } = await openPage(
      'layer',
      host({ values: () => (broken ? { ok: false, error } : ok(layerValues)) }),
    );
    await page.getByRole('alert').getByText('Layer "sharpen" is not known.').waitFor();
    await screenshot(page, 'layer-error');
    broken = false;
    await page.getByRole('button', { name: 'Try Again' }).click();
    await page.getByText('relu(before) = after').waitFor();
  });

  it('ignores values that arrive after those of a later request', async () => {
    const pending: (() => void)[] = [];
    const { page, tell } = await openPage(
      'layer',
      host({
        values: () => {
          const layer = pending.length === 0 ? layerChoice.layer : 'vgg16/block1_conv1';
          return new Promise((settle) => pending.push(() => settle(ok({ ...layerValues, layer }))));
        },
      }),
    );
    await expect.poll(() => pending.length).toBe(1);
    await tell('setChoice', { ...layerChoice, layer: 'vgg16/block1_conv1' }, ['dog.png']);
    await expect.poll(() => pending.length).toBe(2);
    pending[1]?.();
    await page.getByRole('heading', { name: 'Statistics' }).waitFor();
    pending[0]?.();
    await page.waitForTimeout(100);
    expect(await visibleText(page.getByRole('heading', { level: 1 }))).toBe('vgg16/block1_conv1');
    expect(await page.getByRole('button', { name: 'Input: dog.png' }).count()).toBe(1);
  });

  it('says what to do where no input was chosen, and shows the values when one is', async () => {
    const { page, calls, tell } = await openPage(
      'layer',
      host({
        ready: () => ok({ choice: { ...layerChoice, inputs: [] }, inputNames: [] }),
        pickInput: () => undefined,
      }),
    );
    const panel = page.getByRole('tabpanel', { name: 'Values' });
    await panel.getByRole('button', { name: 'Choose an Input…' }).click();
    await expect.poll(() => calls.at(-1)?.name).toBe('pickInput');
    expect(calls.some(({ name }) => name === 'values')).toBe(false);
    await screenshot(page, 'layer-no-input');
    await tell('setChoice', layerChoice, ['cat.png']);
    await page.getByRole('heading', { name: 'Statistics' }).waitFor();
    expect(await panel.getByRole('button', { name: 'Choose an Input…' }).isVisible()).toBe(false);
  });

  it('redraws the histograms in the colours of a new theme', async () => {
    const { page, setTheme } = await openLayer();
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
