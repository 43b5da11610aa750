import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { VsCode } from './harness';
import { reloadBetweenTries } from './tries';

const MODEL = '3-binary/spot/model.json';

let vscode: VsCode;
beforeAll(async () => {
  vscode = await VsCode.open();
});
afterAll(() => vscode?.close());
reloadBetweenTries(() => vscode);

test('Python that names a model tells its layers, though no model was opened yet', async () => {
  const name = /"(conv2d[^"/]*)"/.exec(await readFile(join(vscode.folder, MODEL), 'utf8'))?.[1];
  if (name === undefined) throw new Error('the sample has no convolution');
  expect(vscode.analysisServers()).toEqual([]);
  const code = `model = load_model("${MODEL}")\nlayer = model.get_layer("${name}")\n`;
  await writeFile(join(vscode.folder, 'look.py'), code);
  await vscode.openFile('look.py');
  expect(await vscode.hover(name, 'get_layer')).toMatch(/Conv2D[\s\S]*\(None, \d+, \d+, 20\)/);
});
