import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { keras3Paths } from '../../../src/server/formats/keras/keras3Paths';
import { NO_CONTROL } from '../../../src/server/run/control';
import { Session } from '../../../src/server/session/session';

const FOLDER = join(__dirname, '../../fixtures/keras_2_zips');
const scratch = mkdtempSync(join(tmpdir(), 'layerglass-keras-2-zips-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

type Nested = number | readonly Nested[];
const flat = (value: Nested): number[] => (typeof value === 'number' ? [value] : value.flatMap(flat));
const shapeOf = (value: Nested): number[] =>
  typeof value === 'number' ? [] : [value.length, ...shapeOf(value[0] ?? 0)];

/** The input of a case as a file that the session reads. */
function inputOf(name: string, input: readonly string[] | Nested): string {
  const isText = Array.isArray(input) && typeof input[0] === 'string';
  const path = join(scratch, `${name}.${isText ? 'txt' : 'npy'}`);
  if (isText) writeFileSync(path, `${input[0]}\n`);
  else {
    const numbers = input as Nested;
    const dims = shapeOf(numbers);
    const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${dims.join(', ')}), }`.padEnd(117);
    const start = Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1');
    const bytes = Buffer.from(new Float32Array(flat(numbers)).buffer);
    writeFileSync(path, Buffer.concat([start, Buffer.from(`${header}\n`), bytes]));
  }
  return path;
}

test.each([
  'picture_2_13',
  'picture_2_14',
  'picture_windows_2_13',
  'picture_windows_2_15',
  'sequence_2_13',
  'sequence_windows_2_15',
  'text_2_13',
  'text_windows_2_13',
  'shared_2_13',
  'shared_2_14',
  'shared_2_15',
  'shared_3_15',
])('%s predicts what its Keras predicted', async (name) => {
  const expected = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'));
  const session = new Session({ backend: 'cpu', nativePath: '', strict: true });
  const { id } = await session.open(join(FOLDER, `${name}.keras`));
  const path = inputOf(name, expected.input);
  await session.run(id, [{ kind: 'file', path }], { name: 'none' }, NO_CONTROL, async ({ trace }) => {
    const [out] = trace.graph.outputs;
    const got = [...(trace.at(out?.node ?? '').outputs[0]?.dataSync() ?? [])];
    const wanted = flat(expected.output).slice(0, got.length);
    expect(got).toHaveLength(2);
    const largest = Math.max(...wanted.map(Math.abs));
    for (const [i, value] of wanted.entries()) {
      expect(Math.abs((got[i] ?? Number.NaN) - value) / largest).toBeLessThanOrEqual(1e-5);
    }
  });
  session.close(id);
});

test('numbers begin anew in each model, and a class may end in a number of its own', () => {
  const at = '_layer_checkpoint_dependencies';
  const stored = [
    ...['dense', 'dense_10', 'dense_2', 'block_7'].map((name) => `${at}/${name}`),
    `${at}/dense_2/${at}/dense`,
    `${at}/dense_2/${at}/dense_2`,
    `${at}/dense_10/vars/0`,
  ];
  const paths = keras3Paths(stored);
  expect(paths.get('layers/dense')).toBe(`${at}/dense`);
  expect(paths.get('layers/dense_2/vars/0')).toBe(`${at}/dense_10/vars/0`);
  expect(paths.get('layers/dense_1/layers/dense_1')).toBe(`${at}/dense_2/${at}/dense_2`);
  expect(paths.get('layers/block_7')).toBe(`${at}/block_7`);
  expect(keras3Paths(['layers/dense_2/vars/0']).size).toBe(0);
});
