import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { type LayerglassError, ok } from '../../src/shared/errors';
import { channelMap, channelTiles, denseValues, layerChannels, layerChoice, layerValues } from './canned';
import { imageTrace } from './cannedTraces';
import { cannedUnit } from './layer/cannedUnits';
import { type FakeHost, type PageOptions, screenshot, visibleText } from './pageHarness';
import { THEME_NAMES } from './themes';
import { usePages } from './usePages';

describe('layer page', () => {
  const openPage = usePages();

  const host = (overrides: FakeHost<'layer'> = {}): FakeHost<'layer'> => ({
    ready: () => ok({ choice: layerChoice, inputNames: ['cat.png'] }),
    values: () => ok(layerValues),
    trace: () => ok(imageTrace),
    openUnit: () => ok({ unit: cannedUnit, names: [] }),
    channels: () => ok(layerChannels),
    tiles: (_, __, channels) => ok(channelTiles(channels)),
    channelMap: (_, __, channel) => ok(channelMap(channel)),
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
    expect(facts).toContain('3 of 64 (4.7 %)');
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

  it('draws both distributions over one axis with the curve of the activation between them', async () => {
    const counts = (at: (bin: number) => number) => Array.from({ length: 64 }, (_, bin) => at(bin));
    const distribution = {
      ...{ min: -4, max: 4 },
      before: counts((bin) => 64 - Math.abs(bin - 24)),
      after: counts((bin) => (bin === 32 ? 900 : bin > 32 ? 64 - bin : 0)),
      curve: { from: -4, to: 4, values: Array.from({ length: 9 }, (_, i) => Math.max(0, i - 4)) },
    };
    const { page, setTheme } = await openLayer(host({ values: () => ok({ ...layerValues, distribution }) }));
    const figure = page.locator('.histogram-figure').filter({ has: page.locator('.distribution') });
    const box = (selector: string) =>
      figure.locator(selector).evaluateAll((all) => {
        const boxes = all.map((one) => one.getBoundingClientRect());
        return {
          left: Math.min(...boxes.map(({ left }) => left)),
          right: Math.max(...boxes.map(({ right }) => right)),
          top: Math.min(...boxes.map(({ top }) => top)),
          bottom: Math.max(...boxes.map(({ bottom }) => bottom)),
        };
      });
    const [bars, curve] = [await box('rect'), await box('.curve')];
    expect(curve.left).toBeCloseTo(bars.left, 0);
    expect(curve.right).toBeCloseTo(bars.right, 0);
    expect(curve.top).toBeGreaterThan(bars.top);
    expect(curve.bottom).toBeLessThan(bars.bottom);
    await figure.getByText('Show as a Table').click();
    const rows = figure.getByRole('table', { name: 'Distribution' }).locator('tbody tr');
    expect(await rows.count()).toBe(64);
    // The bin that starts at 0; its middle is at 1/16, where the curve is.
    expect(await visibleText(rows.nth(32))).toMatch(/^0\s+0\.125\s+56\s+900\s+0\.0625$/);
    for (const theme of THEME_NAMES) {
      await setTheme(theme);
      await screenshot(page, `layer-distribution-${theme}`);
    }
  });

  it('writes the probabilities of a softmax beside its logits, however near to 0 and 1', async () => {
    const top = [
      { index: [1], pre: 120, post: 1, probability: { log: 0, logOfComplement: -100 } },
      { index: [0], pre: 20, post: 3.783506e-44, probability: { log: -100, logOfComplement: 0 } },
      { index: [2], pre: -900, post: 0, probability: { log: -1020, logOfComplement: 0 } },
    ];
    const { page } = await openLayer(
      host({ values: () => ok({ ...denseValues, activation: 'softmax', top }) }),
    );
    const rows = page.getByRole('table', { name: 'Largest values' }).locator('tr');
    expect((await rows.allInnerTexts()).map((text) => text.split(/\t/))).toEqual([
      ['Index', 'Logit', 'Probability'],
      ['[1]', '120', '1 - 3.7e-44'],
      ['[0]', '20', '3.7e-44'],
      ['[2]', '-900', '1e-443'],
    ]);
    await screenshot(page, 'layer-softmax');
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
        { index: [0], pre: inf, post: 0.99999992, probability: null },
        { index: [1], pre: nan, post: nan, probability: null },
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
    const channels = { ...layerChannels, kind: null, stages: ['post'], total: 0, described: 0 } as const;
    const { page, calls } = await openLayer(
      host({ values: () => ok(denseValues), channels: () => ok(channels) }),
    );
    const unit = page.getByRole('region', { name: 'One unit' });
    await unit.getByText(/^dog, unit 0: 1 - 8\.3e-8$/).waitFor();
    expect(await page.getByRole('list', { name: 'Channel maps' }).isVisible()).toBe(false);
    expect(calls.some(({ name }) => name === 'tiles')).toBe(false);
    await screenshot(page, 'layer-dense');
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
