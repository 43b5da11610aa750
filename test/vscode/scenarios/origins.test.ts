// One story by nature, in order: each test continues in the window as the test before it left it, as a user does.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FrameLocator, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readNumbers } from '../../conformance/npz';
import { ExplainPage } from '../explainPage';
import { projectDir, VsCode } from '../harness';
import { reloadBetweenTries, STORY, step } from '../tries';

/** Scenario 1 of docs/scenarios.md: which input position made this pooled value? */

interface Sample {
  readonly input: string;
  readonly logit: number;
  readonly plantedPositions: readonly number[];
  readonly strongestUnit?: number;
  readonly arrays: string;
}
const FIXTURES = join(projectDir, 'test/fixtures/samples');
const samples: readonly Sample[] = JSON.parse(readFileSync(join(FIXTURES, 'index.json'), 'utf8'));
const MODEL = '1-sequence/motif.keras';
const LAYER = 'global_max_pooling1d';

/** Waits as long as servers and pages may take to start. */
const eventually = <T>(ask: () => T | Promise<T>) => expect.poll(ask, { timeout: 40_000, interval: 200 });

let vscode: VsCode;
let page: FrameLocator;
let section: Locator;

beforeAll(async () => {
  vscode = await VsCode.open({ theme: 'light' });
  await vscode.page.getByRole('tab', { name: /^Layerglass/ }).waitFor();
});
afterAll(() => vscode?.close());
reloadBetweenTries(() => vscode);

const sampleWithMotif = (): Sample => {
  const found = samples.find(({ strongestUnit }) => strongestUnit !== undefined);
  if (found === undefined) throw new Error('index.json has no sample with a strongest unit');
  return found;
};

/** The texts of the cells of a row, each line of a cell on its own. */
const cells = async (row: Locator): Promise<string[][]> =>
  (await row.locator('th, td').allInnerTexts()).map((text) => text.split('\n').map((line) => line.trim()));

const units = (): Locator => section.getByRole('grid').locator('tbody tr');
const arithmeticRow = (name: string): Locator =>
  section.getByRole('table', { name: 'Arithmetic' }).locator('tbody tr', { hasText: new RegExp(`^${name}`) });
/** The last cell of a row. */
const numberIn = async (row: Locator): Promise<number> => Number((await cells(row)).at(-1)?.[0]);

