import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { VsCode } from './harness';

let vscode: VsCode;
beforeAll(async () => {
  vscode = await VsCode.open({ language: 'de' });
});
afterAll(() => vscode?.close());

test('with German as display language, the manifest, the extension and its pages are German', async () => {
  const { page } = vscode;
  // From package.nls.de.json.
  await page.getByRole('tab', { name: /^Layerglass/ }).click();
  await page.getByRole('button', { name: 'Modell öffnen', exact: true }).waitFor();
  await page.getByRole('tab', { name: /^Explorer/ }).click();

  // The page, whose texts came with its document.
  await vscode.openFile('2-triplet/triplet.h5');
  const summary = vscode.webview();
  await summary.getByRole('button', { name: 'Graph anzeigen' }).waitFor();
  expect(await summary.locator('html').getAttribute('lang')).toBe('de');
  await vscode.screenshot('language-de');

  // The extension host: the message above the tree of layers.
  await page.getByRole('tab', { name: /^Layerglass/ }).click();
  await page.getByText(/^triplet\.h5: [\d,]+ Parameter/).waitFor();
});

test('the analysis server answers in German', async () => {
  await writeFile(join(vscode.folder, '2-triplet', 'empty.h5'), '');
  await vscode.page.getByRole('tab', { name: /^Explorer/ }).click();
  await vscode.openFile('2-triplet/empty.h5');
  await vscode.webview().getByRole('alert').getByText('empty.h5 ist leer (0 Bytes).').waitFor();
});
