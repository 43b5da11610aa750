import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type LayerglassError, ok } from '../../src/shared/errors';
import { summary } from './canned';
import { type FakeHost, type OpenPage, PageHarness, screenshot, words } from './pageHarness';
import { THEMES, type ThemeName } from './themes';

describe('summary page', () => {
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

  const host = (more: FakeHost<'summary'> = {}): FakeHost<'summary'> => ({
    ready: () => ok({ fileName: 'cats.keras', notice: null, summary }),
    explain: () => undefined,
    openLayer: () => undefined,
    copy: () => undefined,
    offersH5Web: () => false,
    openWithH5Web: () => undefined,
    showLog: () => undefined,
    retry: () => undefined,
    ...more,
  });
  const shown = async (theme: ThemeName = 'dark') => {
    open = await harness.open('summary', host(), { theme });
    await open.page.getByRole('heading', { name: 'cats.keras' }).waitFor();
    return open;
  };
  const names = ({ page }: OpenPage) =>
    page.locator('.layers tbody tr').evaluateAll((rows) => rows.map((row) => row.dataset.path));
  const focused = ({ page }: OpenPage) =>
    page.evaluate(
      () => document.activeElement?.getAttribute('data-path') ?? document.activeElement?.ariaLabel,
    );

  it.each(Object.keys(THEMES) as ThemeName[])('looks right in the %s theme', async (theme) => {
    const { page } = await shown(theme);
    await page.locator('tr[data-path="vgg16"] .twistie').click();
    await screenshot(page, `summary-${theme}`);
  });

  it('says what the model is', async () => {
    const { page } = await shown();
    const text = await words(page.locator('.model-header'));
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

  it('says that a revision is shown', async () => {
    const notice = 'Revision: HEAD. The file in the workspace may differ.';
    open = await harness.open(
      'summary',
      host({ ready: () => ok({ fileName: 'cats.keras (HEAD)', notice, summary }) }),
    );
    await open.page.getByRole('heading', { name: 'cats.keras (HEAD)' }).waitFor();
    expect(await words(open.page.locator('.model-header'))).toContain(notice);
  });

  it('offers H5Web where it is installed, also for a file that is not a model', async () => {
    const error = { kind: 'weights-only', message: 'w.h5 holds weights only.' } as const;
    let broken = true;
    const ready = () =>
      broken ? { ok: false as const, error } : ok({ fileName: 'cats.h5', notice: null, summary });
    open = await harness.open('summary', host({ offersH5Web: () => true, ready }));
    const { page, calls } = open;
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

  it('counts the foreign code near the title and lists it by the keyboard', async () => {
    const { page } = await shown();
    const badge = page.locator('.model-header summary');
    expect(await words(badge)).toBe('1 part with foreign code never run by Layerglass');
    const list = page.locator('.foreign-code-list');
    expect(await list.isVisible()).toBe(false);
    await badge.focus();
    await page.keyboard.press('Enter');
    expect(await words(list)).toContain(
      "sharpen In Keras, the class My>SharpenLayer would run its author's Python code",
    );
    expect(await page.getByRole('list').filter({ hasText: 'My>SharpenLayer' }).count()).toBe(1);
    await page.keyboard.press('Enter');
    expect(await list.isVisible()).toBe(false);
  });

  it('shows no badge for a file without foreign code', async () => {
    const plain = { ...summary, foreignCode: [] };
    open = await harness.open(
      'summary',
      host({ ready: () => ok({ fileName: 'cats.keras', notice: null, summary: plain }) }),
    );
    await open.page.getByRole('heading', { name: 'cats.keras' }).waitFor();
    expect(await open.page.locator('.foreign-code').isVisible()).toBe(false);
  });

  it('lists layers, marks the unknown one, lists every output of a nested model', async () => {
    const opened = await shown();
    expect(await names(opened)).toEqual(['image', 'vgg16', 'sharpen', 'embed', 'flatten', 'hidden', 'dog']);
    const sharpen = opened.page.locator('tr[data-path=sharpen]');
    expect(await words(sharpen)).toContain(
      'Layerglass does not know the class SharpenLayer and never runs it.',
    );
    expect(await words(sharpen)).toContain('unknown');
    const embed = await words(opened.page.locator('tr[data-path=embed]'));
    expect(embed).toMatch(/0: \(None, 32, 32, 8\) embed\/conv_a/);
    expect(embed).toMatch(/1: \(None, 16, 16, 16\) embed\/conv_b/);
    expect(embed).toContain('3 calls');
    expect(embed).toContain('leaves out the parallel branch');
  });

  it('says what each layer costs, for one example, and which output of several is taken', async () => {
    const opened = await shown();
    const { page } = opened;
    const header = await words(page.locator('.model-header'));
    expect(header).toMatch(/Multiply-adds\s+unknown/);
    const hidden = page.locator('tr[data-path=hidden]');
    expect(await words(hidden)).toMatch(/524,544\s+524 k\s+1.02 kB/);
    expect(await hidden.locator('.cost').first().getAttribute('title')).toBe('524,288');
    expect(await words(page.locator('tr[data-path=sharpen]'))).toMatch(/unknown\s+unknown/);
    expect(await words(page.locator('tr[data-path=flatten] .inbound'))).toBe('vgg16, embed[0]');
  });

  it('keeps to a narrow column: the table alone scrolls sideways', async () => {
    open = await harness.open('summary', host(), { theme: 'dark', width: 420 });
    const { page } = open;
    await page.getByRole('heading', { name: 'cats.keras' }).waitFor();
    const overhang = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overhang).toBe(0);
    await screenshot(page, 'summary-narrow');
  });

  it('filters through nested models and says how many match', async () => {
    const opened = await shown();
    await opened.page.getByLabel('Filter layers').fill('conv2d relu');
    expect(await names(opened)).toEqual(['vgg16', 'vgg16/block1_conv1', 'vgg16/block5_conv3']);
    await opened.page.getByText('2 of 11 layers').waitFor();
    await screenshot(opened.page, 'summary-filter');
    await opened.page.reload();
    await opened.page.getByText('2 of 11 layers').waitFor();
    expect(await opened.page.getByLabel('Filter layers').inputValue()).toBe('conv2d relu');
    await opened.page.getByLabel('Filter layers').fill('nothing like it');
    await opened.page.getByText('0 of 11 layers').waitFor();
    expect(await names(opened)).toEqual([]);
  });

  it('is walked with the keyboard alone', async () => {
    const opened = await shown();
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

  it('has the actions of a row for the mouse, too', async () => {
    const { page, calls } = await shown();
    await page.locator('tr[data-path=hidden]').hover();
    await page.getByRole('button', { name: 'Show Layer Values: hidden' }).click();
    await expect.poll(() => calls.at(-1)).toEqual({ name: 'openLayer', args: ['hidden'] });
    await page.getByRole('button', { name: 'Explain Prediction' }).click();
    await expect.poll(() => calls.at(-1)).toEqual({ name: 'explain', args: [null] });
  });

  it('says why a file is not a model, and tries again', async () => {
    let broken = true;
    const error: LayerglassError = {
      kind: 'not-a-model',
      message: 'notes.h5 is text, not an HDF5 file.',
      remedy: 'Save it with model.save().',
    };
    open = await harness.open(
      'summary',
      host({
        ready: () => (broken ? { ok: false, error } : ok({ fileName: 'cats.keras', notice: null, summary })),
      }),
    );
    await open.page.getByRole('alert').getByText('notes.h5 is text').waitFor();
    await screenshot(open.page, 'summary-error');
    broken = false;
    await open.page.getByRole('button', { name: 'Try Again' }).click();
    await open.page.getByRole('heading', { name: 'cats.keras' }).waitFor();
    expect(await open.page.getByRole('alert').count()).toBe(0);
  });
});
