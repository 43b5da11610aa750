import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { decode } from '../../../src/server/formats/savedModel/protobuf';
import { bundleEntry } from '../../../src/server/formats/savedModel/savedModelProto';
import { readTable } from '../../../src/server/formats/savedModel/sortedTable';
import { NO_CONTROL } from '../../../src/server/run/control';
import { Session } from '../../../src/server/session/session';

const FOLDER = join(__dirname, '../../fixtures/keras_2_lookups');
const scratch = mkdtempSync(join(tmpdir(), 'layerglass-keras-2-lookups-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** An input of shape (1,) as a file that the session reads. */
function inputOf(value: string | number): string {
  const path = join(scratch, typeof value === 'string' ? 'input.txt' : 'input.npy');
  if (typeof value === 'string') writeFileSync(path, `${value}\n`);
  else {
    const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1), }".padEnd(117);
    const start = Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1');
    const bytes = Buffer.from(Float32Array.of(value).buffer);
    writeFileSync(path, Buffer.concat([start, Buffer.from(`${header}\n`), bytes]));
  }
  return path;
}

async function predicts(model: string, value: string | number): Promise<number[]> {
  const session = new Session({ backend: 'cpu', nativePath: '', strict: true });
  const { id } = await session.open(model);
  const path = inputOf(value);
  let got: number[] = [];
  await session.run(id, [{ kind: 'file', path }], { name: 'none' }, NO_CONTROL, async ({ trace }) => {
    const [out] = trace.graph.outputs;
    got = [...(trace.at(out?.node ?? '').outputs[0]?.dataSync() ?? [])];
  });
  session.close(id);
  return got;
}

test.each([
  'text_2_10',
  'text_2_15',
  'mutable_2_10',
  'file_2_10',
  'file_2_15',
  'numbers_2_10',
  'numbers_2_15',
])('%s predicts what its Keras predicted', async (name) => {
  const { input, output } = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'));
  for (const [row, [value]] of input.entries()) {
    const got = await predicts(join(FOLDER, name), value);
    const wanted: number[] = output[row];
    expect(got, String(value)).toHaveLength(2);
    const largest = Math.max(...wanted.map(Math.abs));
    for (const [i, number] of wanted.entries()) {
      const error = Math.abs((got[i] ?? Number.NaN) - number) / largest;
      expect(error, `${value}: ${got} for ${wanted}`).toBeLessThanOrEqual(1e-5);
    }
  }
});

test('texts that are cut short, or claimed without end, are refused by a sentence', async () => {
  const folder = join(scratch, 'cut');
  cpSync(join(FOLDER, 'mutable_2_10'), folder, { recursive: true });
  const shard = join(folder, 'variables/variables.data-00000-of-00001');
  const bytes = readFileSync(shard);
  // The lengths of "", "red", "green", "blue" and "é" in the order of the table: one claims the whole file.
  const offset = tokensAt(folder);
  bytes[offset] = 0x7f;
  writeFileSync(shard, bytes);
  await expect(predicts(folder, 'red')).rejects.toThrow(/its strings are cut short/);
  bytes.fill(0xff, offset, offset + 5);
  writeFileSync(shard, bytes);
  await expect(predicts(folder, 'red')).rejects.toThrow(/variables.index cannot be read/);
});

test('a vocabulary that was not copied with the model is named', async () => {
  const folder = join(scratch, 'lost');
  cpSync(join(FOLDER, 'file_2_15'), folder, { recursive: true });
  rmSync(join(folder, 'assets'), { recursive: true });
  await expect(predicts(folder, 'red')).rejects.toThrow('words.txt, the vocabulary of a layer, is missing.');
});

test('a vocabulary is read from the folder of the model only', async () => {
  const folder = join(scratch, 'escape');
  cpSync(join(FOLDER, 'file_2_15'), folder, { recursive: true });
  rmSync(join(folder, 'assets/words.txt'));
  writeFileSync(join(scratch, 'secret.txt'), 'red\ngreen\nblue\n');
  symlinkSync(join(scratch, 'secret.txt'), join(folder, 'assets/words.txt'));
  await expect(predicts(folder, 'red')).rejects.toThrow(/is outside its folder/);
});

/** Where the tokens of the layer `words` of `mutable_2_10` lie in the shard. */
function tokensAt(folder: string): number {
  const table = readTable(readFileSync(join(folder, 'variables/variables.index')));
  const key = 'layer_with_weights-0/_lookup_layer/_table/.ATTRIBUTES/table-keys';
  return Number(decode(table.get(key) ?? new Uint8Array(), bundleEntry).offset ?? 0);
}
