import { basename } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { VsCode } from './harness';
import { reloadBetweenTries } from './tries';

/** A window of its own: no model is open in it, and no input is remembered. */

let vscode: VsCode;
beforeAll(async () => {
  vscode = await VsCode.open({ theme: 'light' });
});
afterAll(() => vscode?.close());
reloadBetweenTries(() => vscode);

test('without an open page, exporting lets the user choose the model and the input', async () => {
  await vscode.command('Layerglass: Export Heat Map');
  for (const path of ['3-binary/spot/model.json', '3-binary/digit.png']) {
    const row = new RegExp(`^${basename(path)}`);
    await vscode.quickRows().filter({ hasText: row }).first().waitFor();
    await vscode.pick(row);
  }
  await vscode.quickRows().filter({ hasText: 'Raw map' }).waitFor();
  await vscode.page.keyboard.press('Enter');
  await expect
    .poll(() => vscode.quickInput().inputValue(), { timeout: 40_000, interval: 200 })
    .toMatch(/-grad-cam$/);
  await vscode.page.keyboard.press('Enter');
  await vscode.notifications().filter({ hasText: 'Exported digit-grad-cam.map.png' }).waitFor();
});
