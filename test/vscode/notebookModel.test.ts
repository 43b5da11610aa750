import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectDir, VsCode } from './harness';
import { reloadBetweenTries } from './tries';

const LIMIT_MS = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'layerglass-notebook-'));
const NOTEBOOK = JSON.stringify({
  cells: [
    { cell_type: 'code', execution_count: 1, metadata: {}, outputs: [], source: ['classifier = build()'] },
  ],
  metadata: { language_info: { name: 'python' } },
  nbformat: 4,
  nbformat_minor: 5,
});

let vscode: VsCode;
beforeAll(async () => {
  await writeFile(join(folder, 'train.ipynb'), NOTEBOOK);
  vscode = await VsCode.open({
    otherExtensions: [join(projectDir, 'test/vscode/jupyterStub')],
    extraFiles: { 'train.ipynb': join(folder, 'train.ipynb') },
  });
  await vscode.page.getByRole('tab', { name: /^Layerglass/ }).waitFor();
});
afterAll(async () => {
  await vscode?.close();
  rmSync(folder, { recursive: true, force: true });
});
reloadBetweenTries(() => vscode);

test('a model in a variable of a notebook opens, and its file is deleted when it is closed', async () => {
  await vscode.openFile('train.ipynb');
  await vscode.page.locator('.notebook-editor .cell-list-container').waitFor();
  await vscode.command('Jupyter Stub: View the Model of the Notebook');
  await vscode.page.getByRole('tab', { name: /classifier\.keras/ }).waitFor({ timeout: LIMIT_MS });
  // The notebook has a webview of its own.
  await vscode.command('View: Close Other Editors in Group');
  await expect
    .poll(() => vscode.webview().locator('main').textContent(), { timeout: LIMIT_MS })
    .toMatch(/global_max_pooling1d/);
  await vscode.screenshot('notebook-model');
  expect(await vscode.copies('notebooks')).toHaveLength(1);
  expect(await vscode.notifications().allInnerTexts()).toEqual([]);
  await vscode.command('Layerglass: Close Model');
  await vscode.command('View: Close All Editors');
  await expect.poll(() => vscode.copies('notebooks'), { timeout: LIMIT_MS }).toEqual([]);
});
