import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { layerglass } from '../cliProcess';

const folder = mkdtempSync(join(tmpdir(), 'layerglass-infer-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ['train.js', ''],
  ['train.ts', ': number'],
])('infer lists the layers of %s', async (name, type) => {
  const path = join(folder, name);
  const code = `import * as tf from '@tensorflow/tfjs';
const units${type} = 4;
const model = tf.sequential();
model.add(tf.layers.dense({ units, inputShape: [3] }));
model.add(tf.layers.conv1d({ filters: 2, kernelSize: 2 }));
`;
  writeFileSync(path, code);
  const { code: status, stdout } = await layerglass(['infer', path, '--json']);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject([
    { line: 3, name: 'sequential_1', className: 'Sequential', outputShape: null, params: null },
    { line: 4, name: 'dense_Dense1', className: 'Dense', outputShape: [null, 4], params: 16 },
    {
      line: 5,
      className: 'Conv1D',
      problem: 'Conv1D takes an input of 3 axes but gets (None, 4), which has 2.',
    },
  ]);
});

test('infer says where there is nothing to list', async () => {
  const path = join(folder, 'notes.md');
  writeFileSync(path, '# A model\n');
  const { code, stdout, stderr } = await layerglass(['infer', path]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(stderr).toMatch(/^Note: notes\.md builds no layers.*\n {2}Give a Python/);
});
