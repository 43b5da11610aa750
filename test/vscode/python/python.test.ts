import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { VsCode } from '../harness';
import { reloadBetweenTries } from '../tries';

const LIMIT_MS = 60_000;
const CODE = ['import keras', 'from keras import layers', ''];
const MODEL = [
  'model = keras.Sequential([',
  '    keras.Input((28, 28, 1)),',
  '    layers.Conv2D(8, 3, activation="relu"),',
  '    layers.RepeatVector(4),',
  '])',
];
const cell = (lines: readonly string[]): unknown => ({
  cell_type: 'code',
  execution_count: null,
  metadata: {},
  outputs: [],
  source: [lines.join('\n')],
});
const NOTEBOOK = {
  cells: [cell(CODE), cell(MODEL)],
  metadata: { language_info: { name: 'python' } },
  nbformat: 4,
  nbformat_minor: 5,
};

const folder = mkdtempSync(join(tmpdir(), 'layerglass-python-'));
let vscode: VsCode;
beforeAll(async () => {
  await writeFile(join(folder, 'train.py'), `${[...CODE, ...MODEL].join('\n')}\n`);
  await writeFile(join(folder, 'train.ipynb'), JSON.stringify(NOTEBOOK));
  vscode = await VsCode.open({
    extraFiles: {
      'train.py': join(folder, 'train.py'),
      // It stays as it is.
      'themes.py': join(folder, 'train.py'),
      'train.ipynb': join(folder, 'train.ipynb'),
    },
  });
});
afterAll(async () => {
  await vscode?.close();
  rmSync(folder, { recursive: true, force: true });
});
reloadBetweenTries(() => vscode);

/** In the active file, or in the cells of a notebook, which lie over the group of their editor. */
const inEditor = (part: string): Locator =>
  vscode.page
    .locator(`.editor-group-container.active ${part}, .notebookOverlay ${part}`)
    .filter({ visible: true });

/** The text of the line with this code, its hint included; VS Code writes spaces that do not break. */
const lineText = async (code: string): Promise<string> => {
  const texts = await inEditor('.view-line').allInnerTexts();
  return texts.map((text) => text.replaceAll('\u00a0', ' ')).find((text) => text.includes(code)) ?? '';
};

const squiggles = (): Locator => inEditor('.squiggly-error');

/** What a person sees and does, in a file and in the cells of a notebook. @param name of the screenshots. */
async function readAndMend(name: string): Promise<void> {
  await expect
    .poll(() => lineText('Conv2D'), { timeout: LIMIT_MS })
    .toContain('(None, 26, 26, 8) · 80 params');
  await squiggles().first().waitFor({ timeout: LIMIT_MS });
  expect(await vscode.hover('Conv2D', 'layers.Conv2D')).toMatch(
    /Conv2D[\s\S]*\(None, 28, 28, 1\)[\s\S]*\(None, 26, 26, 8\)[\s\S]*floor\(\(28 - 3\) \/ 1\) \+ 1 = 26[\s\S]*80/,
  );
  await vscode.screenshot(`${name}-hover`);
  expect(await vscode.hover('model', 'model = keras')).toMatch(
    /Sequential[\s\S]*conv2d[\s\S]*\(None, 26, 26, 8\)/,
  );
  await vscode.screenshot(`${name}-summary`);
  expect(await vscode.hover('RepeatVector', 'layers.RepeatVector')).toContain(
    'RepeatVector takes an input of 2 axes but gets (None, 26, 26, 8), which has 4.',
  );
  await vscode.screenshot(`${name}-problem`);
  await vscode.page.locator('.monaco-hover:visible').getByText('Quick Fix...').click();
  const fix = vscode.page.locator('.action-widget').getByText('Insert Flatten()');
  await fix.waitFor();
  await vscode.screenshot(`${name}-fix`);
  // The list ignores clicks until the pointer moves over it.
  await fix.hover({ force: true });
  await fix.click();
  await expect.poll(() => lineText('Flatten'), { timeout: LIMIT_MS }).toContain('layers.Flatten(),');
  await expect.poll(() => lineText('Flatten'), { timeout: LIMIT_MS }).toContain('(None, 5408)');
  await expect.poll(() => lineText('RepeatVector'), { timeout: LIMIT_MS }).toContain('(None, 4, 5408)');
  await expect.poll(() => squiggles().count(), { timeout: LIMIT_MS }).toBe(0);
}

test('a Python file shows shapes, explains a layer, tells a problem and mends it', async () => {
  await vscode.openFile('train.py');
  await readAndMend('python-file');
});

test('the cells of a notebook do the same as one program', async () => {
  await vscode.openFile('train.ipynb');
  await vscode.page.locator('.notebook-editor .cell-list-container').waitFor();
  await readAndMend('python-notebook');
});

/** Runs in the page, whose globals the tests' types lack. */
function opacityOf(element: unknown): string {
  const page = globalThis as unknown as { getComputedStyle(of: unknown): { readonly opacity: string } };
  return page.getComputedStyle(element).opacity;
}

test.each(['light', 'high-contrast'] as const)('hints, hover and problem are seen in %s', async (theme) => {
  await vscode.setTheme(theme);
  await vscode.openFile('themes.py');
  await expect.poll(() => lineText('Conv2D'), { timeout: LIMIT_MS }).toContain('80 params');
  await squiggles().first().waitFor({ timeout: LIMIT_MS });
  await vscode.hover('RepeatVector', 'layers.RepeatVector');
  // It fades in.
  const hover = vscode.page.locator('.monaco-hover:visible').first();
  await expect.poll(() => hover.evaluate(opacityOf)).toBe('1');
  await vscode.screenshot(`python-file-${theme}`);
});
