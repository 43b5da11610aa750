// One story by nature, in order: each test continues in the window as the test before it left it, as a user does.

import { join } from 'node:path';
import type { FrameLocator, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readNumbers } from '../conformance/npz';
import { ExplainPage } from './explainPage';
import { projectDir, VsCode } from './harness';
import { reloadBetweenTries, STORY, step } from './tries';

/** Scenario 5 of docs/scenarios.md: a unit before and after its softplus, and the sum that it is. */

const MODEL = '5-sigmoid/scores.keras';
const LAYER = 'dense_612';

/** Waits as long as servers and pages may take to start. */
const eventually = <T>(ask: () => T | Promise<T>) => expect.poll(ask, { timeout: 40_000, interval: 200 });

let vscode: VsCode;
let page: FrameLocator;
let unit: Locator;

beforeAll(async () => {
  vscode = await VsCode.open({ theme: 'light' });
  await vscode.page.getByRole('tab', { name: /^Layerglass/ }).waitFor();
});
afterAll(() => vscode?.close());
reloadBetweenTries(() => vscode);

const rows = (): Locator => unit.getByRole('grid').first().locator('tbody').first().locator('tr');
const textOf = async (locator: Locator): Promise<string> => (await locator.textContent()) ?? '';
const heading = (): Locator => unit.getByRole('heading', { level: 3 }).first();
/** The numbers of a row: value, weight, product. */
const numbersOf = async (row: Locator): Promise<number[]> =>
  (await row.locator('td.number').allTextContents()).map(Number);
const totalOf = async (name: RegExp): Promise<number> => {
  const row = unit.getByRole('grid').first().locator('.sum-rows tr').filter({ hasText: name });
  return Number(await textOf(row.locator('td.number')));
};

describe('the unit of a layer with 612 softplus units', () => {
  test('is taken apart, with the numbers of Keras, down to the input', STORY, async () => {
    const keras = await readNumbers(join(projectDir, 'test/fixtures/samples/5-sigmoid-malignant.npz'));
    const kerasValue = (name: string, at: number): number => keras.get(name)?.values[at] ?? Number.NaN;

    await step('its page opens from the Layers view', async () => {
      await new ExplainPage(vscode).open(MODEL, 'malignant.npy');
      await vscode.command('View: Close All Editors');
      await vscode.page.getByRole('tab', { name: /^Layerglass/ }).click();
      const row = vscode.page.locator('.pane-body .monaco-list-row', { hasText: LAYER }).first();
      await row.waitFor();
      await vscode.contextMenu(row, 'Show Layer Values');
      page = vscode.webview();
      unit = page.getByRole('region', { name: 'One unit' });
      await unit.waitFor({ timeout: 40_000 });
      await unit.scrollIntoViewIfNeeded();
      await rows().first().waitFor({ timeout: 40_000 });
    });

    await step('any unit can be chosen; its terms and the bias add up to what Keras computed', async () => {
      await unit.getByLabel('Unit', { exact: true }).fill('300');
      await unit.getByLabel('Unit', { exact: true }).press('Enter');
      await eventually(() => textOf(heading())).toMatch(/^dense_612, unit 300: /);
      await unit.getByRole('button', { name: 'Show All 30 Terms' }).click();
      await eventually(() => rows().count()).toBe(30);
      let sum = await totalOf(/^Bias/);
      for (const row of await rows().all()) {
        const [value = Number.NaN, weight = Number.NaN, product = Number.NaN] = await numbersOf(row);
        const [, from] = /normalization, unit (\d+)/.exec(await textOf(row.locator('th'))) ?? [];
        expect(value).toBeCloseTo(kerasValue('post:normalization', Number(from)), 4);
        expect(product).toBeCloseTo(value * weight, 5);
        sum += product;
      }
      expect(sum).toBeCloseTo(kerasValue('pre:dense_612', 300), 4);
      expect(await totalOf(/^Sum/)).toBeCloseTo(kerasValue('pre:dense_612', 300), 4);
      expect(await totalOf(/^After softplus/)).toBeCloseTo(kerasValue('post:dense_612', 300), 4);
      await vscode.screenshot('unit-light');
    });

    await step('Enter on a term leads to the number that it was made of, down to the input', async () => {
      const first = (await textOf(rows().first().locator('th'))).trim();
      await rows().first().focus();
      await vscode.page.keyboard.press('Enter');
      await eventually(() => textOf(heading())).toContain(`${first}: `);
      await rows().first().click();
      await eventually(() => textOf(heading())).toMatch(/^measurements, unit \d+: /);
      const [, at, shown] = /unit (\d+): (\S+)/.exec(await textOf(heading())) ?? [];
      expect(Number(shown)).toBeCloseTo(kerasValue('input.0', Number(at)), 3);
      await unit.getByRole('navigation').getByRole('button').first().click();
      await eventually(() => textOf(heading())).toMatch(/^dense_612, unit 300: /);
    });
  });
});
