import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeNpy } from '../../../../src/server/inputs/arrays/npy';
import { type Control, NO_CONTROL } from '../../../../src/server/run/control';
import type { RunOptions } from '../../../../src/server/session/runs';
import { Session } from '../../../../src/server/session/session';
import type { InputSource } from '../../../../src/shared/inputs';

const fixture = (name: string): string => join(__dirname, '../../../fixtures', name);
const folder = mkdtempSync(join(tmpdir(), 'layerglass-recorded-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file of ids for `causal.keras`, whose embedding has ten rows. */
function idsFile(name: string, ids: readonly number[], samples = 1): InputSource {
  const path = join(folder, `${name}.npy`);
  writeFileSync(path, writeNpy(Int32Array.from(ids), [samples, ids.length / samples]));
  return { kind: 'file', path };
}

const newSession = (): Session =>
  new Session({ backend: 'onnx', nativePath: '', strict: true, compilesAll: true });
const prepare = (session: Session, control: Control = NO_CONTROL): Promise<void> =>
  session.prepareNext(async () => {}, control);

/** The values of all nodes, and whether the run was recorded before. */
async function valuesOf(session: Session, id: string, source: InputSource, options: RunOptions = {}) {
  return session.run(
    id,
    [source],
    { name: 'none' },
    NO_CONTROL,
    async ({ trace, forwardTime }) => {
      const values = [...trace.values].map(([path, { outputs }]) => [
        path,
        ...outputs.map((output) => [...output.dataSync()]),
      ]);
      return { values, wasRecorded: forwardTime === 0 };
    },
    options,
  );
}

const random = (seed: number): InputSource => ({ kind: 'random', seed });

test.each([
  ['golden/toy.keras', random],
  ['attention/vit.keras', random],
  ['methods/mobile.keras', random],
  ['attention/causal.keras', (seed: number) => idsFile(`ids${seed}`, [3, 1, seed, 1, 5, 8])],
])(
  'the next run of %s is recorded while nobody waits, and gives what it gives otherwise',
  async (name, source) => {
    const session = newSession();
    const { id } = await session.open(fixture(name));
    const first = await valuesOf(session, id, source(1));
    expect(first.wasRecorded).toBe(false);
    for (const seed of [2, 3]) {
      await prepare(session);
      const next = await valuesOf(session, id, source(seed));
      expect(next.wasRecorded).toBe(true);
      expect(next.values).not.toEqual(first.values);
      const other = newSession();
      const model = await other.open(fixture(name));
      expect(next.values).toEqual((await valuesOf(other, model.id, source(seed))).values);
    }
  },
);

test('inputs of another shape are run anew', async () => {
  const session = newSession();
  const { id } = await session.open(fixture('attention/causal.keras'));
  const one = idsFile('one', [3, 1, 4, 1, 5, 8]);
  const two = idsFile('two', [3, 1, 4, 1, 5, 8, 2, 7, 1, 8, 2, 8], 2);
  const alone = await valuesOf(session, id, one);
  await prepare(session);
  const both = await valuesOf(session, id, two, { wholeBatch: true });
  expect(both.wasRecorded).toBe(false);
  const [, [path, output = []] = []] = both.values;
  const [, [samePath, own = []] = []] = alone.values;
  expect(path).toBe(samePath);
  expect(output.length).toBe(2 * own.length);
});

test('an id outside the embedding is refused as without a recording, and the next input is run', async () => {
  const session = newSession();
  const { id } = await session.open(fixture('attention/causal.keras'));
  const good = idsFile('good', [3, 1, 4, 1, 5, 8]);
  const bad = idsFile('bad', [3, 1, 4, 1, 5, 800]);
  const refused = {
    error: { kind: 'bad-input', message: expect.stringContaining('800'), subject: 'embedding' },
  };
  const before = await valuesOf(session, id, good);
  await expect(valuesOf(session, id, bad)).rejects.toMatchObject(refused);
  await prepare(session);
  await expect(valuesOf(session, id, bad)).rejects.toMatchObject(refused);
  await prepare(session);
  const again = await valuesOf(session, id, idsFile('again', [3, 1, 4, 1, 5, 8]));
  expect(again.values).toEqual(before.values);
});

test('texts are run anew each time', async () => {
  const session = newSession();
  const { id } = await session.open(fixture('attention/text.keras'));
  const source = (text: string): InputSource => ({ kind: 'text', text });
  await valuesOf(session, id, source('good'));
  await prepare(session);
  expect((await valuesOf(session, id, source('bad'))).wasRecorded).toBe(false);
});

test('a recording ends with the next request, and with its model', async () => {
  const session = newSession();
  const { tf } = await session.backend();
  const before = tf.memory().numTensors;
  const { id } = await session.open(fixture('golden/toy.keras'));
  await valuesOf(session, id, { kind: 'random', seed: 1 });
  const kept = tf.memory().numTensors;
  await prepare(session, { isCancelled: () => true, report: () => {} });
  expect(tf.memory().numTensors).toBe(kept);
  await prepare(session);
  expect(tf.memory().numTensors).toBeGreaterThan(kept);
  session.close(id, true);
  await prepare(session);
  expect(tf.memory().numTensors).toBe(before);
});
