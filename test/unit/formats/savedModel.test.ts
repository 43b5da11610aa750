import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { openModelFile } from '../../../src/server/formats/open';
import { flattenGraph } from '../../../src/server/formats/savedModel/savedModelGraph';
import { readTable } from '../../../src/server/formats/savedModel/sortedTable';
import { graphOf } from '../../../src/server/session/modelGraph';
import { Failure } from '../../../src/shared/errors';

const FIXTURES = join(__dirname, '../../fixtures/saved_models');
const scratch = mkdtempSync(join(tmpdir(), 'layerglass-saved-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let folder = '';
let number = 0;
beforeEach(() => {
  folder = join(scratch, String(number++));
  cpSync(join(FIXTURES, 'exported'), folder, { recursive: true });
});

async function failureOf(work: () => Promise<unknown>): Promise<Failure['error']> {
  const thrown = await work().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof Failure)) throw new Error(`expected a Failure, got ${String(thrown)}`);
  return thrown.error;
}

describe('a SavedModel', () => {
  test('opens by its folder and by its file', async () => {
    for (const path of [folder, join(folder, 'saved_model.pb')]) {
      const { format, path: opened } = await openModelFile(path);
      expect({ format, opened }).toEqual({ format: 'saved-model', opened: join(folder, 'saved_model.pb') });
    }
  });

  test('is recognized by its content, whatever its name', async () => {
    writeFileSync(join(folder, 'other.bin'), readFileSync(join(folder, 'saved_model.pb')));
    expect((await openModelFile(join(folder, 'other.bin'))).format).toBe('saved-model');
  });

  test('has the inputs and outputs of its signature, its variables by name and which are trainable', async () => {
    const { summary, layers } = graphOf(await openModelFile(folder));
    expect(summary.inputs).toEqual([{ name: 'picture', shape: [null, 8, 7, 3], dtype: 'float32' }]);
    expect(summary.outputs).toEqual([{ name: 'output_0', shape: [null, 5], dtype: 'float32' }]);
    // 108 + 4 x 4 of the normalization, of which 8 are trainable, + 40 + 25.
    expect(summary.params).toEqual({ total: 189, trainable: 181, nonTrainable: 8 });
    expect(summary.notices).toEqual(['Shown is the signature "serving_default"; the model also has serve.']);
    const kept = layers.flatMap(({ weights }) => weights.map(({ at }) => at));
    expect(kept).toEqual(expect.arrayContaining(['conv/kernel', 'norm/gamma', 'scores/bias']));
  });

  test.each(['examples', 'examples_1'])(
    'that takes serialized examples (%s) has the features in them as inputs',
    async (name) => {
      const { summary } = graphOf(await openModelFile(join(FIXTURES, name)));
      const byName = [...summary.inputs].sort((a, b) => a.name.localeCompare(b.name));
      expect(byName).toEqual([
        { name: 'age', shape: [null, 1], dtype: 'float32' },
        { name: 'rooms', shape: [null, 2], dtype: 'int32' },
        { name: 'size', shape: [null, 2], dtype: 'float32' },
      ]);
      expect(summary.layers.filter(({ unknownBecause }) => unknownBecause !== undefined)).toEqual([]);
      expect(summary.notices.at(-1)).toMatch(
        /^The model takes a serialized example as ".*"; its inputs here are the dense features that it contains: /,
      );
    },
  );

  test('with loops in its layers is unrolled if the iterations can be counted', async () => {
    const { summary } = graphOf(await openModelFile(join(FIXTURES, 'recurrent')));
    expect(summary.layers.filter(({ unknownBecause }) => unknownBecause !== undefined)).toEqual([]);
    const rounds = summary.layers.filter(({ path }) => /while@\d\/lstm_cell_1\/split$/.test(path));
    expect(rounds.map(({ outputShapes }) => outputShapes[0])).toEqual(new Array(5).fill([null, 3]));
    // 2 x 3 + 3, 3 x 12 + 3 x 12 + 12, 3 x 2 + 2: each once, however many iterations take it.
    expect(summary.params.total).toBe(101);
  });

  test('with loops as long as its input is listed, and computed up to the loop', async () => {
    const { summary } = graphOf(await openModelFile(join(FIXTURES, 'open_ended')));
    const loop = summary.layers.find(({ className }) => className === 'tf.While');
    expect(loop?.notice).toMatch(/^How often the loop ".*" runs is decided by values/);
    const before = summary.layers.find(({ path }) => path.endsWith('Tanh'));
    expect(before?.outputShapes).toEqual([[null, null, 3]]);
    const output = summary.layers.at(-1);
    expect(output?.unknownBecause).toBe(loop?.path);
  });
});

