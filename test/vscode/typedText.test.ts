import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExplainPage } from './explainPage';
import { VsCode } from './harness';
import { reloadBetweenTries, STORY, step } from './tries';

/** Texts that a user types: in the picker, and on the page. */

const MODEL = '6-text/review.keras';

let vscode: VsCode;
let page: ExplainPage;

beforeAll(async () => {
  vscode = await VsCode.open({ theme: 'dark' });
  await vscode.page.getByRole('tab', { name: /^Layerglass/ }).waitFor();
  page = new ExplainPage(vscode);
});
afterAll(() => vscode?.close());
reloadBetweenTries(() => vscode);

const eventually = <T>(ask: () => T | Promise<T>) => expect.poll(ask, { timeout: 40_000, interval: 200 });
const field = () => page.frame.getByLabel('Type a text');

test('a text is typed in the picker and on the page, and is there after a reload', STORY, async () => {
  await step('a text typed in the picker is explained', async () => {
    await vscode.contextMenu(await vscode.explorerRow(MODEL), 'Explain Prediction');
    await vscode.quickInput().waitFor();
    await vscode.pick('Type a Text…');
    await vscode.enter('We came late and the acting was charming');
    expect(await page.settled()).toMatch(/^Grad-CAM of class 1 \(positive\)/);
    expect(await field().inputValue()).toBe('We came late and the acting was charming');
  });

  await step(
    'another one typed on the page is explained with Ctrl+Enter, and its words are marked',
    async () => {
      await field().fill('We came late and the acting was not charming');
      await field().press('Control+Enter');
      await eventually(() => page.explanation()).toMatch(/^Grad-CAM of class 0 \(negative\)/);
      await page.settled();
      expect(await page.frame.locator('.word-flow').textContent()).toContain('charming');
      expect(await page.frame.locator('header').textContent()).toContain(
        '“We came late and the acting was not char…”',
      );
      await vscode.screenshot('typed-text');
    },
  );

  await step('the text is there again after a reload of the window', async () => {
    await vscode.command('Developer: Reload Window');
    await vscode.page.waitForEvent('load');
    await eventually(() => page.explanation()).toMatch(/^Grad-CAM of class 0 \(negative\)/);
    expect(await field().inputValue()).toBe('We came late and the acting was not charming');
  });
});
