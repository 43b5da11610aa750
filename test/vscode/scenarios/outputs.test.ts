// One story by nature, in order: each step continues in the window as the step before it left it, as a user does.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { VsCode } from '../harness';
import { reloadBetweenTries, STORY, step } from '../tries';
import { closePages, countText, eventually, keras, of, shapeText, Tree, textOf } from './reading';

/** Scenario 2 of docs/scenarios.md: why is my output (None, 100, 100, 9)? */

const MODEL = '2-triplet/triplet.h5';
const CALLS = ['embedding', 'embedding@2', 'embedding@3'];
const { triplet } = keras;
const LAST = triplet.outputs.length - 1;

let vscode: VsCode;
let tree: Tree;

beforeAll(async () => {
  vscode = await VsCode.open({ theme: 'light' });
  await vscode.page.getByRole('tab', { name: /^Layerglass/ }).waitFor();
  tree = new Tree(vscode);
});
afterAll(() => vscode?.close());
reloadBetweenTries(() => vscode);

test(
  'scenario 2: the outputs of the shared model, its calls and its cut are those of Keras',
  STORY,
  async () => {
    const { page } = vscode;

    await step('the summary page has the output, the parameters, and three calls of one model', async () => {
      await closePages(vscode);
      await vscode.command('View: Show Explorer');
      await vscode.openFile(MODEL);
      const summary = vscode.webview();
      await summary.getByRole('heading', { name: 'triplet.h5' }).waitFor({ timeout: 40_000 });
      const fact = (term: string) =>
        summary.locator('.fact', { has: summary.getByText(term, { exact: true }) });
      for (const [term, count] of [
        ['Parameters', triplet.params.total],
        ['Trainable', triplet.params.trainable],
        ['Non-trainable', triplet.params.nonTrainable],
      ] as const)
        expect(await textOf(fact(term).locator('dd'))).toBe(countText(count));
      expect(await textOf(fact('Output').locator('dd'))).toContain(shapeText(triplet.outputShape));

      expect(triplet.calls).toBe(CALLS.length);
      for (const [i, path] of CALLS.entries()) {
        const row = summary.locator(`tr[data-path="${path}"]`);
        expect(await textOf(row.locator('.badge'))).toBe(`call ${i + 1} of ${triplet.calls}`);
        expect(await textOf(row.locator('td').nth(3))).toBe(countText(triplet.params.total));
        expect((await row.locator('.shape-line').allTextContents()).map((line) => line.trim())).toEqual(
          triplet.outputs.map(({ layer, shape }, k) => `${k}: ${shapeText(shape)} ${path}/${layer}`),
        );
      }
      const inbound = summary.locator('tr[data-path="concatenate"] .inbound');
      expect(await textOf(inbound)).toBe(CALLS.map((path, i) => `${path}[${triplet.taken[i]}]`).join(', '));
    });

    await step(
      'it says that the output which is taken is the input, and which branch the cut leaves out',
      async () => {
        const remarks = vscode.webview().locator('.remark');
        // Said once; the other calls have a mark.
        expect(await remarks.count()).toBe(1);
        const text = await textOf(remarks);
        expect(text).toContain(`Output ${triplet.taken[0]}, which concatenate takes, is its own input`);
        expect(text).toContain(
          `Output ${LAST} (${triplet.outputs[LAST]?.layer}) leaves out the parallel branch`,
        );
        expect(text).toContain(`${triplet.outputs[LAST - 1]?.layer}, which ends in output ${LAST - 1}`);
        await vscode.screenshot('outputs-summary');
      },
    );

    await step(
      'in the tree the model is a node with 15 outputs: shape, source and consumer of each',
      async () => {
        await tree.open();
        for (const path of CALLS) {
          const label = await tree.row(path).getAttribute('aria-label');
          expect(label).toContain(
            `output ${triplet.outputs.length} outputs, ${countText(triplet.params.total)} parameters`,
          );
          expect(label).toContain(`leaves out the parallel branch ${triplet.outputs[LAST - 1]?.layer}`);
        }
        // A click on the name would show its values.
        await tree.row('embedding').locator('.monaco-tl-twistie').click();
        for (const [k, { layer, shape }] of triplet.outputs.entries()) {
          const row = tree.row(`output ${k}`);
          await row.scrollIntoViewIfNeeded();
          const users = k === triplet.taken[0] ? ' · used by concatenate' : '';
          expect(await textOf(row.locator('.label-description'))).toBe(
            `${shapeText(shape)} · from embedding/${layer}${users}`,
          );
        }
        await vscode.screenshot('outputs-tree');
      },
    );

    await step('a click on a layer in it shows its page, and the tab Weights its parameters', async () => {
      const name = 'conv2_block1_1_conv';
      await closePages(vscode);
      await tree.row(name).scrollIntoViewIfNeeded();
      await tree.row(name).click();
      await page.getByRole('tab', { name: `embedding/${name} · triplet.h5` }).waitFor();
      const layer = vscode.webview();
      await layer.getByRole('tab', { name: 'Weights' }).click();
      await eventually(() => textOf(layer.locator('.details'))).toContain(
        `${countText(of(triplet.layerParams, name))} parameters`,
      );
      const rows = layer.getByRole('grid', { name: /^Weights/ }).locator('tbody tr');
      expect(await rows.locator('th').allTextContents()).toEqual(['kernel', 'bias']);
      await vscode.screenshot('outputs-weights');
    });

    await step('Enter on another row shows that layer on the same page', async () => {
      const name = 'conv2_block1_1_bn';
      await tree.row('conv2_block1_1_conv').click();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.getByRole('tab', { name: `embedding/${name} · triplet.h5` }).waitFor();
      await eventually(() => textOf(vscode.webview().locator('.details'))).toContain(
        `${countText(of(triplet.layerParams, name))} parameters`,
      );
      expect(await page.getByRole('tab', { name: /· triplet\.h5$/ }).count()).toBe(1);
    });
  },
);
