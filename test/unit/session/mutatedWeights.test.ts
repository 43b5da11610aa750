import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { weightsReport } from '../../../src/server/inspect/weights/weightsReport';
import { storedWeights } from '../../../src/server/run/weights/storedWeights';
import { OpenModels } from '../../../src/server/session/openModels';
import { Failure } from '../../../src/shared/errors';
import { below, mulberry32 } from '../../../src/shared/random';

const STORED = join(__dirname, '../../fixtures/stored_weights');
const ROUNDS = 120;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-mutated-weights-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Opens a file of weights and reads all of it. @returns the kind of the failure, `null` if there was none */
async function readAll(path: string): Promise<string | null> {
  const models = new OpenModels({ strict: true });
  try {
    const { id, graph, file } = await models.open(path);
    await weightsReport(await storedWeights(graph, file.weights), undefined);
    models.close(id);
    return null;
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown.error.kind;
    throw thrown;
  }
}

test.each([
  ['stored.weights.h5', 'x.weights.h5'],
  ['keras2_weights.h5', 'x.h5'],
  ['subclassed.keras', 'x.keras'],
  ['subclassed.ckpt.index', 'x.ckpt.index'],
])('%s with random bytes in it opens, or fails with a sentence', async (name, as) => {
  const original = readFileSync(join(STORED, name));
  writeFileSync(
    join(folder, 'x.ckpt.data-00000-of-00001'),
    readFileSync(join(STORED, 'subclassed.ckpt.data-00000-of-00001')),
  );
  const path = join(folder, as);
  const draw = below(mulberry32(7));
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = Buffer.from(original);
    for (let i = 0; i <= draw(8); i++) bytes[draw(bytes.length)] = draw(256);
    writeFileSync(path, bytes.subarray(0, round % 10 === 0 ? draw(bytes.length) + 1 : bytes.length));
    const kind = await readAll(path);
    expect(kind, `round ${round}`).not.toBe('internal');
  }
});
