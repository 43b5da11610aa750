// One story by nature, in order: each test continues in the window as the test before it left it, as a user does.

import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NpNumbers, readNumbers } from '../../conformance/npz';
import { ExplainPage } from '../explainPage';
import { projectDir, VsCode } from '../harness';
import { reloadBetweenTries, STORY, step } from '../tries';

/** Scenario 4 of docs/scenarios.md: why does the map look wrong on my cat? One sigmoid, dog = 1, cat = 0. */

interface Sample {
  readonly model: string;
  readonly input: string;
  readonly logit: number;
  readonly probability: number;
  readonly camLayer: string;
  readonly arrays: string;
  /** Pixels: the hottest ones of the predicted and of the other class. */
  readonly peak: readonly [number, number];
  readonly otherPeak?: readonly [number, number];
}
const FIXTURES = join(projectDir, 'test/fixtures/samples');
const samples: readonly Sample[] = JSON.parse(readFileSync(join(FIXTURES, 'index.json'), 'utf8'));
const NESTED = '4-cat-or-dog/cat-or-dog.keras';
const FLAT = '4-cat-or-dog/cat-or-dog-flat.h5';

function sampleOf(model: string, input: string): Sample {
  const found = samples.find((one) => one.model === model && basename(one.input ?? '') === input);
  if (found === undefined) throw new Error(`index.json has no ${input} for ${model}`);
  return found;
}

/** The Grad-CAM maps of Keras for the predicted class and for the other one, [6, 6]. */
async function kerasMaps({ arrays, camLayer }: Sample): Promise<readonly [NpNumbers, NpNumbers]> {
  const all = await readNumbers(join(FIXTURES, arrays));
  const [own, other] = [all.get(`gradcam.raw:${camLayer}`), all.get(`gradcam.other:${camLayer}`)];
  if (own === undefined || other === undefined) throw new Error(`${arrays} has no Grad-CAM maps`);
  return [own, other];
}

/** Waits as long as servers and pages may take to start. */
const eventually = <T>(ask: () => T | Promise<T>) => expect.poll(ask, { timeout: 40_000, interval: 200 });

let vscode: VsCode;
let page: ExplainPage;

beforeAll(async () => {
  vscode = await VsCode.open({ theme: 'light' });
  await vscode.page.getByRole('tab', { name: /^Layerglass/ }).waitFor();
  page = new ExplainPage(vscode);
});
afterAll(() => vscode?.close());
reloadBetweenTries(() => vscode);

const open = ({ model, input }: Sample): Promise<string> => page.open(model, basename(input));

