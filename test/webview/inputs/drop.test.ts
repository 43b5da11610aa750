import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { ok } from '../../../src/shared/errors';
import type { ExplainContext } from '../../../src/shared/view';
import { binaryExplanation, explainContext } from '../canned';
import { type FakeHost, horizontalOverflow, screenshot, visibleText } from '../pageHarness';
import { THEME_NAMES } from '../themes';
import { usePages } from '../usePages';

const openPage = usePages();

interface Dragged {
  readonly data?: Readonly<Record<string, string>>;
  readonly files?: readonly { readonly name: string; readonly text?: string; readonly bytes?: number }[];
}

/** What a drag carries, as an object of the page. */
const transfer = (page: Page, { data = {}, files = [] }: Dragged) =>
  page.evaluateHandle(
    ({ data, files }) => {
      const dragged = new DataTransfer();
      for (const [type, text] of Object.entries(data)) dragged.setData(type, text);
      for (const { name, text, bytes } of files) {
        dragged.items.add(new File([text ?? new Uint8Array(bytes ?? 0)], name));
      }
      return dragged;
    },
    { data, files },
  );

const host = (context: ExplainContext): FakeHost<'explain'> => ({
  ready: () => ok(context),
  explain: () => ok(binaryExplanation(0)),
  dropUri: () => ok({ ...context, inputNames: ['dragged.png'] }),
  dropContents: () => ok({ ...context, inputNames: ['dropped.png'] }),
});

async function open(context = explainContext(), theme?: (typeof THEME_NAMES)[number]) {
  const opened = await openPage('explain', host(context), theme === undefined ? {} : { theme });
  await opened.page.locator('.content[aria-busy=false]').waitFor();
  const { page } = opened;
  const drag = async (dragged: Dragged, zone = 0) => {
    const dataTransfer = await transfer(page, dragged);
    await page.locator('body').dispatchEvent('dragenter', { dataTransfer });
    if ((await page.locator('.drop-zone').nth(zone).count()) === 0) return;
    await page.locator('.drop-zone').nth(zone).dispatchEvent('dragover', { dataTransfer });
  };
  const drop = async (dragged: Dragged, zone = 0) => {
    await drag(dragged, zone);
    const dataTransfer = await transfer(page, dragged);
    await page.locator('.drop-zone').nth(zone).dispatchEvent('drop', { dataTransfer });
  };
  const dropped = () => opened.calls.filter(({ name }) => name.startsWith('drop'));
  return { ...opened, drag, drop, dropped };
}

const URIS = 'application/vnd.code.uri-list';
const CAT = { data: { [URIS]: 'file:///work/cat.png', 'text/uri-list': 'file:///work/cat.png' } };

describe('a file dragged over the page', () => {
  it.each(THEME_NAMES)('shows where it can be dropped (%s)', async (theme) => {
    const { page, drag } = await open(explainContext(), theme);
    expect(await page.locator('.drop-zones').isVisible()).toBe(false);
    await drag(CAT);
    expect(await visibleText(page.locator('.drop-zone.over'))).toBe('Drop to explain this file');
    await screenshot(page, `explain-drop-${theme}`);
    await page.locator('body').dispatchEvent('dragleave', { relatedTarget: null });
    expect(await page.locator('.drop-zones').isVisible()).toBe(false);
    await drag({ data: { 'text/plain': 'a text that is dragged into a field' } });
    expect(await page.locator('.drop-zones').isVisible()).toBe(false);
  });

  it('from the explorer is named by its URI', async () => {
    const { page, drop, dropped } = await open();
    await drop(CAT);
    await page.getByRole('button', { name: 'Input: dragged.png' }).waitFor();
    expect(dropped()).toEqual([{ name: 'dropUri', args: [0, 'file:///work/cat.png'] }]);
    expect(await page.locator('.drop-zones').isVisible()).toBe(false);
  });

  it('from another program is sent whole', async () => {
    const { page, drop, dropped } = await open();
    const data = { 'text/uri-list': 'file:///home/me/cat.csv' };
    await drop({ files: [{ name: 'cat.csv', text: 'a,b\n1,2\n' }], data });
    await page.getByRole('button', { name: 'Input: dropped.png' }).waitFor();
    const contents = Buffer.from('a,b\n1,2\n').toString('base64');
    expect(dropped()).toEqual([{ name: 'dropContents', args: [0, 'cat.csv', contents] }]);
  });

  it('that is too large, or one of several, is refused', async () => {
    const { page, drop, dropped } = await open();
    const alert = page.getByRole('alert').filter({ hasText: 'dropped' });
    await drop({ files: [{ name: 'big.npy', bytes: 40e6 }] });
    await alert.filter({ hasText: /big\.npy has 40 MB; a file is dropped up to 32 MB\./ }).waitFor();
    await drop({ data: { [URIS]: 'file:///a.png\r\nfile:///b.png' } });
    await alert.filter({ hasText: '2 files were dropped, and an input takes one.' }).waitFor();
    expect(dropped()).toEqual([]);
  });

  it('goes to the input on whose zone it is dropped', async () => {
    const context = explainContext();
    const inputs = ['photo', 'vibration'].map((name) => ({ name, shape: [null, 4], dtype: 'float32' }));
    const two = { ...context, summary: { ...context.summary, inputs }, typed: [null, null] };
    const { page, drag, drop, dropped } = await open(two);
    await drag(CAT, 1);
    expect(await visibleText(page.locator('.drop-zones'))).toMatch(/“photo”[\s\S]*“vibration”/);
    await screenshot(page, 'explain-drop-two');
    expect(await horizontalOverflow(page)).toBe(0);
    await drop(CAT, 1);
    await expect.poll(dropped).toEqual([{ name: 'dropUri', args: [1, 'file:///work/cat.png'] }]);
  });
});