describe('the pooling of the sequence model', () => {
  test('its values are traced to the letters, copied, taken apart and checked', STORY, async () => {
    await step('its page opens from the Layers view', async () => {
      await new ExplainPage(vscode).open(MODEL, 'with-motif.fasta');
      await vscode.command('View: Close All Editors');
      await vscode.page.getByRole('tab', { name: /^Layerglass/ }).click();
      const row = vscode.page.locator('.pane-body .monaco-list-row', { hasText: LAYER }).first();
      await row.waitFor();
      await vscode.contextMenu(row, 'Show Layer Values');
      page = vscode.webview();
      section = page.getByRole('region', { name: 'Where it comes from' });
      await units().first().waitFor({ timeout: 40_000 });
      await section.scrollIntoViewIfNeeded();
      await vscode.screenshot('origins-light');
    });

    await step('the strongest unit comes from the planted letters, three times', async () => {
      const { plantedPositions, strongestUnit } = sampleWithMotif();
      const [unit, , , positions, windows, letters] = await cells(units().first());
      expect({ unit, positions, windows, letters }).toEqual({
        unit: [String(strongestUnit)],
        positions: plantedPositions.map(String),
        windows: plantedPositions.map((at) => `${at}:${at + 2}`),
        letters: plantedPositions.map(() => 'CG'),
      });
      const strip = section.getByRole('img');
      expect(await strip.locator('rect').count()).toBe(plantedPositions.length);
    });

    await step(
      'all values are those of Keras, and the contributions and the bias add up to the logit',
      async () => {
        const { arrays, logit } = sampleWithMotif();
        const keras = (await readNumbers(join(FIXTURES, arrays))).get(`post:${LAYER}`);
        const rows = await Promise.all((await units().all()).map(cells));
        expect(rows).toHaveLength(20);
        for (const [unit, value] of rows) {
          const expected = keras?.values[Number(unit?.[0])] ?? Number.NaN;
          expect(Math.abs(Number(value?.[0]) - expected)).toBeLessThan(1e-5);
        }
        const contributions = rows.map(([, , contribution]) => Number(contribution?.[0]));
        expect(contributions).toEqual([...contributions].sort((a, b) => b - a));
        const line = await section.getByRole('list', { name: 'Sum of the contributions' }).textContent();
        const [, sum, bias, total] =
          /contributions (\S+) \+ bias (\S+) = logit (\S+)$/.exec(line ?? '') ?? [];
        expect(contributions.reduce((a, b) => a + b, 0)).toBeCloseTo(Number(sum), 4);
        expect(Number(sum) + Number(bias)).toBeCloseTo(Number(total), 4);
        expect(Number(total)).toBeCloseTo(logit, 4);
      },
    );

    await step('all units are copied as CSV and as JSON with the numbers of the table', async () => {
      const copied = () => vscode.page.evaluate<string>('navigator.clipboard.readText()');
      const [unit, value, contribution] = await cells(units().first());
      const { plantedPositions } = sampleWithMotif();
      await section.getByRole('button', { name: 'Copy as CSV' }).click();
      await section.getByText('Copied 20 units as CSV.').waitFor();
      const [head, ...rows] = (await copied()).trim().split(/\r?\n/);
      expect(head).toBe('unit,value,position,window_start,window_end,letters,contribution,maxima_not_listed');
      const ofStrongest = rows.map((row) => row.split(',')).filter(([of]) => of === unit?.[0]);
      expect(
        ofStrongest.map(([, , position, start, end, letters]) => [position, start, end, letters]),
      ).toEqual(plantedPositions.map((at) => [String(at), String(at), String(at + 2), 'CG']));
      for (const row of ofStrongest) {
        expect(Number(row[1])).toBeCloseTo(Number(value?.[0]), 5);
        expect(Number(row[6])).toBeCloseTo(Number(contribution?.[0]), 5);
      }
      await section.getByRole('button', { name: 'Copy as JSON' }).click();
      await section.getByText('Copied 20 units as JSON.').waitFor();
      const { units: all, logit, bias } = JSON.parse(await copied());
      expect(all).toHaveLength(20);
      expect(all[0]).toMatchObject({ positions: plantedPositions.map((at) => [at]) });
      const sum = all.reduce(
        (total: number, one: { contribution: number[] }) => total + (one.contribution[0] ?? 0),
        0,
      );
      expect(sum + bias).toBeCloseTo(logit, 4);
    });

    await step('the arithmetic of a unit adds up to its value', async () => {
      await section.getByRole('button', { name: 'Show the Arithmetic' }).click();
      await arithmeticRow('Sum').waitFor();
      const products = await section.getByRole('table', { name: 'Arithmetic' }).locator('tbody tr').all();
      const rows = (await Promise.all(products.map(cells))).filter((row) => row.length === 5);
      expect(rows).toHaveLength(8);
      let sum = 0;
      for (const [, , value, weight, product] of rows) {
        expect(Number(value?.[0]) * Number(weight?.[0])).toBeCloseTo(Number(product?.[0]), 5);
        sum += Number(product?.[0]);
      }
      expect(sum + (await numberIn(arithmeticRow('Bias')))).toBeCloseTo(
        await numberIn(arithmeticRow('Sum')),
        5,
      );
      const [, value] = await cells(units().first());
      expect(await numberIn(arithmeticRow(LAYER))).toBe(Number(value?.[0]));
      await vscode.screenshot('origins-arithmetic');
    });

    await step('one unit is opened from its pool down to a letter of the input', async () => {
      const { plantedPositions, strongestUnit, arrays } = sampleWithMotif();
      const [at = -1] = plantedPositions;
      const keras = await readNumbers(join(FIXTURES, arrays));
      const pooled = keras.get(`post:${LAYER}`)?.values[strongestUnit ?? -1] ?? Number.NaN;
      const before = keras.get('pre:conv1d')?.values[at * 20 + (strongestUnit ?? -1)] ?? Number.NaN;
      const unit = page.getByRole('region', { name: 'One unit' });
      const heading = () => unit.getByRole('heading', { level: 3 }).first().textContent();
      const rows = unit.getByRole('grid').first().locator('tbody').first().locator('tr');
      const total = async (name: RegExp): Promise<number> =>
        Number(
          await unit.locator('.sum-rows tr', { hasText: name }).locator('td.number').first().textContent(),
        );
      await unit.scrollIntoViewIfNeeded();
      await rows.first().waitFor({ timeout: 40_000 });
      await unit.getByLabel('Unit', { exact: true }).fill(String(strongestUnit));
      await unit.getByLabel('Unit', { exact: true }).press('Enter');
      await eventually(heading).toMatch(new RegExp(`^${LAYER}, unit ${strongestUnit}: `));
      expect(await total(/^Largest value/)).toBeCloseTo(pooled, 5);
      expect(await rows.first().locator('th').textContent()).toBe(`conv1d [${at}], unit ${strongestUnit}`);

      await rows.first().click();
      await eventually(heading).toMatch(new RegExp(`^conv1d \\[${at}\\], unit ${strongestUnit}: `));
      expect(await total(/^Sum/)).toBeCloseTo(before, 5);
      expect(await total(/^After relu/)).toBeCloseTo(pooled, 5);
      // The two ones of the window's eight letters: C and G.
      const terms = await Promise.all((await rows.all()).map(cells));
      const products = terms.map(([, , , product]) => Number(product?.[0]));
      expect(products).toHaveLength(8);
      expect(products.reduce((sum, product) => sum + product, await total(/^Bias/))).toBeCloseTo(before, 5);
      const ones = terms.filter(([, value]) => value?.[0] === '1').map(([from]) => from?.[0]);
      expect(ones.sort()).toEqual([`letters [${at}], unit 1`, `letters [${at + 1}], unit 2`]);

      await rows.first().click();
      await eventually(heading).toMatch(/^letters \[\d+\], unit [12]: 1$/);
      await vscode.screenshot('origins-unit');
    });

    await step('a number with the bias counted eight times is recognised', async () => {
      const bias = await numberIn(arithmeticRow('Bias'));
      const right = await numberIn(arithmeticRow('Sum'));
      const field = section.getByRole('searchbox', { name: /^Check my number/ });
      await field.fill(String(right + 7 * bias));
      await field.press('Enter');
      const best = section
        .getByRole('table', { name: /^Usual mistakes/ })
        .locator('tbody tr')
        .first();
      await eventually(() => best.textContent()).toMatch(/^The bias is counted 8 times/);
      expect(await numberIn(best)).toBe(0);
      await section.getByText('It fits: The bias is counted 8 times').waitFor();
      await vscode.screenshot('origins-check');
    });

    for (const [what, wrong, sentence] of [
      ['the bias left out', (sum: number, bias: number) => sum - bias, /bias is left out/],
      ['no mistake', (sum: number) => sum, /^No mistake/],
    ] as const)
      await step(`a number with ${what} is recognised`, async () => {
        const number = wrong(await numberIn(arithmeticRow('Sum')), await numberIn(arithmeticRow('Bias')));
        const field = section.getByRole('searchbox', { name: /^Check my number/ });
        await field.fill(String(number));
        await field.press('Enter');
        const best = section
          .getByRole('table', { name: /^Usual mistakes/ })
          .locator('tbody tr')
          .first();
        await eventually(() => best.textContent()).toMatch(sentence);
        expect(await numberIn(best)).toBeLessThan(1e-6);
      });
  });
});
