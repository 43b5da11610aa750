import { basename } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExplainPage } from './explainPage';
import { VsCode } from './harness';
import { reloadBetweenTries, STORY, step } from './tries';

/** The questions below the map, asked by a click each as a user does. */

const MODEL = '4-cat-or-dog/cat-or-dog.keras';
const INPUT = '4-cat-or-dog/cat-and-dog.png';

let vscode: VsCode;
let page: ExplainPage;

beforeAll(async () => {
  vscode = await VsCode.open({ theme: 'dark' });
  await vscode.page.getByRole('tab', { name: /^Layerglass/ }).waitFor();
  page = new ExplainPage(vscode);
});
afterAll(() => vscode?.close());
reloadBetweenTries(() => vscode);

const answer = (question: string) =>
  page.frame.locator('.question', { hasText: question }).locator('details.question-answer');
const ask = async (question: string) => {
  await page.frame.getByRole('button', { name: question }).click();
  // An examination makes hundreds of passes; the machine may be busy.
  await answer(question).locator('.chip').waitFor({ timeout: 120_000 });
  return answer(question);
};

test('the questions below a map are answered, and the answers kept while they hold', STORY, async () => {
  await step('the verdict on a map of the sample opens into its reasons and figures', async () => {
    await page.open(MODEL, basename(INPUT));
    const verdict = await ask('How far to trust it');
    expect(await verdict.locator('.chip').textContent()).toBe('Believe');
    expect(await verdict.textContent()).toMatch(/The positions that it marks matter more to the score/);
    const numbers = await verdict.locator('tbody tr').first().locator('td').allTextContents();
    const [own = Number.NaN, random = Number.NaN] = numbers.map(Number);
    expect({ own, random, isBetter: own > random }).toEqual({ own, random, isBetter: true });
    await vscode.screenshot('questions-verdict');
  });

  await step(
    'the part that changes the prediction is marked on the image, and the change is verified',
    async () => {
      const change = await ask('What would change it?');
      expect(await change.textContent()).toMatch(
        /Without \d+ of \d+ groups, the prediction changes from class 1/,
      );
      await change.getByText(/^Verified/).waitFor();
      await page.frame.locator('canvas.removed-mark').waitFor();
      await vscode.screenshot('questions-change');
    },
  );

  await step('each version of the input has its prediction', async () => {
    const versions = await ask('Was it the input?');
    expect(await versions.locator('tbody tr').count()).toBeGreaterThan(8);
    await vscode.screenshot('questions-input');
  });

  await step('another class drops the answers about this one; back again, they are still there', async () => {
    const answers = page.frame.locator('.chip:visible');
    expect(await answers.count()).toBe(3);
    await page.predictions.filter({ hasText: 'cat' }).click();
    await expect.poll(() => page.explanation(), { timeout: 40_000 }).toMatch(/class 0 \(cat\)/);
    await page.settled();
    // What is asked of the input has nothing to do with the class.
    await expect.poll(() => answers.count()).toBe(1);
    expect(await page.frame.locator('canvas.removed-mark').count()).toBe(0);
    await page.predictions.filter({ hasText: 'dog' }).click();
    await expect.poll(() => page.explanation(), { timeout: 40_000 }).toMatch(/class 1 \(dog\)/);
    await page.settled();
    await expect.poll(() => answers.count()).toBe(3);
  });

  await step('the health of all layers opens from the toolbar, and a layer from its row', async () => {
    await page.frame.getByRole('button', { name: 'Model Health' }).click();
    await vscode.page.getByRole('tab', { name: 'Health of cat-or-dog.keras' }).waitFor();
    const health = vscode.webview();
    await health.getByText('All values are finite.').waitFor({ timeout: 60_000 });
    const row = health.locator('tr[data-path="vgg16/block5_conv3"][data-stage="post"]');
    await health.getByRole('searchbox', { name: 'Filter layers' }).fill('block5_conv3 after');
    expect((await row.locator('td').allTextContents()).slice(0, 3)).toEqual([
      'Conv2D',
      'after',
      '1 x 6 x 6 x 32',
    ]);
    await vscode.screenshot('health');
    await row.click();
    await vscode.page.getByRole('tab', { name: 'vgg16/block5_conv3 · cat-or-dog.keras' }).waitFor();
  });
});
