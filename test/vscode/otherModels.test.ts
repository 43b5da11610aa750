import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExplainPage } from './explainPage';
import { projectDir, VsCode } from './harness';
import { reloadBetweenTries } from './tries';

const fixture = (path: string) => join(projectDir, 'test/fixtures', path);

let vscode: VsCode;
let page: ExplainPage;

beforeAll(async () => {
  vscode = await VsCode.open({
    theme: 'dark',
    extraFiles: {
      'models/exported': fixture('saved_models/exported'),
      'models/model-convnet-fused.json': fixture('graph_models/model-convnet-fused.json'),
      'models/model-convnet-fused.bin': fixture('graph_models/model-convnet-fused.bin'),
      'models/custom.keras': fixture('custom/documented.keras'),
    },
  });
  await vscode.page.getByRole('tab', { name: /^Layerglass/ }).waitFor();
  page = new ExplainPage(vscode);
});
afterAll(() => vscode?.close());
reloadBetweenTries(() => vscode);

async function explain(model: string): Promise<string> {
  await vscode.contextMenu(await vscode.explorerRow(`models/${model}`), 'Explain Prediction');
  await vscode.quickInput().waitFor();
  // The list has a row for each file of the workspace and draws only those in view.
  await vscode.page.keyboard.type('Random');
  await vscode.pick('Random…');
  // The suggested seed.
  await expect.poll(() => vscode.quickInput().inputValue()).toMatch(/^\d+$/);
  await vscode.page.keyboard.press('Enter');
  return page.settled();
}

test('a TensorFlow.js graph model is explained, with a tree of its scopes', async () => {
  expect(await explain('model-convnet-fused.json')).toMatch(/^Grad-CAM of class \d, .*, at \S+, \d+ x \d+$/);
  await vscode.page.getByRole('tab', { name: /^Layerglass/ }).click();
  const rows = vscode.page.locator('.pane-body .monaco-list-row');
  await rows.filter({ hasText: 'scope' }).first().click();
  await vscode.page.keyboard.press('ArrowRight');
  await rows.filter({ hasText: 'activation_2_1/Relu' }).first().waitFor();
  await vscode.screenshot('explain-graph-model');
  await vscode.command('View: Close All Editors');
  await vscode.page.getByRole('tab', { name: /^Explorer/ }).click();
});

test('a SavedModel is explained', async () => {
  expect(await explain('exported/saved_model.pb')).toMatch(/^Grad-CAM of class \d, p = .*Relu, 3 x 3$/);
  await vscode.screenshot('explain-saved-model');
  await vscode.command('View: Close All Editors');
});

test('a custom layer is computed as soon as a module implements it', async () => {
  await vscode.openFile('models/custom.keras');
  const summary = vscode.webview().locator('main');
  await expect
    .poll(() => summary.textContent(), { timeout: 40_000 })
    .toMatch(/SqueezeExcite[\s\S]*(does not know|unknown)/);
  const module = `module.exports = {
    SqueezeExcite: {
      weights: (config, [shape]) => [{ name: 'excite/bias', shape: [shape.at(-1)] }],
      call: ({ tf, weights }, [x]) => tf.mul(x, weights[0]),
    },
    Lambda: {
      outputShape: (config, [[batch]]) => [batch, 1],
      call: ({ tf }, [x]) => tf.expandDims(tf.mean(x, [1, 2, 3]), -1),
    },
  };`;
  await writeFile(join(vscode.folder, 'layers.js'), module);
  await vscode.changeSettings({ 'layerglass.customLayers': ['layers.js'] });
  await expect
    .poll(() => summary.textContent(), { timeout: 40_000 })
    .toMatch(/SqueezeExcite[\s\S]*\(None, 4, 4, 4\)[\s\S]*out[\s\S]*\(None, 2\)/);
  expect(await summary.textContent()).not.toMatch(/does not know/);
  await vscode.screenshot('summary-custom');
});
