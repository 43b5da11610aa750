import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { VsCode } from '../harness';
import { reloadBetweenTries } from '../tries';

const LIMIT_MS = 60_000;
const CODE = `import * as tf from '@tensorflow/tfjs';

const model = tf.sequential();
model.add(tf.layers.conv2d({ filters: 8, kernelSize: 3, inputShape: [28, 28, 1] }));
model.add(tf.layers.repeatVector({ n: 4 }));
`;

const folder = mkdtempSync(join(tmpdir(), 'layerglass-javascript-'));
let vscode: VsCode;
beforeAll(async () => {
  await writeFile(join(folder, 'train.js'), CODE);
  vscode = await VsCode.open({ extraFiles: { 'train.js': join(folder, 'train.js') } });
});
afterAll(async () => {
  await vscode?.close();
  rmSync(folder, { recursive: true, force: true });
});
reloadBetweenTries(() => vscode);

const inEditor = (part: string): Locator =>
  vscode.page.locator(`.editor-group-container.active ${part}`).filter({ visible: true });

/** The text of the line with this code, its hint included; VS Code writes spaces that do not break. */
const lineText = async (code: string): Promise<string> => {
  const texts = await inEditor('.view-line').allInnerTexts();
  return texts.map((text) => text.replaceAll('\u00a0', ' ')).find((text) => text.includes(code)) ?? '';
};

test('a JavaScript file shows shapes, tells a problem and mends it', async () => {
  await vscode.openFile('train.js');
  await expect
    .poll(() => lineText('conv2d'), { timeout: LIMIT_MS })
    .toContain('(None, 26, 26, 8) · 80 params');
  await inEditor('.squiggly-error').first().waitFor({ timeout: LIMIT_MS });
  expect(await vscode.hover('conv2d', 'tf.layers.conv2d')).toMatch(
    /Conv2D[\s\S]*\(None, 28, 28, 1\)[\s\S]*\(None, 26, 26, 8\)[\s\S]*80/,
  );
  await vscode.screenshot('javascript-file-hover');
  expect(await vscode.hover('repeatVector', 'tf.layers.repeatVector')).toContain(
    'RepeatVector takes an input of 2 axes but gets (None, 26, 26, 8), which has 4.',
  );
  await vscode.page.locator('.monaco-hover:visible').getByText('Quick Fix...').click();
  const fix = vscode.page.locator('.action-widget').getByText('Insert flatten()');
  await fix.waitFor();
  await vscode.screenshot('javascript-file-fix');
  // The list ignores clicks until the pointer moves over it.
  await fix.hover({ force: true });
  await fix.click();
  await expect
    .poll(() => lineText('flatten'), { timeout: LIMIT_MS })
    .toContain('model.add(tf.layers.flatten());');
  await expect.poll(() => lineText('flatten'), { timeout: LIMIT_MS }).toContain('(None, 5408)');
  await expect.poll(() => lineText('repeatVector'), { timeout: LIMIT_MS }).toContain('(None, 4, 5408)');
  await expect.poll(() => inEditor('.squiggly-error').count(), { timeout: LIMIT_MS }).toBe(0);
});
