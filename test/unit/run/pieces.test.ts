import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openModelFile } from '../../../src/server/formats/open';
import { NO_CONTROL } from '../../../src/server/run/control';
import { Session } from '../../../src/server/session/session';
import { Failure, type LayerglassError } from '../../../src/shared/errors';

const FOLDER = join(__dirname, '../../fixtures/pieces');
/** What real Keras answered (made by make.py there). */
const expected: { input: number[]; output: number[]; params: number } = JSON.parse(
  readFileSync(join(FOLDER, 'expected.json'), 'utf8'),
);

const session = new Session({ backend: 'cpu', nativePath: '', strict: true });
const scratch = mkdtempSync(join(tmpdir(), 'layerglass-pieces-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A copy of a fixture's folder, to do harm to. */
function copied(name: string): string {
  const folder = mkdtempSync(join(scratch, `${name}-`));
  cpSync(join(FOLDER, name), folder, { recursive: true });
  return folder;
}

async function failure(work: () => Promise<unknown>): Promise<LayerglassError> {
  try {
    await work();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown.error;
    throw thrown;
  }
  throw new Error('nothing failed');
}

const input = [{ kind: 'random' as const, seed: 1, distribution: 'normal' as const }];

async function compute(path: string): Promise<number[]> {
  const model = await session.open(path);
  const file = join(mkdtempSync(join(scratch, 'x-')), 'x.npy');
  writeFileSync(file, npy(expected.input));
  return session.run(
    model.id,
    [{ kind: 'file', path: file }],
    { name: 'none' },
    NO_CONTROL,
    async ({ trace }) => {
      const [out] = trace.graph.outputs;
      return [...(trace.at(out?.node ?? '').outputs[0]?.dataSync() ?? [])];
    },
  );
}

function npy(values: readonly number[]): Buffer {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (1, ${values.length}), }`.padEnd(117);
  const start = Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1');
  return Buffer.concat([start, Buffer.from(`${header}\n`), Buffer.from(new Float32Array(values).buffer)]);
}

describe('a topology and the weights beside it are one model', () => {
  test.each([
    ['to_json and save_weights of Keras 3', 'apart/pieces.json', 'pieces.weights.h5'],
    ['weights cut into shards', 'sharded/model.json', 'pieces.weights.json'],
    ['a folder, by its config.json', 'folder/pieces/config.json', 'model.weights.h5'],
    ['a folder', 'folder/pieces', 'model.weights.h5'],
    ['to_json and save_weights of Keras 2', 'keras2/architecture.json', 'architecture_weights.h5'],
  ])('%s', async (_, path, weights) => {
    const { graph } = await session.open(join(FOLDER, path));
    expect(graph.params.total).toBe(expected.params);
    expect(graph.summary.format).toBe('topology');
    expect(graph.summary.notices[0]).toContain(`The weights are those of ${weights}, which is beside `);
    const got = await compute(join(FOLDER, path));
    for (const [i, value] of expected.output.entries()) expect(got[i]).toBeCloseTo(value, 5);
  });

  test('other weights beside it are another model: they are read anew', async () => {
    const folder = copied('apart');
    const before = await session.open(join(folder, 'pieces.json'));
    renameSync(join(folder, 'pieces.weights.h5'), join(folder, 'other.weights.h5'));
    const after = await session.open(join(folder, 'pieces.json'));
    expect(after.id).not.toBe(before.id);
    expect(after.graph.summary.notices[0]).toContain('other.weights.h5');
  });
});

describe('a topology without weights', () => {
  test('has shapes and parameters; computing says what to do', async () => {
    const folder = copied('apart');
    rmSync(join(folder, 'pieces.weights.h5'));
    const model = await session.open(join(folder, 'pieces.json'));
    expect(model.graph.params.total).toBe(expected.params);
    expect(model.graph.summary.outputs[0]?.shape).toEqual([null, 2]);
    expect(model.graph.summary.kerasVersion).toBe('3');
    expect(model.graph.summary.notices).toEqual([
      'pieces.json contains only the structure: there are no weights to compute with.',
    ]);
    const error = await failure(() =>
      session.run(model.id, input, { name: 'none' }, NO_CONTROL, async () => undefined),
    );
    expect(error).toMatchObject({
      kind: 'no-weights',
      message: 'pieces.json contains a topology but no weights, and none are beside it.',
    });
    expect(error.remedy).toContain("model.save_weights('pieces.weights.h5')");
  });

  test('with several weights beside it takes none of them', async () => {
    const folder = copied('sharded');
    cpSync(join(FOLDER, 'apart/pieces.weights.h5'), join(folder, 'best.weights.h5'));
    cpSync(join(FOLDER, 'apart/pieces.weights.h5'), join(folder, 'last.weights.h5'));
    const model = await session.open(join(folder, 'model.json'));
    expect(model.graph.summary.notices[0]).toMatch(
      /^model\.json contains only the structure: best\.weights\.h5, last\.weights\.h5 are beside it, and nothing states which of them contains its weights\. Rename /,
    );
  });

  test('takes the one file that is called weights in another way', async () => {
    const folder = copied('apart');
    renameSync(join(folder, 'pieces.json'), join(folder, 'modelConfig.json'));
    renameSync(join(folder, 'pieces.weights.h5'), join(folder, 'mnist_weights_only.h5'));
    const got = await compute(join(folder, 'modelConfig.json'));
    for (const [i, value] of expected.output.entries()) expect(got[i]).toBeCloseTo(value, 5);
  });

  test('names the files beside it of which nothing says that they are its', async () => {
    const folder = copied('apart');
    renameSync(join(folder, 'pieces.weights.h5'), join(folder, 'trained.h5'));
    const model = await session.open(join(folder, 'pieces.json'));
    const error = await failure(() =>
      session.run(model.id, input, { name: 'none' }, NO_CONTROL, async () => undefined),
    );
    expect(error).toMatchObject({
      kind: 'no-weights',
      message:
        'pieces.json contains a topology but no weights, and trained.h5 is beside it, but nothing states that it contains its weights.',
      remedy: 'Rename the file with its weights to pieces.weights.h5.',
    });
  });

  test('with the weights of another model names both files and the first layer that does not fit', async () => {
    const folder = copied('apart');
    cpSync(join(FOLDER, '../formats/new.weights.h5'), join(folder, 'pieces.weights.h5'));
    const model = await session.open(join(folder, 'pieces.json'));
    const error = await failure(() =>
      session.run(model.id, input, { name: 'none' }, NO_CONTROL, async () => undefined),
    );
    expect(error.kind).toBe('bad-weights');
    expect(error.message).toMatch(
      /^pieces\.weights\.h5 does not fit pieces\.json: of the weights of layer "\w+"/,
    );
  });

  test('with the weights of a smaller model names both files and the first layer without any', async () => {
    const folder = copied('apart');
    const path = join(folder, 'pieces.json');
    const topology = JSON.parse(readFileSync(path, 'utf8'));
    const last = topology.config.layers.at(-1);
    const more = JSON.parse(
      JSON.stringify(last).replaceAll('"out"', '"more"').replaceAll('"inner"', '"out"'),
    );
    topology.config.layers.push({ ...more, build_config: { input_shape: [null, 2] } });
    topology.config.output_layers = ['more', 0, 0];
    writeFileSync(path, JSON.stringify(topology));
    const model = await session.open(path);
    const error = await failure(() =>
      session.run(model.id, input, { name: 'none' }, NO_CONTROL, async () => undefined),
    );
    expect(error).toMatchObject({
      kind: 'bad-weights',
      message:
        'pieces.weights.h5 does not fit pieces.json: of the weights of layer "more" (Dense), it holds none.',
    });
  });

  test('takes no weights that are a link out of its folder', async () => {
    const folder = copied('apart');
    rmSync(join(folder, 'pieces.weights.h5'));
    symlinkSync(join(FOLDER, 'apart/pieces.weights.h5'), join(folder, 'pieces.weights.h5'));
    const model = await session.open(join(folder, 'pieces.json'));
    expect(model.graph.summary.notices[0]).toContain('only the structure');
  });
});

describe('weights without a topology', () => {
  test('of a TensorFlow.js model offers its model.json', async () => {
    const folder = join(__dirname, '../../fixtures/formats/tfjs');
    const error = await failure(() => openModelFile(join(folder, 'group1-shard1of1.bin')));
    expect(error).toMatchObject({ kind: 'weights-only', suggestion: { open: join(folder, 'model.json') } });
  });
});

describe('shards', () => {
  const spoilt = async (spoil: (folder: string) => void): Promise<LayerglassError> => {
    const folder = copied('sharded');
    spoil(folder);
    const file = await openModelFile(join(folder, 'model.json'));
    return failure(() => file.weights.index()).finally(() => file.close());
  };

  test('one that is missing is named', async () => {
    const error = await spoilt((folder) => rmSync(join(folder, 'pieces_00001.weights.h5')));
    expect(error).toMatchObject({ kind: 'missing-shard' });
    expect(error.message).toContain('pieces_00001.weights.h5');
  });

  test('none may lie outside the folder', async () => {
    const error = await spoilt((folder) =>
      writeFileSync(join(folder, 'pieces.weights.json'), '{"weight_map": {"/a": ["../x.weights.h5"]}}'),
    );
    expect(error.kind).toBe('path-escape');
  });

  test.each(['{}', '{"weight_map": 3}', '{"weight_map": {"/a": [1]}}', '[]'])(
    '%s is not a list of shards',
    async (text) => {
      const error = await spoilt((folder) => writeFileSync(join(folder, 'pieces.weights.json'), text));
      expect(error.kind).toBe('bad-weights');
    },
  );
});
