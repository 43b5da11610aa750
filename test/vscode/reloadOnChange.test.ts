import { readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExplainPage } from './explainPage';
import { projectDir, VsCode } from './harness';
import { reloadBetweenTries } from './tries';

const MODEL = '3-binary/spot/model.json';
const SHARD = '3-binary/spot/group1-shard1of1.bin';
const PIECES = join(projectDir, 'test/fixtures/pieces/apart');

const eventually = <T>(ask: () => T | Promise<T>) => expect.poll(ask, { timeout: 40_000, interval: 200 });

let vscode: VsCode;
let page: ExplainPage;

beforeAll(async () => {
  vscode = await VsCode.open({ theme: 'light', extraFiles: { pieces: PIECES } });
  await vscode.page.getByRole('tab', { name: /^Layerglass/ }).waitFor();
  page = new ExplainPage(vscode);
});
afterAll(() => vscode?.close());
reloadBetweenTries(() => vscode);

/** The shard with the weights of the last layer, a Dense of one unit on 20 values, negated. */
async function negatedWeights(): Promise<Buffer> {
  const bytes = await readFile(join(vscode.folder, SHARD));
  for (let at = bytes.length - 21 * 4; at < bytes.length; at += 4)
    bytes.writeFloatLE(-bytes.readFloatLE(at), at);
  return bytes;
}

/** The parts of a sentence that reloading keeps: "Grad-CAM of class 1 (dot)" and the layer. */
const subject = (sentence: string) => /^(.*class \d[^,]*), .*(at .*)$/.exec(sentence)?.slice(1);
const probability = (sentence: string) => / = ([\d.e-]+)/.exec(sentence)?.[1];

/** Explains the class that is not predicted, at a layer that is not the default, unless the page is open already. */
async function explainAtConvolution(): Promise<string> {
  if ((await vscode.page.locator('iframe.webview.ready').count()) > 0) return page.settled();
  await vscode.contextMenu(await vscode.explorerRow(MODEL), 'Explain Prediction');
  await vscode.quickInput().waitFor();
  await vscode.pick('digit.png');
  await page.settled();
  await vscode.page.getByRole('tab', { name: /^Layerglass/ }).click();
  const layer = vscode.page.locator('.pane-body .monaco-list-row', { hasText: /^conv2d/ }).first();
  await vscode.contextMenu(layer, 'Explain Here');
  await eventually(() => page.explanation()).toMatch(/at .*conv2d\b/);
  await page.predictions
    .filter({ hasNot: vscode.page.locator('[aria-current]') })
    .first()
    .click();
  return page.settled();
}

test('when new weights are written, the page updates and keeps its layer and class', async () => {
  const before = await explainAtConvolution();
  expect(subject(before)?.[1]).toMatch(/conv2d/);

  const whole = await negatedWeights();
  // In place, and incomplete for longer than it takes to notice the change.
  await writeFile(join(vscode.folder, SHARD), whole.subarray(0, 1000));
  await vscode.page.waitForTimeout(2500);
  await writeFile(join(vscode.folder, SHARD), whole);

  await eventually(async () => probability(await page.explanation())).not.toBe(probability(before));
  const after = await page.settled();
  expect(subject(after)).toEqual(subject(before));
  const notices = page.frame.getByRole('list', { name: 'Notices' });
  await eventually(() => notices.textContent()).toMatch(/file changed: the predicted class was .*now it is/);
  await eventually(() => page.frame.locator('[role=alert]:visible').count()).toBe(0);
  expect(await vscode.notifications().count()).toBe(0);
});

test('when a new version is renamed into place, the page updates, too', async () => {
  const before = await explainAtConvolution();
  const next = join(vscode.folder, `${SHARD}.tmp`);
  await writeFile(next, await negatedWeights());
  await rename(next, join(vscode.folder, SHARD));
  await eventually(async () => probability(await page.explanation())).not.toBe(probability(before));
  expect(subject(await page.settled())).toEqual(subject(before));
});

test('weights open as the model of the topology beside them', async () => {
  await vscode.page.getByRole('tab', { name: /^Explorer/ }).click();
  const weights = 'pieces/pieces.weights.h5';
  await vscode.openFile(weights);
  await vscode.page.getByRole('tab', { name: basename(weights) }).waitFor();
  const notice = 'The layers are those of pieces.json, with the weights of pieces.weights.h5.';
  await vscode.webview().getByText(notice).waitFor();
});
