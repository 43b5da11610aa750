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

test('a lens opens the model, and another one lists the layers that differ', async () => {
  await openCode();
  await lens('Open toy.keras').click({ timeout: LIMIT_MS });
  await vscode.viewRows('Layers').filter({ hasText: 'relu1' }).waitFor({ timeout: LIMIT_MS });

  await lens('Compare with Code').click();
  const rows = vscode.quickRows();
  await rows.filter({ hasText: 'dense' }).waitFor({ timeout: LIMIT_MS });
  expect(await rows.allInnerTexts()).toEqual([
    expect.stringMatching(/relu1[\s\S]*only in toy\.keras[\s\S]*ReLU · \(None, 2, 2, 2\)/),
    expect.stringMatching(/dense[\s\S]*output: \(None, 4\) → \(None, 5\) · parameters: 36 → 45/),
  ]);
  await vscode.pick('dense');
  const place = vscode.page.locator('.statusbar-item').filter({ hasText: 'Ln 7, Col' });
  await place.waitFor({ timeout: LIMIT_MS });
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

test.each(['dark', 'light', 'high-contrast'] as const)('lenses and list are seen in %s', async (theme) => {
  await vscode.setTheme(theme);
  await openCode();
  await lens('Compare with Code').click({ timeout: LIMIT_MS });
  await vscode.quickRows().filter({ hasText: 'dense' }).waitFor({ timeout: LIMIT_MS });
  await vscode.screenshot(`lenses-${theme}`);
  await vscode.page.keyboard.press('Escape');
  await vscode.quickRows().first().waitFor({ state: 'detached' });
});
