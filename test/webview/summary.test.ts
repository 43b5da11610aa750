import { describe, expect, it } from 'vitest';
import { fail, type LayerglassError, ok } from '../../src/shared/errors';
import type { LayerRow } from '../../src/shared/model';
import { summary } from './canned';
import { type FakeHost, horizontalOverflow, type OpenPage, screenshot, visibleText } from './pageHarness';
import { THEME_NAMES, type ThemeName } from './themes';
import { usePages } from './usePages';

describe('summary page', () => {
  const openPage = usePages();

  const host = (overrides: FakeHost<'summary'> = {}): FakeHost<'summary'> => ({
    ready: () => ok({ fileName: 'cats.keras', notice: null, summary }),
    explain: () => undefined,
    openLayer: () => undefined,
    copy: () => undefined,
    trainingConfig: () => ok({ config: null, isCut: false }),
    offersH5Web: () => false,
    openWithH5Web: () => undefined,
    showLog: () => undefined,
    retry: () => undefined,
    ...overrides,
  });
  const openSummary = async (theme: ThemeName = 'dark') => {
    const opened = await openPage('summary', host(), { theme });
    await opened.page.getByRole('heading', { name: 'cats.keras' }).waitFor();
    return opened;
  };
  const layerPaths = ({ page }: OpenPage) =>
    page.locator('.layers tbody tr').evaluateAll((rows) => rows.map((row) => row.dataset.path));
  const focused = ({ page }: OpenPage) =>
    page.evaluate(
      () => document.activeElement?.getAttribute('data-path') ?? document.activeElement?.ariaLabel,
    );

  it.each(THEME_NAMES)('renders without errors in the %s theme', async (theme) => {
    const { page } = await openSummary(theme);
    await page.locator('tr[data-path="vgg16"] .twistie').click();
    await screenshot(page, `summary-${theme}`);
  });

  it('shows how the model was compiled: a line, and everything when it is unfolded', async () => {
    const config = {
      optimizer: { class_name: 'Adam', config: { learning_rate: 0.001, beta_1: 0.9 } },
      loss: { class_name: 'BinaryCrossentropy', config: { from_logits: false } },
      metrics: ['accuracy'],
    };
    const training = () => ok({ config, isCut: false });
    const { page, calls } = await openPage('summary', host({ trainingConfig: training }));
    const section = page.locator('.training');
    await section.getByText('Compiled').click();
    expect(await visibleText(section)).toContain(
      'Compiled · Adam, learning rate 0.001 · loss BinaryCrossentropy',
    );
    expect(await visibleText(section)).toMatch(/beta_1\s+0\.9/);
    await section.getByRole('button', { name: 'Copy as JSON' }).click();
    await expect.poll(() => calls.at(-1)?.name).toBe('copy');
    expect(JSON.parse(String(calls.at(-1)?.args[0]))).toEqual(config);
    await screenshot(page, 'summary-training');
  });

  it('shows format, version, parameters, inputs and outputs of the model', async () => {
    const { page } = await openSummary();
    const text = await visibleText(page.locator('.model-header'));
    for (const part of [
      'Keras (.keras)',
      'Keras 3.15.1',
      '14,846,273',
      '131,585',
      '14,714,688',
      '(None, 64, 64, 3)',
      'dog',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('states which revision is shown', async () => {
    const notice = 'Revision: HEAD. The file in the workspace may differ.';
    const { page } = await openPage(
      'summary',
      host({ ready: () => ok({ fileName: 'cats.keras (HEAD)', notice, summary }) }),
    );
    await page.getByRole('heading', { name: 'cats.keras (HEAD)' }).waitFor();
    expect(await visibleText(page.locator('.model-header'))).toContain(notice);
  });

  it('offers H5Web where it is installed, even for a file that is not a model', async () => {
    const error = { kind: 'weights-only', message: 'w.h5 holds weights only.' } as const;
    let broken = true;
    const ready = () =>
      broken ? { ok: false as const, error } : ok({ fileName: 'cats.h5', notice: null, summary });
    const { page, calls } = await openPage('summary', host({ offersH5Web: () => true, ready }));
    const offer = page.getByRole('button', { name: 'Open with H5Web' });
    await page.getByRole('alert').waitFor();
    await offer.click();
    await expect.poll(() => calls.at(-1)?.name).toBe('openWithH5Web');
    broken = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'cats.h5' }).waitFor();
    expect(await offer.count()).toBe(1);
    await offer.click();
    await expect.poll(() => calls.filter(({ name }) => name === 'openWithH5Web').length).toBe(2);
  });

  it('counts the foreign code near the title and lists it with the keyboard', async () => {
    const { page } = await openSummary();
    const badge = page.locator('.model-header summary');
    expect(await visibleText(badge)).toBe('1 part with foreign code never run by Layerglass');
    const list = page.locator('.foreign-code-list');
    expect(await list.isVisible()).toBe(false);
    await badge.focus();
    await page.keyboard.press('Enter');
    expect(await visibleText(list)).toContain(
      "sharpen In Keras, the class My>SharpenLayer would run its author's Python code",
    );
    expect(await page.getByRole('list').filter({ hasText: 'My>SharpenLayer' }).count()).toBe(1);
    await page.keyboard.press('Enter');
    expect(await list.isVisible()).toBe(false);
  });

  it('shows no badge for a file without foreign code', async () => {
    const plain = { ...summary, foreignCode: [] };
    const { page } = await openPage(
      'summary',
      host({ ready: () => ok({ fileName: 'cats.keras', notice: null, summary: plain }) }),
    );
    await page.getByRole('heading', { name: 'cats.keras' }).waitFor();
    expect(await page.locator('.foreign-code').isVisible()).toBe(false);
  });

  it('lists the layers, marks the unknown one and lists every output of a nested model', async () => {
    const opened = await openSummary();
    expect(await layerPaths(opened)).toEqual([
      'image',
      'vgg16',
      'sharpen',
      'embed',
      'flatten',
      'hidden',
      'dog',
    ]);
    const sharpen = opened.page.locator('tr[data-path=sharpen]');
    expect(await visibleText(sharpen)).toContain(
      'Layerglass does not know the class SharpenLayer and never runs it.',
    );
    expect(await visibleText(sharpen)).toContain('unknown');
    const embed = await visibleText(opened.page.locator('tr[data-path=embed]'));
    expect(embed).toMatch(/0: \(None, 32, 32, 8\) embed\/conv_a/);
    expect(embed).toMatch(/1: \(None, 16, 16, 16\) embed\/conv_b/);
    expect(embed).toContain('call 1 of 3');
    expect(embed).toContain('leaves out the parallel branch');
  });

  it('shows the cost of each layer for one example, and which of several outputs is used', async () => {
    const opened = await openSummary();
    const { page } = opened;
    const header = await visibleText(page.locator('.model-header'));
    expect(header).toMatch(/Multiply-adds\s+unknown/);
    const hidden = page.locator('tr[data-path=hidden]');
    expect(await visibleText(hidden)).toMatch(/524,544\s+524 k\s+1.02 kB/);
    expect(await hidden.locator('.cost').first().getAttribute('title')).toBe('524,288');
    expect(await visibleText(page.locator('tr[data-path=sharpen]'))).toMatch(/unknown\s+unknown/);
    expect(await visibleText(page.locator('tr[data-path=flatten] .inbound'))).toBe('vgg16, embed[0]');
  });

  it('scrolls only the table sideways in a narrow column', async () => {
    const { page } = await openPage('summary', host(), { width: 420 });
    await page.getByRole('heading', { name: 'cats.keras' }).waitFor();
    expect(await horizontalOverflow(page)).toBe(0);
    await screenshot(page, 'summary-narrow');
  });

  it('filters layers inside nested models and counts the matches', async () => {
    const opened = await openSummary();
    await opened.page.getByLabel('Filter layers').fill('conv2d relu');
    expect(await layerPaths(opened)).toEqual(['vgg16', 'vgg16/block1_conv1', 'vgg16/block5_conv3']);
    await opened.page.getByText('2 of 11 layers').waitFor();
    await screenshot(opened.page, 'summary-filter');
    await opened.page.reload();
    await opened.page.getByText('2 of 11 layers').waitFor();
    expect(await opened.page.getByLabel('Filter layers').inputValue()).toBe('conv2d relu');
    await opened.page.getByLabel('Filter layers').fill('nothing like it');
    await opened.page.getByText('0 of 11 layers').waitFor();
    expect(await layerPaths(opened)).toEqual([]);
  });

  it('can be used with the keyboard alone', async () => {
    const opened = await openSummary();
    const { page, calls } = opened;
    await page.locator('tr[data-path=image]').focus();
    await page.keyboard.press('ArrowDown');
    expect(await focused(opened)).toBe('vgg16');
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('tr[data-path=vgg16]').getAttribute('aria-expanded')).toBe('true');
    expect(await focused(opened)).toBe('vgg16');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await focused(opened)).toBe('vgg16/block5_conv3');
    await page.keyboard.press('Enter');
    await expect.poll(() => calls.at(-1)).toEqual({ name: 'explain', args: ['vgg16/block5_conv3'] });
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await expect.poll(() => calls.at(-1)).toEqual({ name: 'openLayer', args: ['vgg16/block5_conv3'] });
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    await expect.poll(() => calls.at(-1)).toEqual({ name: 'copy', args: ['(None, 4, 4, 512)'] });
    for (let i = 0; i < 3; i += 1) await page.keyboard.press('ArrowLeft');
    expect(await focused(opened)).toBe('vgg16/block5_conv3');
    await page.keyboard.press('ArrowLeft');
    expect(await focused(opened)).toBe('vgg16');
    await page.keyboard.press('ArrowLeft');
    expect(await page.locator('tr[data-path=vgg16]').getAttribute('aria-expanded')).toBe('false');
    await page.keyboard.press('End');
    expect(await focused(opened)).toBe('dog');
    expect(await page.locator('tbody tr[tabindex="0"]').count()).toBe(1);
  });

  it('offers the actions of a row to the mouse, too', async () => {
    const { page, calls } = await openSummary();
    await page.locator('tr[data-path=hidden]').hover();
    await page.getByRole('button', { name: 'Show Layer Values: hidden' }).click();
    await expect.poll(() => calls.at(-1)).toEqual({ name: 'openLayer', args: ['hidden'] });
    await page.getByRole('button', { name: 'Explain Prediction' }).click();
    await expect.poll(() => calls.at(-1)).toEqual({ name: 'explain', args: [null] });
  });

  it('states why a file is not a model, and tries again', async () => {
    let broken = true;
    const error: LayerglassError = {
      kind: 'not-a-model',
      message: 'notes.h5 is text, not an HDF5 file.',
      remedy: 'Save it with model.save().',
    };
    const { page } = await openPage(
      'summary',
      host({
        ready: () => (broken ? { ok: false, error } : ok({ fileName: 'cats.keras', notice: null, summary })),
      }),
    );
    await page.getByRole('alert').getByText('notes.h5 is text').waitFor();
    await screenshot(page, 'summary-error');
    broken = false;
    await page.getByRole('button', { name: 'Try Again' }).click();
    await page.getByRole('heading', { name: 'cats.keras' }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  const named = (path: string, more: Partial<LayerRow> = {}): LayerRow => ({
    ...(summary.layers.find((row) => row.path === 'hidden') ?? fail('internal', 'no row')),
    ...{ path, name: path.split('/').at(-1) ?? path, inbound: [], inboundOutputs: [], parent: null },
    ...more,
  });
  const openLayers = (layers: readonly LayerRow[], options = {}) =>
    openPage(
      'summary',
      host({ ready: () => ok({ fileName: 'a.keras', notice: null, summary: { ...summary, layers } }) }),
      options,
    );

  it('is sorted by a column, within each model, and in the order of the model again', async () => {
    const opened = await openSummary();
    await opened.page.locator('tr[data-path="vgg16"] .twistie').click();
    const order = await layerPaths(opened);
    const sort = opened.page.getByRole('button', { name: 'Parameters' });
    await sort.click();
    const header = opened.page.getByRole('columnheader', { name: 'Parameters' });
    expect(await header.getAttribute('aria-sort')).toBe('descending');
    const paths = await layerPaths(opened);
    expect(paths[0]).toBe('vgg16');
    const params = (path: string | undefined) => summary.layers.find((row) => row.path === path)?.params ?? 0;
    for (const level of [
      (path?: string) => !path?.includes('/'),
      (path?: string) => path?.startsWith('vgg16/'),
    ]) {
      const own = paths.filter(level).map(params);
      expect(own).toEqual([...own].sort((a, b) => b - a));
    }
    await sort.press('Enter');
    expect(await header.getAttribute('aria-sort')).toBe('ascending');
    await sort.click();
    expect(await header.getAttribute('aria-sort')).toBe(null);
    expect(await layerPaths(opened)).toEqual(order);
  });

  it('tells the calls of a shared model apart', async () => {
    const rows = ['embed', 'embed@2', 'embed@3'].map((path) => named(path, { name: 'embed', calls: 3 }));
    const { page } = await openLayers(rows);
    await page.locator('.layers .badge').nth(2).waitFor();
    expect(await page.locator('.layers .badge').allTextContents()).toEqual([
      'call 1 of 3',
      'call 2 of 3',
      'call 3 of 3',
    ]);
  });

  it('says a warning once', async () => {
    const rows = ['a', 'b', 'c'].map((path) => named(path, { unknownBecause: 'mystery' }));
    const { page } = await openLayers(rows);
    await page.locator('.remark').first().waitFor();
    expect(await page.locator('.remark').allTextContents()).toEqual(['Unknown because of mystery.']);
    expect(await page.locator('.remark-mark').count()).toBe(2);
    expect(await page.locator('.remark-mark').first().getAttribute('title')).toBe(
      'Unknown because of mystery.',
    );
  });

  it.each([1440, 520])('keeps head, names and actions in view at %d px', async (width) => {
    const rows = Array.from({ length: 154 }, (_, i) =>
      named(`mobilenetv2/block_${i}_depthwise_batch_normalization`, {
        className: 'BatchNormalization',
        inbound: ['mobilenetv2/block_0_depthwise_batch_normalization'],
        inboundOutputs: [0],
      }),
    );
    const { page } = await openLayers(rows, { width, height: 800 });
    const frame = page.locator('.table-frame');
    await page.locator('.layers tbody tr').nth(100).scrollIntoViewIfNeeded();
    await frame.evaluate((element) => element.scrollBy(400, 0));
    const row = page.locator('.layers tbody tr').nth(100);
    await row.hover();
    const box = async (selector: string) =>
      (await row.locator(selector).boundingBox()) ?? fail('internal', selector);
    const outer = (await frame.boundingBox()) ?? fail('internal', 'no frame');
    const [name, actions] = [await box('.name'), await box('.actions')];
    expect(name.x).toBeGreaterThanOrEqual(outer.x - 1);
    expect(actions.x + actions.width).toBeLessThanOrEqual(outer.x + outer.width + 1);
    expect(name.x + name.width).toBeLessThanOrEqual(actions.x + 1);
    const head =
      (await page.locator('.layers thead th').first().boundingBox()) ?? fail('internal', 'no head');
    expect(head.y).toBeGreaterThanOrEqual(outer.y - 1);
    await screenshot(page, `summary-scrolled-${width}`);
  });
});
