import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../pageHarness';
import { CANNED_HEADER, CANNED_TRUST, cannedRow, trustedRows, writeReport } from './cannedReport';
import { seriousFindings } from './seriousFindings';

const MANY = 5000;

let browser: Browser;
let folder = '';
let page: Page | undefined;
let errors: string[] = [];
let requests: string[] = [];

beforeAll(async () => {
  browser = await launchChromium();
  folder = mkdtempSync(join(tmpdir(), 'layerglass-report-'));
}, 60_000);
afterEach(async () => {
  await page?.context().close();
  page = undefined;
  expect(errors).toEqual([]);
  // A report that came by mail must not tell anybody that it was opened.
  expect(requests.filter((url) => !/^(file|data):/.test(url))).toEqual([]);
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(path: string, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
  const context = await browser.newContext({ colorScheme, viewport: { width: 1280, height: 900 } });
  const opened = await context.newPage();
  opened.setDefaultTimeout(8000);
  [errors, requests] = [[], []];
  opened.on('pageerror', (error) => errors.push(String(error)));
  opened.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  opened.on('request', (request) => requests.push(request.url()));
  await opened.goto(pathToFileURL(path).href);
  page = opened;
  return opened;
}

const found = (report: Page) => report.getByRole('status');
const tiles = (report: Page) => report.locator('.tile');

test('opens from disk, with 5,000 inputs of which only those near the view are in the document', async () => {
  const report = await open(writeReport(folder, MANY));
  await expect.poll(() => found(report).textContent()).toBe('5,000 of 5,000 inputs');
  expect(await tiles(report).count()).toBeLessThan(150);
  const first = report.locator('.tile img').first();
  await expect.poll(() => first.evaluate((one: HTMLImageElement) => one.naturalWidth)).toBe(32);
  await report.locator('.tiles-frame').evaluate((frame) => frame.scrollTo(0, frame.scrollHeight));
  await expect.poll(() => tiles(report).last().textContent()).toContain('class-3/4999.png');
  expect(await tiles(report).count()).toBeLessThan(150);
  expect(await report.locator('.facts').textContent()).toContain('4,400 of 4,900 right');
});

test('groups mistakes by where their evidence lies, and shows them', async () => {
  const report = await open(writeReport(folder, 200));
  expect(await report.locator('.sentence').textContent()).toBe(
    '20 of 20 mistakes look at this place: lower left corner.',
  );
  await report.getByRole('button', { name: '20 of 20 mistakes: lower left corner' }).click();
  await expect.poll(() => found(report).textContent()).toBe('20 of 200 inputs');
  await expect.poll(() => tiles(report).first().textContent()).toContain('Wrong: it is owl');
  await report.getByRole('button', { name: 'Show All' }).click();
  await expect.poll(() => found(report).textContent()).toBe('200 of 200 inputs');
});

test('a number of the confusion matrix and the filters choose the same inputs', async () => {
  const report = await open(writeReport(folder, 200));
  await report.getByRole('button', { name: '10: labelled owl, predicted cat' }).click();
  await expect.poll(() => found(report).textContent()).toBe('10 of 200 inputs');
  await report.getByRole('button', { name: 'Show All' }).click();
  await report.getByLabel('Predicted as').selectOption('0');
  await report.getByLabel('Labelled as').selectOption('3');
  await expect.poll(() => found(report).textContent()).toBe('10 of 200 inputs');
  await report.getByRole('searchbox', { name: 'Name' }).fill('no such input');
  await expect.poll(() => report.locator('.empty').isVisible()).toBe(true);
});

test('the page of an input is opened, left and stepped through with the keyboard', async () => {
  const report = await open(writeReport(folder, 200));
  await tiles(report).first().focus();
  await report.keyboard.press('ArrowRight');
  await report.keyboard.press('ArrowRight');
  await report.keyboard.press('Enter');
  const heading = report.getByRole('heading', { level: 1 });
  await expect.poll(() => heading.textContent()).toBe('class-2/2.png');
  await report.keyboard.press('ArrowRight');
  await expect.poll(() => heading.textContent()).toBe('class-3/3.png');
  expect(await report.locator('.example').textContent()).toContain('Most evidence: lower left corner (60 %)');
  await report.keyboard.press('Escape');
  await expect.poll(() => report.locator('.tile:focus').textContent()).toContain('class-3/3.png');
});

test.each(['light', 'dark'] as const)(
  'how far a map can be trusted is on the page of its input, %s',
  async (scheme) => {
    const report = await open(writeReport(folder, 3, { rows: trustedRows(4) }), scheme);
    const words = ['Believe', 'Doubt', 'No evidence'];
    await tiles(report).first().click();
    for (const [at, trust] of CANNED_TRUST.entries()) {
      const part = report.getByRole('region', { name: `Grad-CAM: ${words[at]}` });
      await expect
        .poll(() => part.getByRole('heading', { level: 2 }).textContent())
        .toBe(`Grad-CAM: ${words[at]}`);
      expect(await part.getByRole('listitem').allTextContents()).toEqual(trust.reasons);
      expect(await seriousFindings(report)).toEqual([]);
      await report.setViewportSize({ width: 520, height: 900 });
      expect(await report.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(520);
      // Its bullets are inside, too.
      expect(
        await part.locator('ul').evaluate((list) => parseFloat(getComputedStyle(list).paddingLeft)),
      ).toBeGreaterThan(15);
      await report.keyboard.press('ArrowRight');
    }
  },
);

test('names and reasons are shown as they are, whatever they hold', async () => {
  const name = '</script><img src=x onerror=alert(1)>/# %41 ü.png';
  const rows = [{ ...cannedRow(0, 4), name }];
  const report = await open(
    writeReport(folder, 1, { header: { ...CANNED_HEADER, notices: ['<b>bold</b>'] }, rows }),
  );
  await tiles(report).first().click();
  await expect.poll(() => report.getByRole('heading', { level: 1 }).textContent()).toBe(name);
  await report.getByRole('link', { name: 'All inputs' }).click();
  await report.getByText('Notes (1)').click();
  expect(await report.locator('details li').textContent()).toBe('<b>bold</b>');
});

test.each(['light', 'dark'] as const)('axe finds nothing serious in the %s theme', async (scheme) => {
  const report = await open(writeReport(folder, 200), scheme);
  await expect.poll(() => tiles(report).count()).toBeGreaterThan(0);
  expect(await seriousFindings(report)).toEqual([]);
  await tiles(report).nth(3).click();
  await expect.poll(() => report.locator('.example').count()).toBe(1);
  expect(await seriousFindings(report)).toEqual([]);
});
