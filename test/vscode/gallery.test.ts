// One story by nature, in order: each test continues in the window as the test before it left it, as a user does.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FrameLocator, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectDir, VsCode } from './harness';
import { STORY, step } from './tries';

/** Many labelled inputs of a model: which ones are predicted wrong, and why. Numbers of Keras: test/fixtures/make_gallery.py. */

const FIXTURES = join(projectDir, 'test/fixtures/gallery');
const NAMES = ['bar', 'cross', 'dot'];

interface Expected {
  readonly classes: readonly number[];
  readonly probabilities: readonly number[];
  readonly truth: readonly number[];
  readonly correct: number;
}
const expected: Expected = JSON.parse(readFileSync(join(FIXTURES, 'expected.json'), 'utf8'))['shapes.npz'];
const wrong = expected.truth.flatMap((truth, at) => (truth === expected.classes[at] ? [] : [at]));

const eventually = <T>(ask: () => T | Promise<T>) => expect.poll(ask, { timeout: 40_000, interval: 200 });

let vscode: VsCode;
let page: FrameLocator;
beforeAll(async () => {
  vscode = await VsCode.open({ theme: 'dark', extraFiles: { shapes: FIXTURES } });
  await vscode.page.getByRole('tab', { name: /^Layerglass/ }).waitFor();
});
afterAll(() => vscode?.close());

const tiles = (): Locator => page.locator('.input-tile');
/** What a tile says about an input, with the numbers of Keras. */
function textOf(at: number): string {
  const [found = 0, truth = 0] = [expected.classes[at], expected.truth[at]];
  const percent = Number(((expected.probabilities[at] ?? 0) * 100).toFixed(1));
  return `shapes.npz [x], sample ${at}: ${NAMES[found]} ${percent} %, labelled ${NAMES[truth]}, wrong`;
}

describe('the inputs of a model', () => {
  test('are predicted; the wrong ones are listed, explained and stepped through', STORY, async () => {
    await step('the gallery opens from the palette, with the accuracy of Keras', async () => {
      await vscode.openFile('shapes/shapes.keras');
      await vscode.webview().getByRole('heading', { name: 'shapes.keras' }).waitFor();
      await vscode.command('Layerglass: Show Inputs');
      await vscode.page.getByRole('tab', { name: 'Inputs of shapes.keras' }).waitFor();
      page = vscode.webview();
      const { correct } = expected;
      await page
        .getByText(`Accuracy 90 %: ${correct} of 70 labelled inputs are predicted right`)
        .waitFor({ timeout: 40_000 });
      await page.getByText('One file is left out').waitFor();
      await page.locator('.input-tile canvas').first().waitFor();
      await vscode.screenshot('gallery-dark');
    });

    await step('only the wrong ones are shown, as Keras predicts them', async () => {
      await page.getByText('Wrong', { exact: true }).click();
      await eventually(() => tiles().count()).toBe(wrong.length);
      for (const [i, at] of wrong.entries())
        expect(await tiles().nth(i).getAttribute('aria-label')).toBe(textOf(at));
    });

    await step(
      'Enter explains one; the next ones follow the gallery, and layer and target stay',
      async () => {
        await tiles().first().focus();
        await vscode.page.keyboard.press('ArrowRight');
        await vscode.page.keyboard.press('Enter');
        await vscode.page.getByRole('tab', { name: 'Explain shapes.keras' }).waitFor();
        page = vscode.webview();
        await page.getByText(`wrong input 2 of ${wrong.length}`).waitFor({ timeout: 40_000 });
        const truth = NAMES[expected.truth[wrong[1] ?? 0] ?? 0];
        await page.getByText(`wrong: labelled ${truth}`).waitFor({ timeout: 40_000 });
        await page.getByRole('button', { name: 'Next wrong input' }).click();
        await page.getByText(`wrong input 3 of ${wrong.length}`).waitFor();
        await page.locator('.details', { hasText: `sample ${wrong[2]}` }).waitFor({ timeout: 40_000 });
        await vscode.screenshot('gallery-explained-dark');
      },
    );

    await step('filter and predictions are there again after a reload of the window', async () => {
      await vscode.page.getByRole('tab', { name: 'Inputs of shapes.keras' }).click();
      await eventually(() => vscode.webview().locator('.input-tile').count()).toBe(wrong.length);
      await vscode.reload();
      await vscode.page.getByRole('tab', { name: 'Inputs of shapes.keras' }).click();
      page = vscode.webview();
      await eventually(() => tiles().count()).toBe(wrong.length);
      expect(await tiles().first().getAttribute('aria-label')).toBe(textOf(wrong[0] ?? 0));
    });
  });
});
