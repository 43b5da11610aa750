import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectDir, VsCode } from '../harness';
import { reloadBetweenTries } from '../tries';

const LIMIT_MS = 60_000;
/** As in the file, but for the units of the last layer and a layer that is missing. */
const CODE = `import keras
from keras import layers

x = keras.Input((4, 4, 1), name="x")
y = layers.Conv2D(2, 3, name="conv1")(x)
y = layers.Flatten(name="flatten")(y)
y = layers.Dense(5, name="dense")(y)
model = keras.Model(x, y)
model.save("toy.keras")
`;

const folder = mkdtempSync(join(tmpdir(), 'layerglass-lenses-'));
let vscode: VsCode;
beforeAll(async () => {
  await writeFile(join(folder, 'train.py'), CODE);
  vscode = await VsCode.open({
    extraFiles: {
      'toy/train.py': join(folder, 'train.py'),
      'toy/toy.keras': join(projectDir, 'test/fixtures/golden/toy.keras'),
    },
  });
});
afterAll(async () => {
  await vscode?.close();
  rmSync(folder, { recursive: true, force: true });
});
reloadBetweenTries(() => vscode);

const lens = (title: string): Locator =>
  vscode.page.locator('.editor-group-container.active .codelens-decoration a').filter({ hasText: title });

/** A lens of another test may have opened the Layers view in place of the explorer. */
async function openCode(): Promise<void> {
  await vscode.command('View: Show Explorer');
  await vscode.openFile('toy/train.py');
}

const comparison = () => vscode.page.getByRole('tab', { name: /toy\.keras ↔ train\.py/ });
const differing = () => vscode.webview().locator('tr[data-path]');
const atLine = (line: number): Locator =>
  vscode.page.locator('.statusbar-item').filter({ hasText: `Ln ${line}, Col` });

test('a lens opens the model, and another one shows the layers that differ', async () => {
  await openCode();
  await lens('Open toy.keras').click({ timeout: LIMIT_MS });
  await vscode.viewRows('Layers').filter({ hasText: 'relu1' }).waitFor({ timeout: LIMIT_MS });

  await lens('Compare with Code').click();
  await comparison().waitFor({ timeout: LIMIT_MS });
  await vscode.webview().getByText('The first difference is relu1.').waitFor({ timeout: LIMIT_MS });
  expect(await differing().allInnerTexts()).toEqual([
    expect.stringMatching(/relu1\s+ReLU\s+removed/),
    expect.stringMatching(/dense\s+Dense\s+changed/),
  ]);
  // The tree says the same as long as the page is open.
  const rowsSaid = async () =>
    (
      await vscode
        .viewRows('Layers')
        .evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label') ?? ''))
    ).filter((label) => label.includes('compared with'));
  expect(await rowsSaid()).toEqual([
    expect.stringMatching(/^relu1, .*removed, compared with train\.py/),
    expect.stringMatching(/^dense, .*changed, compared with train\.py/),
  ]);
  for (const layer of ['relu1', 'dense'])
    await vscode
      .viewRows('Layers')
      .filter({ hasText: layer })
      .locator('[class*="monaco-decoration-itemBadge"]')
      .waitFor();
  await vscode.screenshot('compare-code');
  await vscode.webview().getByRole('button', { name: 'dense', exact: true }).click();
  await vscode.webview().getByText('units: 4 → 5').waitFor();
  await vscode.webview().getByRole('button', { name: 'Show in Code' }).click();
  await atLine(7).waitFor({ timeout: LIMIT_MS });
});

test('the comparison beside its code follows whenever that is saved', async () => {
  await openCode();
  await lens('Compare with Code').click({ timeout: LIMIT_MS });
  await comparison().waitFor({ timeout: LIMIT_MS });
  await vscode.command('View: Move Editor into Right Group');
  const page = vscode.webview();
  await page.getByText('The first difference is relu1.').waitFor({ timeout: LIMIT_MS });
  await page.getByRole('button', { name: 'dense', exact: true }).click();
  await page.getByText('units: 4 → 5').waitFor();

  await vscode.page.locator('.view-line', { hasText: 'layers.Dense(5' }).click();
  await vscode.page.keyboard.press('End');
  for (const _ of ', name="dense")(y)') await vscode.page.keyboard.press('ArrowLeft');
  await vscode.page.keyboard.press('Backspace');
  await vscode.page.keyboard.type('6');
  // What is not saved is not what the file says.
  expect(await page.getByText('units: 4 → 5').count()).toBe(1);
  await vscode.command('File: Save');
  await page.getByText('units: 4 → 6').waitFor({ timeout: LIMIT_MS });
  await vscode.command('View: Close All Editors');
});

test('the comparison comes back after a reload of the window, and starts at the model, too', async () => {
  await openCode();
  await lens('Compare with Code').click({ timeout: LIMIT_MS });
  const verdict = () => vscode.webview().getByText('The first difference is relu1.');
  await verdict().waitFor({ timeout: LIMIT_MS });
  // As a user does it: the window keeps its state.
  const loaded = vscode.page.waitForEvent('load');
  await vscode.command('Developer: Reload Window');
  await loaded;
  await verdict().waitFor({ timeout: LIMIT_MS });
  await vscode.command('View: Close All Editors');
  await vscode.contextMenu(await vscode.explorerRow('toy/toy.keras'), 'Compare Model with Code…');
  // Other code of the workspace has layers of these names as well, but fewer.
  await vscode.quickRows().first().waitFor({ timeout: LIMIT_MS });
  expect(await vscode.quickRows().first().textContent()).toContain('train.py');
  await vscode.pick('train.py');
  await verdict().waitFor({ timeout: LIMIT_MS });
  await vscode.command('View: Close All Editors');
});

test('a row of the Layers view leads to the line that builds the layer', async () => {
  await openCode();
  await lens('Open toy.keras').click({ timeout: LIMIT_MS });
  const row = vscode.viewRows('Layers').filter({ hasText: 'conv1' });
  await row.waitFor({ timeout: LIMIT_MS });
  await vscode.contextMenu(row, 'Go to the Line that Builds the Layer');
  const place = vscode.page.locator('.statusbar-item').filter({ hasText: 'Ln 5, Col' });
  await place.waitFor({ timeout: LIMIT_MS });
});

test.each(['dark', 'light', 'high-contrast'] as const)('lenses, page and badges in %s', async (theme) => {
  await vscode.setTheme(theme);
  await openCode();
  await lens('Compare with Code').click({ timeout: LIMIT_MS });
  await vscode.webview().getByText('The first difference is relu1.').waitFor({ timeout: LIMIT_MS });
  await vscode.screenshot(`lenses-${theme}`);
});
