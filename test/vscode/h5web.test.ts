import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectDir, VsCode } from './harness';
import { reloadBetweenTries } from './tries';

const LIMIT_MS = 60_000;
const MODEL = '2-triplet/triplet.h5';

let vscode: VsCode;
beforeAll(async () => {
  vscode = await VsCode.open({
    otherExtensions: [join(projectDir, 'test/vscode/h5webStub')],
    extraFiles: { 'other/table.h5': join(projectDir, 'samples/1-sequence/with-motif.npy') },
  });
  await vscode.page.getByRole('tab', { name: /^Layerglass/ }).waitFor();
});
afterAll(() => vscode?.close());
reloadBetweenTries(() => vscode);

const pageText = () => vscode.webview().locator('main').textContent();
/** An action in the title bar of the active editor. */
const titleAction = (name: string) =>
  vscode.page.locator('.editor-group-container.active .editor-actions').getByRole('button', { name });

test('a model opens in Layerglass without a prompt about two editors, and H5Web is one click away', async () => {
  await vscode.openFile(MODEL);
  await expect.poll(pageText, { timeout: LIMIT_MS }).toMatch(/concatenate/);
  await vscode.screenshot('h5web-beside');
  // The prompt would appear when the editor opens.
  expect(await vscode.notifications().allInnerTexts()).toEqual([]);
  await vscode.webview().getByRole('button', { name: 'Open with H5Web' }).click();
  await expect.poll(pageText, { timeout: LIMIT_MS }).toBe('The stub of H5Web');
  await titleAction('Open in Layerglass').click();
  await expect.poll(pageText, { timeout: LIMIT_MS }).toMatch(/concatenate/);
  await titleAction('Open with H5Web').click();
  await expect.poll(pageText, { timeout: LIMIT_MS }).toBe('The stub of H5Web');
  expect(await vscode.notifications().allInnerTexts()).toEqual([]);
  await vscode.command('View: Close All Editors');
});

test('a file that is not a model can be opened with H5Web', async () => {
  await vscode.openFile('other/table.h5');
  await vscode.webview().getByRole('alert').waitFor();
  await vscode.screenshot('h5web-instead');
  await vscode.webview().getByRole('button', { name: 'Open with H5Web' }).click();
  await expect.poll(pageText, { timeout: LIMIT_MS }).toBe('The stub of H5Web');
});
