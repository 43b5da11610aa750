import { afterAll, beforeAll, expect, test } from 'vitest';
import { VsCode } from './harness';

let vscode: VsCode;

beforeAll(async () => {
  vscode = await VsCode.open();
});
afterAll(() => vscode?.close());

test('the workbench shows the samples and the icon of Layerglass', async () => {
  await vscode.explorerRow('README.md');
  await vscode.page.getByRole('tab', { name: /^Layerglass/ }).waitFor();
  await vscode.screenshot('smoke');
});

test('the extension is activated by a command', async () => {
  await vscode.command('Layerglass: Show Log');
  await expect.poll(() => vscode.log('exthost')).toMatch(/layerglass\.layerglass/);
  expect(await vscode.log('exthost')).not.toMatch(/Activating extension layerglass\.layerglass failed/);
});
