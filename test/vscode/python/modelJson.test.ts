import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { VsCode } from '../harness';
import { reloadBetweenTries } from '../tries';

const LIMIT_MS = 60_000;
const layer = (class_name: string, config: object) => ({ class_name, config });
const MODEL = layer('Sequential', {
  name: 'net',
  layers: [
    layer('InputLayer', { name: 'image', batch_shape: [null, 8, 8, 1] }),
    layer('Conv2D', { name: 'conv', filters: 2, kernel_size: [3, 3], strides: [1, 1] }),
    layer('Sequential', {
      name: 'head',
      layers: [layer('Flatten', { name: 'flat' }), layer('Dense', { name: 'scores', units: 3 })],
    }),
  ],
});

const folder = mkdtempSync(join(tmpdir(), 'layerglass-json-'));
let vscode: VsCode;
beforeAll(async () => {
  await writeFile(join(folder, 'model.json'), JSON.stringify(MODEL, null, 2));
  vscode = await VsCode.open({ folder });
});
afterAll(async () => {
  await vscode?.close();
  rmSync(folder, { recursive: true, force: true });
});
reloadBetweenTries(() => vscode);

const outline = () => vscode.viewRows('Outline');
const lines = () => vscode.page.locator('.editor-group-container.active .view-line');
const problem = () => vscode.page.locator('.editor-group-container.active .squiggly-warning');

test('a model.json has its layers as an outline, and a problem where a size does not fit, before it is saved', async () => {
  await vscode.openFile('model.json');
  const header = vscode.page.locator('.pane-header[aria-label^="Outline"]');
  if ((await header.getAttribute('aria-expanded')) !== 'true') await header.click();
  // VS Code's own outline of JSON is beside it, which makes a group of each.
  const rows = async () => {
    const group = outline().filter({ hasText: /^Layerglass$/ });
    if ((await group.count()) === 1 && (await group.getAttribute('aria-expanded')) === 'false') {
      // A click alone selects it, or opens it.
      await group.click();
      await vscode.page.keyboard.press('ArrowRight');
      await group.and(vscode.page.locator('[aria-expanded="true"]')).waitFor();
    }
    const texts = await outline().allInnerTexts();
    return texts
      .map((text) => text.replaceAll(/\s+/g, ' ').trim())
      .filter((text) => /^(image|conv|head)/.test(text));
  };
  await expect
    .poll(rows, { timeout: LIMIT_MS })
    .toEqual([
      'image',
      expect.stringMatching(/^conv ?Conv2D \(None, 6, 6, 2\) · 20 params$/),
      expect.stringMatching(/^head ?Sequential \(None, 3\) · 219 params$/),
    ]);

  // The window of the convolution becomes larger than its input.
  const size = lines()
    .filter({ hasText: /^\s*3,\s*$/ })
    .locator('span span')
    .filter({ hasText: /^3$/ });
  await size.dblclick();
  await vscode.page.keyboard.type('9');
  await problem().first().waitFor({ timeout: LIMIT_MS });
  await vscode.page.keyboard.press('Control+Shift+M');
  const told = vscode.page.locator('.markers-panel').getByText('Layer "conv" has a window of 9');
  await told.first().waitFor({ timeout: LIMIT_MS });
  for (const theme of ['light', 'high-contrast', 'dark'] as const) {
    await vscode.setTheme(theme);
    await vscode.screenshot(`model-json-${theme}`);
  }
  await lines().first().click();
  await vscode.page.keyboard.press('Control+z');
  await problem().first().waitFor({ state: 'detached', timeout: LIMIT_MS });
});