/** Logit and probability of each class as the table shows them; `1 - 5.2e-5` is computed. */
async function predictions(): Promise<Record<string, { logit: number; probability: number }>> {
  const rows = await page.predictions.all();
  const entries = rows.map(async (row) => {
    const label = (await row.locator('.class-label').textContent()) ?? '';
    const [logit = '', probability = ''] = await row.locator('td.number').allInnerTexts();
    const [first = Number.NaN, less = 0] = probability.split(' - ').map(Number);
    return [label, { logit: Number(logit), probability: first - less }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function explainClass(label: string, sentence: RegExp): Promise<void> {
  await page.predictions.filter({ hasText: label }).click();
  await eventually(() => page.explanation()).toMatch(sentence);
  await page.settled();
}

/** Compares each cell of a map, read by key, with four digits, with an array of Keras. */
function expectCells(cells: readonly number[], keras: NpNumbers): void {
  const largest = Math.max(...keras.values);
  expect(cells).toHaveLength(keras.values.length);
  for (const [i, value] of cells.entries())
    expect(Math.abs(value - (keras.values[i] ?? Number.NaN)), `cell ${i}`).toBeLessThan(
      Math.max(5e-4 * largest, 1e-9),
    );
}

describe('a cat, explained by the one output that is the score of the dog', () => {
  const cat = sampleOf(NESTED, 'cat.png');

  test('the page has the numbers of Keras for both classes', STORY, async () => {
    await step('the cat is explained, and the sentence says 1 - p', async () => {
      expect(await open(cat)).toMatch(
        /^Grad-CAM of class 0 \(cat\), 1 - p = 0\.99995, at vgg16\/block5_conv3, 6 x 6$/,
      );
      expect(await page.frame.locator('tr[aria-current=true]').textContent()).toContain('cat');
    });

    await step(
      'both classes are listed: one logit with both signs, and probabilities that add up to 1',
      async () => {
        const shown = await predictions();
        expect(Object.keys(shown)).toEqual(['cat', 'dog']);
        const { cat: ofCat, dog: ofDog } = shown;
        expect(ofDog?.logit).toBeCloseTo(cat.logit, 2);
        expect(ofCat?.logit).toBe(-(ofDog?.logit ?? Number.NaN));
        expect(ofDog?.probability).toBeCloseTo(cat.probability, 6);
        expect((ofCat?.probability ?? 0) + (ofDog?.probability ?? 0)).toBeCloseTo(1, 6);
      },
    );

    await step(
      'the maps of both classes are those of Keras: all of the evidence is for the cat',
      async () => {
        const [ofCat, ofDog] = await kerasMaps(cat);
        expectCells(await page.cells(), ofCat);
        await explainClass('dog', /^Grad-CAM of class 1 \(dog\), p = 5\.\d+e-5, at/);
        expectCells(await page.cells(), ofDog);
        await page.frame.getByText(/^No positive evidence/).waitFor();
        await vscode.screenshot('two-classes-other');
      },
    );

    await step(
      'for and against, the map of one class is that of the other with the opposite sign',
      async () => {
        await page.frame.getByText('For and against', { exact: true }).click();
        await page.frame.locator('.legend-ticks', { hasText: '-' }).waitFor();
        await page.settled();
        const ofDog = await page.cells();
        expect(Math.min(...ofDog)).toBeLessThan(0);
        await explainClass('cat', /class 0 \(cat\)/);
        const ofCat = await page.cells();
        expect(ofCat.map((value) => 0 - value)).toEqual(ofDog.map((value) => 0 + value));
      },
    );

    await step('the same base flattened into the model gives the same numbers', async () => {
      const nested = await predictions();
      const flat = sampleOf(FLAT, 'cat.png');
      expect(await open(flat)).toMatch(
        /^Grad-CAM of class 0 \(cat\), 1 - p = 0\.99995, at block5_conv3, 6 x 6$/,
      );
      expect(await predictions()).toEqual(nested);
      const [ofCat] = await kerasMaps(flat);
      expectCells(await page.cells(), ofCat);
    });
  });
});

describe('an image with a cat and a dog', () => {
  const both = sampleOf(NESTED, 'cat-and-dog.png');
  const figures = () => page.frame.locator('.compared');

  test('both maps are shown with their difference', STORY, async () => {
    await step(
      'one click shows the maps of both classes, which are those of Keras, and their difference',
      async () => {
        expect(await open(both)).toMatch(/^Grad-CAM of class 1 \(dog\), p = 0\.993, at/);
        await page.frame.getByText('Compare both classes side by side').click();
        await eventually(() => figures().count()).toBe(3);
        await page.settled();
        expect(await figures().locator('.caption').allTextContents()).toEqual([
          ...['Class 1 (dog)', 'Class 0 (cat)', 'Difference'],
        ]);
        const [ofDog, ofCat] = await kerasMaps(both);
        expectCells(await page.cells(0), ofDog);
        expectCells(await page.cells(1), ofCat);
        await vscode.screenshot('two-classes-compared');
      },
    );

    await step('the difference is positive on the dog and negative on the cat', async () => {
      const [dog, cat] = [await page.valueAt(2, both.peak), await page.valueAt(2, both.otherPeak ?? [0, 0])];
      expect({ dog, isPositive: dog > 0.5 }).toEqual({ dog, isPositive: true });
      expect({ cat, isNegative: cat < -0.3 }).toEqual({ cat, isNegative: true });
    });
  });
});
