import { describe, expect, it } from 'vitest';
import { ok } from '../../../src/shared/errors';
import type { LayerWeights } from '../../../src/shared/results/weights';
import { layerChoice } from '../canned';
import { type FakeHost, type PageOptions, screenshot, visibleText } from '../pageHarness';
import { THEME_NAMES } from '../themes';
import { usePages } from '../usePages';
import { convWeights, filterTiles, normWeights, weightStatistics, weightValues } from './cannedWeights';

const host = (weights: LayerWeights, overrides: FakeHost<'layer'> = {}): FakeHost<'layer'> => ({
  ready: () =>
    ok({ choice: { ...layerChoice, layer: weights.layer, inputs: [] }, inputNames: [], weightsOnly: true }),
  weights: () => ok(weights),
  weightStatistics: (weight) => ok(weightStatistics(weights, weight)),
  weightFilters: (weight, order, _, from, count) =>
    ok(filterTiles(weights.weights[weight]?.filters ?? 0, order, from, count)),
  weightValues: (weight) => ok(weightValues(weight, 8)),
  exportWeights: () => ok({ folder: '/out', files: ['/out/conv.kernel.npy'] }),
  cancel: () => undefined,
  ...overrides,
});

describe('weights of the layer page', () => {
  const openPage = usePages();
  const openTab = async (weights: LayerWeights, overrides?: FakeHost<'layer'>, options?: PageOptions) => {
    const opened = await openPage('layer', host(weights, overrides), options);
    await opened.page.getByRole('tab', { name: 'Weights', selected: true }).waitFor();
    await opened.page.getByRole('grid', { name: /^Weights/ }).waitFor();
    return opened;
  };

  it.each(THEME_NAMES)('renders without errors in the %s theme', async (theme) => {
    const { page, errors } = await openTab(convWeights, undefined, { theme });
    await page.getByRole('img', { name: /^Filter 7:/ }).waitFor();
    await page.getByText('pairs of equal or negated filters').first().waitFor();
    await screenshot(page, `weights-${theme}`);
    expect(errors).toEqual([]);
  });

  it('names dead and duplicate filters of a layer that needs no input', async () => {
    const { page, calls } = await openTab(convWeights);
    const facts = page.getByRole('tabpanel').getByRole('list', { name: 'Findings' });
    await facts.getByText('1 of 64').waitFor();
    const text = await visibleText(facts);
    expect(text).toContain('dead filters, all 0: 2');
    expect(text).toContain('1 = 5, 1 = -6, 5 = -6');
    await page.getByRole('img', { name: 'Filter 2: norm 0, -0.5 to 0.75, all 0' }).waitFor();
    expect(calls.map(({ name }) => name)).not.toContain('values');
  });

  it('sorts filters by norm', async () => {
    const { page } = await openTab(convWeights);
    await page.getByRole('img', { name: /^Filter 0:/ }).waitFor();
    await page
      .getByRole('region', { name: 'Filters' })
      .getByLabel('Sort by')
      .selectOption('Smallest norm')
      .catch(async () => {
        await page.getByRole('region', { name: 'Filters' }).getByLabel('Sort by').click();
        await page.getByRole('option', { name: 'Smallest norm' }).click();
      });
    await expect
      .poll(() => page.locator('.filter img').first().getAttribute('alt'))
      .toContain('Filter 2: norm 0');
  });

  it('shows the statistics of a batch normalisation side by side', async () => {
    const { page } = await openTab(normWeights, undefined, { width: 900 });
    const row = page.getByRole('row').filter({ hasText: 'NaN' }).last();
    await row.waitFor();
    expect(await page.locator('.value-head').textContent()).toBe('gammabetamoving_meanmoving_variance');
    expect(await page.locator('.value-row[role=row]').count()).toBe(8);
    await screenshot(page, 'weights-batch-normalization');
  });

  it('scrolls wide tables sideways on a narrow page', async () => {
    const { page } = await openTab(normWeights, undefined, { width: 360 });
    await page.locator('.value-row[role=row]').first().waitFor();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(360);
    await screenshot(page, 'weights-narrow');
  });

  it('asks only for what is in view of 2,048 filters', async () => {
    const [kernel] = convWeights.weights;
    if (kernel === undefined) throw new Error('the layer has no kernel');
    const weights = [{ ...kernel, shape: [1, 1, 64, 2048], filters: 2048 }];
    const { page, calls } = await openTab({ ...convWeights, weights });
    await page.getByRole('img', { name: /^Filter 0:/ }).waitFor();
    const frame = page.locator('.virtual-frame').first();
    await frame.evaluate((element) => {
      element.scrollTop = element.scrollHeight;
    });
    await page.getByRole('img', { name: /^Filter 2047:/ }).waitFor();
    const asked = calls.filter(({ name }) => name === 'weightFilters').length;
    expect(asked).toBeLessThan(8);
    expect(await page.locator('.filter').count()).toBeLessThan(120);
  });

  it('stops the statistics of a large weight on Cancel, and asks for them again on Try Again', async () => {
    let cancel = () => {};
    let asked = 0;
    const { page } = await openTab(convWeights, {
      weightStatistics: (weight) =>
        asked++ > 0
          ? ok(weightStatistics(convWeights, weight))
          : new Promise((resolve) => {
              cancel = () => resolve({ ok: false, error: { kind: 'cancelled', message: 'Cancelled.' } });
            }),
      cancel: () => cancel(),
    });
    await page.getByRole('progressbar', { name: 'Computing' }).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Cancelled.').waitFor();
    expect(await page.getByRole('progressbar', { name: 'Computing' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Try Again' }).click();
    await page.getByText('pairs of equal or negated filters').first().waitFor();
    // The other weights of the list follow.
    await expect.poll(() => asked).toBe(1 + convWeights.weights.length);
  });

  it('exports a weight and names the file', async () => {
    const { page, calls } = await openTab(convWeights);
    await page.getByRole('button', { name: 'Export .npy…' }).click();
    await page.getByText('Wrote /out/conv.kernel.npy').waitFor();
    expect(calls.find(({ name }) => name === 'exportWeights')?.args).toEqual([0]);
  });

  it('says that a layer has no weights', async () => {
    const opened = await openPage('layer', host({ layer: 'pool', className: null, weights: [] }));
    await opened.page.getByText('This layer has no weights.').waitFor();
  });
});
