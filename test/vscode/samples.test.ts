import { basename } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExplainPage } from './explainPage';
import { VsCode } from './harness';
import { reloadBetweenTries } from './tries';

/** The samples that explain.test.ts does not open. */
const SAMPLES = [
  {
    model: '1-sequence/motif.keras',
    inputs: ['with-motif.npy'],
    sentence: /^Grad-CAM of class 1 \(CG planted\), p = 0\.996, at conv1d, 1802 positions$/,
  },
  {
    model: '2-triplet/triplet.h5',
    inputs: ['anchor.png', 'positive.png', 'negative.png'],
    sentence:
      /^Grad-CAM of class \d+, where it is predicted \(\d+ of 10000 positions\), score [\d.]+, at concatenate, 100 x 100$/,
  },
  {
    model: '4-cat-or-dog/cat-or-dog-flat.h5',
    inputs: ['cat-and-dog.png'],
    sentence: /^Grad-CAM of class 1 \(dog\), p = 0\.993, at block5_conv3, 6 x 6$/,
  },
  {
    model: '5-sigmoid/scores.keras',
    inputs: ['sure.npy'],
    sentence: /^Gradient saliency of class 1 \(benign\), p = 1 - \d\.\de-8, at measurements, 30 positions$/,
  },
] as const;

let vscode: VsCode;
beforeAll(async () => {
  vscode = await VsCode.open({ theme: 'light', logsDebug: true });
  await vscode.page.getByRole('tab', { name: /^Layerglass/ }).waitFor();
});
afterAll(() => vscode?.close());
reloadBetweenTries(() => vscode);

test.each(SAMPLES)('$model is explained', async ({ model, inputs, sentence }) => {
  await vscode.contextMenu(await vscode.explorerRow(model), 'Explain Prediction');
  for (const input of inputs) await vscode.pick(input);
  const page = new ExplainPage(vscode);
  expect(await page.settled()).toMatch(sentence);
  await vscode.screenshot(`explain-${basename(model)}`);
  await vscode.command('View: Close All Editors');
});

test('the log says what happened between each click and its first map', async () => {
  const reached = [
    'extension: Explain Prediction',
    'compute: explained',
    'extension: explanation received',
    'page: painted',
  ];
  await expect
    .poll(async () => (await vscode.log()).split('Time line, in ms from ').slice(1), { timeout: 10_000 })
    .toHaveLength(SAMPLES.length);
  const [first = ''] = (await vscode.log()).split('Time line, in ms from ').slice(1);
  const places = reached.map((name) => first.indexOf(name));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(places).not.toContain(-1);
});
