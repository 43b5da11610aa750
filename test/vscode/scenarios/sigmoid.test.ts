// One story by nature, in order: each step continues in the window as the step before it left it, as a user does.

import type { FrameLocator, Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExplainPage } from '../explainPage';
import { VsCode } from '../harness';
import { reloadBetweenTries, STORY, step } from '../tries';
import { closePages, eventually, expectShown, expectStatistics, keras, of, Tree, textOf } from './reading';

/** Scenario 5 of docs/scenarios.md: what went into that sigmoid? */

const SCORES = '5-sigmoid/scores.keras';
const CAT = '4-cat-or-dog/cat-or-dog.keras';

let vscode: VsCode;
let tree: Tree;

beforeAll(async () => {
  vscode = await VsCode.open({ theme: 'light' });
  await vscode.page.getByRole('tab', { name: /^Layerglass/ }).waitFor();
  tree = new Tree(vscode);
});
afterAll(() => vscode?.close());
reloadBetweenTries(() => vscode);

/** The page of a layer, once it shows the statistics of its values. */
async function layerPage(path: string, model: string): Promise<FrameLocator> {
  await vscode.page.getByRole('tab', { name: `${path} · ${model}` }).waitFor();
  const page = vscode.webview();
  await page.getByRole('heading', { name: path, exact: true }).waitFor({ timeout: 40_000 });
  await page.locator('.values-tab .content[aria-busy=false]').waitFor({ timeout: 40_000 });
  return page;
}
const fact = (page: FrameLocator, words: string): Locator =>
  page.locator('.values-tab .facts li', { hasText: words });
const percent = (part: number, count: number): string => `${Number(((100 * part) / count).toFixed(1))} %`;

/** The line "softplus(before) = after" with its largest error: that of a few roundings at most. */
async function expectCheck(page: FrameLocator, activation: string, largest: number): Promise<void> {
  const check = fact(page, `${activation}(before) = after`);
  await check.waitFor();
  const [, error] = /largest error (\S+)/.exec(await textOf(check)) ?? [];
  expect(Number(error)).toBeGreaterThanOrEqual(0);
  expect(Number(error)).toBeLessThanOrEqual(1e-6 * Math.max(1, largest));
}

test(
  'scenario 5: before and after, the check, and the sum taken apart are those of Keras',
  STORY,
  async () => {
    const { sure } = keras.scores;

    await step('a probability that rounds to 1 is shown as 1 - p, with its logit', async () => {
      const page = new ExplainPage(vscode);
      const exact = `1 - ${sure.complement.toExponential(1)}`;
      expect(await page.open(SCORES, 'sure.npy')).toContain(`class 1 (benign), p = ${exact}`);
      const row = page.predictions.filter({ hasText: 'benign' });
      const [logit = '', probability] = await row.locator('td.number').allInnerTexts();
      expectShown(logit, sure.logit);
      expect(probability).toBe(exact);
      await closePages(vscode);
    });

    await step(
      'a click on a layer shows both sides of its activation, and says that it is inference',
      async () => {
        await tree.open();
        await tree.row('dense_612').click();
        const page = await layerPage('dense_612', 'scores.keras');
        const { before, after } = of(sure.layers, 'dense_612');
        await expectStatistics(page.locator('.values-tab').getByRole('table', { name: 'Statistics' }), [
          before,
          after,
        ]);
        await expectCheck(page, 'softplus', after.max);
        expect(await textOf(fact(page, 'negative before').locator('.fact-value'))).toBe(
          percent(before.negative, 612),
        );
        await page.getByText(/^Inference mode: dropout is off/).waitFor();
        await vscode.screenshot('sigmoid-softplus');
      },
    );

    await step('its weights are those of Keras', async () => {
      const page = vscode.webview();
      await page.getByRole('tab', { name: 'Weights' }).click();
      const rows = page.getByRole('grid', { name: /^Weights/ }).locator('tbody tr');
      for (const name of ['kernel', 'bias']) {
        const cells = rows.filter({ has: page.locator('th', { hasText: name }) }).locator('td.number');
        await eventually(
          async () => (await cells.allTextContents()).filter((text) => text !== '').length,
        ).toBe(5);
        const { min, max, mean, std, norm } = of(sure.weights, `dense_612/${name}`);
        const shown = await cells.allTextContents();
        for (const [i, value] of [min, max, mean, std, norm].entries()) expectShown(shown[i] ?? '', value);
      }
      await vscode.screenshot('sigmoid-weights');
      await page.getByRole('tab', { name: 'Values' }).click();
    });

    await step(
      'Enter on the next layer takes the output apart: its largest terms, the bias, the sum',
      async () => {
        await tree.row('dense_612').click();
        await vscode.page.keyboard.press('ArrowDown');
        await vscode.page.keyboard.press('Enter');
        const page = await layerPage('dense_1', 'scores.keras');
        const { before, after } = of(sure.layers, 'dense_1');
        await expectCheck(page, 'sigmoid', after.max);
        const top = page.getByRole('table', { name: 'Largest values' }).locator('tbody td');
        const [logit = '', probability] = await top.allTextContents();
        expectShown(logit, before.max);
        expect(probability).toBe(`1 - ${sure.complement.toExponential(1)}`);

        const unit = page.getByRole('region', { name: 'One unit' });
        await unit.scrollIntoViewIfNeeded();
        const table = unit.getByRole('grid').first();
        await table.locator('tbody tr').first().waitFor({ timeout: 40_000 });
        const rows = await table.locator('tbody').first().locator('tr').all();
        expect(rows).toHaveLength(sure.terms.length);
        for (const [i, row] of rows.entries()) {
          const { unit: at = -1, product = Number.NaN } = sure.terms[i] ?? {};
          expect(await textOf(row.locator('th'))).toBe(`dense_612, unit ${at}`);
          expectShown(await textOf(row.locator('td.number').last()), product, 7);
        }
        const total = (name: RegExp) =>
          textOf(table.locator('.sum-rows tr', { hasText: name }).locator('td.number'));
        expectShown(await total(/^Bias/), sure.bias, 7);
        expectShown(await total(/^Sum/), sure.logit, 7);
        expect(await total(/^After sigmoid/)).toBe(`1 - ${sure.complement.toExponential(1)}`);
        const listed = sure.terms.reduce((sum, { product }) => sum + product, 0);
        expectShown(await total(/other terms/), sure.logit - sure.bias - listed, 7);
        await vscode.screenshot('sigmoid-sum');
      },
    );

    await step(
      'a convolution inside the VGG16 base: shares of negative values and of dead channels',
      async () => {
        const { path, before, after, channels, deadChannels } = keras.cat;
        await new ExplainPage(vscode).open(CAT, 'cat.png');
        await closePages(vscode);
        await tree.open();
        await tree.row('vgg16').locator('.monaco-tl-twistie').click();
        await tree.row('block5_conv3').click();
        const page = await layerPage(path, 'cat-or-dog.keras');
        await expectStatistics(page.locator('.values-tab').getByRole('table', { name: 'Statistics' }), [
          before,
          after,
        ]);
        await expectCheck(page, 'relu', after.max);
        const values = 6 * 6 * channels;
        expect(await textOf(fact(page, 'negative before').locator('.fact-value'))).toBe(
          percent(before.negative, values),
        );
        expect(await textOf(fact(page, 'dead channels').locator('.fact-value'))).toBe(
          `${deadChannels} of ${channels} (${percent(deadChannels, channels)})`,
        );
        await vscode.screenshot('sigmoid-convolution');
      },
    );
  },
);
