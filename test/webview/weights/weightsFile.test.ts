import { describe, expect, it } from 'vitest';
import { ok } from '../../../src/shared/errors';
import type { LayerRow, ModelSummary } from '../../../src/shared/model';
import { summary } from '../canned';
import { type FakeHost, screenshot, visibleText } from '../pageHarness';
import { THEME_NAMES } from '../themes';
import { usePages } from '../usePages';

const [like] = summary.layers;
if (like === undefined) throw new Error('the canned model has no layers');

const row = (path: string, className: string, more: Partial<LayerRow>): LayerRow => ({
  ...like,
  ...{ path, name: path, className, outputShapes: [], inbound: [], inboundOutputs: [] },
  ...{ multiplyAdds: null, activationBytes: null, activation: null, parent: null, isModel: false },
  ...more,
});
const why = 'epoch-3.weights.h5 contains only weights: it does not describe the layers of the model.';
const arrays: ModelSummary = {
  ...summary,
  format: 'weights',
  params: { total: 224, trainable: 0, nonTrainable: 0, undetermined: 224 },
  inputs: [],
  outputs: [],
  foreignCode: [],
  notices: [why],
  weightsOnly: { why, remedy: 'Put the model beside it.' },
  layers: [
    row('conv', 'Conv2D', { isModel: true, params: 224 }),
    row('conv/kernel', 'float32', {
      name: 'kernel',
      parent: 'conv',
      outputShapes: [[3, 3, 3, 8]],
      params: 216,
    }),
    row('conv/bias', 'float32', { name: 'bias', parent: 'conv', outputShapes: [[8]], params: 8 }),
  ],
};

describe('summary page of a file of weights', () => {
  const openPage = usePages();
  const openArrays = async (overrides: FakeHost<'summary'> = {}, theme = THEME_NAMES[0]) => {
    const opened = await openPage(
      'summary',
      {
        ready: () => ok({ fileName: 'epoch-3.weights.h5', notice: null, summary: arrays }),
        openLayer: () => undefined,
        offersH5Web: () => false,
        ...overrides,
      },
      { theme },
    );
    await opened.page.getByRole('heading', { name: 'epoch-3.weights.h5' }).waitFor();
    return opened;
  };

  it.each(THEME_NAMES)('lists layers and arrays in the %s theme', async (theme) => {
    const { page, errors } = await openArrays({}, theme);
    const text = await visibleText(page.locator('.layers tbody'));
    expect(text).toMatch(/conv\s+Conv2D\s+224/);
    expect(text).toMatch(/kernel\s+float32\s+\(?3[^\n]*8\)?\s+216/);
    await page.getByText(why).waitFor();
    await page.getByText('3 layers and arrays').waitFor();
    await page.getByRole('columnheader', { name: 'Shape', exact: true }).waitFor();
    expect(await page.getByRole('columnheader', { name: 'Multiply-adds' }).count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Explain Prediction' }).count()).toBe(0);
    await screenshot(page, `summary-weights-${theme}`);
    expect(errors).toEqual([]);
  });

  it('leads to the weights of a layer by click and by Enter', async () => {
    const { page, calls } = await openArrays();
    expect(await page.getByRole('button', { name: /^Explain Here/ }).count()).toBe(0);
    await page.locator('tr[data-path="conv/kernel"]').focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => calls.find(({ name }) => name === 'openLayer')?.args).toEqual(['conv/kernel']);
  });
});
