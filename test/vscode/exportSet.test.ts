import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseNpy } from '../../src/server/inputs/arrays/npy';
import { SET_FILES } from '../../src/shared/results/exportSet';
import { ExplainPage } from './explainPage';
import { VsCode } from './harness';
import { reloadBetweenTries } from './tries';

let vscode: VsCode;
beforeAll(async () => {
  vscode = await VsCode.open({ theme: 'light' });
});
afterAll(() => vscode?.close());
reloadBetweenTries(() => vscode);

const FOLDER = '3-binary/digit-grad-cam';

test('scenario 3: every quantity is on the page by name, and one export writes all of them', async () => {
  await rm(join(vscode.folder, FOLDER), { recursive: true, force: true });
  await vscode.contextMenu(await vscode.explorerRow('3-binary/spot/model.json'), 'Explain Prediction');
  await vscode.pick('digit.png');
  const page = new ExplainPage(vscode);
  expect(await page.settled()).toMatch(/^Grad-CAM of class 1 \(digit\), p = 0\.99, at conv2d_1, 44 x 44$/);

  await page.frame.getByText('Layer output, gradient and channel weights at conv2d_1').click();
  const weights = page.frame.getByRole('table', { name: 'Channel weights' });
  await weights.waitFor();
  expect(await page.frame.locator('.relation').textContent()).toContain(
    'CAM is 484 (22 x 22) times Grad-CAM',
  );
  const strongest = weights.locator('tbody tr').first();
  const channel = Number(await strongest.locator('th').textContent());
  const weight = Number(await strongest.locator('td.number').first().textContent());
  await vscode.screenshot('export-quantities');

  await page.frame.getByRole('button', { name: 'Export' }).click();
  await page.frame.getByRole('menuitem', { name: /^Everything/ }).click();
  await vscode.quickInput().waitFor();
  await vscode.screenshot('export-folder');
  await vscode.page.keyboard.press('Enter');
  await vscode.notifications().filter({ hasText: 'Exported 20 files to digit-grad-cam' }).waitFor();
  await vscode.screenshot('export-done');

  const read = async (name: string) => parseNpy(await readFile(join(vscode.folder, FOLDER, name)), name);
  for (const name of SET_FILES)
    expect((await readFile(join(vscode.folder, FOLDER, name))).length, name).toBeGreaterThan(50);
  const exported = await read('channel-weights.npy');
  expect(exported.shape).toEqual([20]);
  expect(exported.values[channel]).toBeCloseTo(weight, 6);
  expect((await read('layer-gradient.npy')).shape).toEqual([44, 44, 20]);
});