describe('a damaged SavedModel', () => {
  const truncate = (name: string, by: number): void => {
    const path = join(folder, name);
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, bytes.length - by));
  };

  test('that is cut short', async () => {
    truncate('saved_model.pb', 100);
    expect(await failureOf(() => openModelFile(folder))).toMatchObject({ kind: 'bad-config' });
  });

  test('whose index is cut short', async () => {
    truncate('variables/variables.index', 9);
    const { kind, message } = await failureOf(() => openModelFile(folder));
    expect(kind).toBe('bad-weights');
    expect(message).toBe('variables.index cannot be read: its end is not that of a table.');
  });

  test('without its variables is listed, and names what is missing', async () => {
    rmSync(join(folder, 'variables'), { recursive: true });
    const { summary } = graphOf(await openModelFile(folder));
    const convolution = summary.layers.find(({ className }) => className === 'tf.Conv2D');
    expect(convolution?.notice).toMatch(
      /^The values of "conv\/kernel\w*" are in the folder "variables", which is not beside saved_model\.pb\.$/,
    );
    // Missing weights are not counted as zero parameters.
    expect(summary.params).toMatchObject({ total: 0, isLowerBound: true });
    expect(summary.notices.join()).toContain(
      'The folder "variables", which contains the weights, is not beside',
    );
  });

  test('without a shard of its variables', async () => {
    rmSync(join(folder, 'variables/variables.data-00000-of-00001'));
    const { kind } = await failureOf(() => openModelFile(folder));
    expect(kind).toBe('missing-shard');
  });
});

describe('functions', () => {
  const ends = (ref: string) => ({ inputs: {}, outputs: { y: { name: ref } } });
  const call = (name: string, callee: string, ...input: string[]) => ({
    name,
    op: 'PartitionedCall',
    input,
    attr: { f: { func: { name: callee } } },
  });

  test('that call themselves are refused', () => {
    const recursive = {
      signature: { name: 'f', outputArg: [{ name: 'out' }] },
      nodeDef: [call('again', 'f')],
      ret: { out: 'again:output:0' },
    };
    const graph = { node: [call('start', 'f')], library: { function: [recursive] } };
    expect(() => flattenGraph(graph, ends('start:0'), (handle) => handle)).toThrow(/call each other/);
  });

  test('that do not exist are refused', () => {
    expect(() => flattenGraph({ node: [call('start', 'f')] }, ends('start:0'), (handle) => handle)).toThrow(
      'it calls the function "f", which does not exist',
    );
  });

  test('that pass a name around in a cycle are refused', () => {
    const pass = (name: string, input: string) => ({ name, op: 'Identity', input: [input], attr: {} });
    const graph = { node: [pass('a', 'b'), pass('b', 'a')] };
    expect(() => flattenGraph(graph, ends('a:0'), (handle) => handle)).toThrow(
      /passes its own value to itself/,
    );
  });
});

describe('a sorted table', () => {
  test('reads what TensorFlow wrote', () => {
    const keys = [...readTable(readFileSync(join(folder, 'variables/variables.index'))).keys()];
    expect(keys[0]).toBe('');
    expect(keys).toContain('_CHECKPOINTABLE_OBJECT_GRAPH');
  });

  test.each([
    ['that is none', Buffer.alloc(100), /its end is not that of a table/],
    ['of no bytes', Buffer.alloc(0), /its end is not that of a table/],
    [
      'whose blocks lie outside',
      Buffer.concat([
        Buffer.from('000000ffffff7f', 'hex'),
        Buffer.alloc(33),
        Buffer.from('57fb808b247547db', 'hex'),
      ]),
      /./,
    ],
  ])('%s', (_, bytes, message) => {
    expect(() => readTable(bytes)).toThrow(message);
  });
});
