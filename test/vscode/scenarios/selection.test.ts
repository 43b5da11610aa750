// One story by nature, in order: each step continues in the window as the step before it left it, as a user does.

import type { FrameLocator, Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExplainPage } from '../explainPage';
import { VsCode } from '../harness';
import { reloadBetweenTries, STORY, step } from '../tries';
import { closePages, countText, eventually, expectShown, keras, of, Tree } from './reading';

/** A model looked at as a whole: tables in another order, and a selection that travels between graph and tree. */

const MODEL = '4-cat-or-dog/cat-or-dog.keras';
const { cat } = keras;
/** Pixels between the places of the canvas that are tried: less than a box is high. */
const STRIDE = 14;

let vscode: VsCode;
let tree: Tree;

beforeAll(async () => {
  vscode = await VsCode.open({ theme: 'dark' });
  await vscode.page.getByRole('tab', { name: /^Layerglass/ }).waitFor();
  tree = new Tree(vscode);
});
afterAll(() => vscode?.close());
reloadBetweenTries(() => vscode);

const isDescending = (values: readonly number[]): boolean =>
  values.every((value, i) => i === 0 || value <= (values[i - 1] ?? Number.NaN));

/** Moves the pointer over the middle of the canvas, from top to bottom, until its tooltip names the box. */
async function pointAt(stage: Locator, path: string): Promise<{ readonly x: number; readonly y: number }> {
  const { width = 0, height = 0 } = (await stage.boundingBox()) ?? {};
  for (let y = STRIDE; y < height; y += STRIDE)
    for (const share of [0.5, 0.4, 0.6]) {
      const position = { x: width * share, y };
      await stage.hover({ position });
      if ((await stage.getAttribute('title'))?.startsWith(`${path}\n`)) return position;
    }
  throw new Error(`The pointer found no box "${path}".`);
}

test(
  'tables are sorted by a click, and a box that is clicked is the row that is selected',
  STORY,
  async () => {
    const { page } = vscode;

    await step(
      'the health of all layers, largest value first: in the order of the values of Keras',
      async () => {
        await new ExplainPage(vscode).open(MODEL, 'cat.png');
        await closePages(vscode);
        await vscode.command('Layerglass: Show Model Health');
        const health = vscode.webview();
        await health.getByText('All values are finite.').waitFor({ timeout: 60_000 });
        await health.getByRole('searchbox', { name: 'Filter layers' }).fill('after');
        await health.getByRole('button', { name: 'Max', exact: true }).click();
        const head = health.getByRole('columnheader', { name: 'Max', exact: true });
        expect(await head.getAttribute('aria-sort')).toBe('descending');
        const rows = await health.locator('tr[data-stage="post"]').all();
        const kerasValues: number[] = [];
        for (const row of rows) {
          const value = of(cat.largest, (await row.getAttribute('data-path')) ?? '');
          expectShown((await row.locator('td.number').nth(1).textContent()) ?? '', value);
          kerasValues.push(value);
        }
        expect(kerasValues.length).toBeGreaterThan(15);
        expect(isDescending(kerasValues)).toBe(true);
        await vscode.screenshot('selection-health');
        await closePages(vscode);
      },
    );

    await step('the layers of the summary page, most parameters first', async () => {
      await vscode.command('View: Show Explorer');
      await vscode.openFile(MODEL);
      const summary = vscode.webview();
      await summary.getByRole('heading', { name: 'cat-or-dog.keras' }).waitFor({ timeout: 40_000 });
      const paths = () =>
        summary
          .locator('.layers tbody tr')
          .evaluateAll((all) => all.map((row) => row.getAttribute('data-path') ?? ''));
      const inOrder = await paths();
      expect([...inOrder].sort()).toEqual(Object.keys(cat.params).sort());
      // While it sorts, an arrow is part of its name.
      const order = summary.getByRole('button', { name: /^Parameters/ });
      await order.click();
      await eventually(async () => isDescending((await paths()).map((path) => of(cat.params, path)))).toBe(
        true,
      );
      const [first = ''] = await paths();
      const cells = summary.locator(`tr[data-path="${first}"] td`);
      expect(await cells.nth(3).textContent()).toBe(countText(of(cat.params, first)));
      await order.click();
      await order.click();
      await eventually(paths).toEqual(inOrder);
    });

    await step(
      'a click on a box of the graph shows its values and selects its row; a row marks its box',
      async () => {
        await vscode.webview().getByRole('button', { name: 'Show Graph' }).click();
        await page.getByRole('tab', { name: /^Graph · cat-or-dog/ }).waitFor();
        await tree.open();
        const graph: FrameLocator = vscode.webview();
        const marked = () => graph.locator('.nodes tr[aria-current]').getAttribute('data-path');
        await graph.locator('.nodes tr[data-path="flatten"]').waitFor({ timeout: 40_000 });
        const stage = graph.locator('.stage');
        await graph.getByRole('button', { name: 'Fold All', exact: true }).click();
        await stage.click({ position: await pointAt(stage, 'flatten') });
        await page.getByRole('tab', { name: 'flatten · cat-or-dog.keras' }).waitFor();
        await eventually(() => tree.selected.getAttribute('aria-label')).toMatch(/^flatten,/);
        await vscode.screenshot('selection-graph');

        await page.getByRole('tab', { name: /^Graph · cat-or-dog/ }).click();
        await tree.row('dense_1').click();
        await page.getByRole('tab', { name: /^Graph · cat-or-dog/ }).click();
        await eventually(marked).toBe('dense_1');
      },
    );
  },
);
