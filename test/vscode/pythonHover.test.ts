import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectDir, VsCode } from './harness';
import { reloadBetweenTries } from './tries';

const MODEL = '3-binary/spot/model.json';

let vscode: VsCode;
let folder: string;
let layer: string;
beforeAll(async () => {
  const text = await readFile(join(projectDir, 'samples', MODEL), 'utf8');
  layer = /"(conv2d[^"/]*)"/.exec(text)?.[1] ?? '';
  folder = await mkdtemp(join(tmpdir(), 'layerglass-python-'));
  const code = join(folder, 'look.py');
  await writeFile(code, `model = load_model("${MODEL}")\nlayer = model.get_layer("${layer}")\n`);
  vscode = await VsCode.open({ extraFiles: { 'look.py': code } });
});
afterAll(async () => {
  await vscode?.close();
  await rm(folder, { recursive: true, force: true });
});
reloadBetweenTries(() => vscode);

test('a hover over a layer in Python works before any model is opened', async () => {
  expect(vscode.analysisServers()).toEqual([]);
  await vscode.openFile('look.py');
  expect(await vscode.hover(layer, 'get_layer')).toMatch(/Conv2D[\s\S]*\(None, \d+, \d+, 20\)/);
});
