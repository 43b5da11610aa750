import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { VsCode } from '../harness';
import { reloadBetweenTries } from '../tries';

let vscode: VsCode;
beforeAll(async () => {
  vscode = await VsCode.open({ theme: 'light' });
  writeFileSync(join(vscode.folder, '4-cat-or-dog', 'broken.png'), 'not an image');
});
afterAll(() => vscode?.close());
reloadBetweenTries(() => vscode);

test('a folder of the Explorer is explained into a report, with the failures counted', async () => {
  const { page } = vscode;
  // Once the Explorer knows the menu of the extension.
  await expect
    .poll(async () => vscode.contextMenuItems(await vscode.explorerRow('4-cat-or-dog')), { timeout: 40_000 })
    .toContain('Explain Folder…');
  await vscode.contextMenu(await vscode.explorerRow('4-cat-or-dog'), 'Explain Folder…');
  await vscode.pick('cat-or-dog.keras');
  await vscode.pick('The method that suits the model');
  await vscode.pick(/^4-cat-or-dog-report/);
  const told = vscode.notifications().filter({ hasText: '4-cat-or-dog-report: 4 inputs, 1 failed.' });
  await told.waitFor({ timeout: 60_000 });
  const out = join(vscode.folder, '4-cat-or-dog-report');
  const rows = readFileSync(join(out, 'predictions.csv'), 'utf8').trimEnd().split('\n');
  expect(rows).toHaveLength(5);
  expect(rows.find((row) => row.startsWith('cat.png,'))).toMatch(/^cat\.png,0,cat,0\.9999/);
  expect(existsSync(join(out, 'report.html'))).toBe(true);
  // In a browser the report lies on another machine.
  await told.getByRole('button', { name: 'Reveal Report' }).click();
  await page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'report.html' }).waitFor();
});

test('another choice for the same report is refused with the way out', async () => {
  await vscode.contextMenu(await vscode.explorerRow('4-cat-or-dog'), 'Explain Folder…');
  await vscode.pick('cat-or-dog.keras');
  await vscode.pick('Predictions alone');
  await vscode.pick('Go on with 4-cat-or-dog-report');
  await vscode
    .notifications()
    .filter({ hasText: 'of another model or with other options' })
    .waitFor({ timeout: 60_000 });
});
