import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explainRun } from '../../../src/server/answers/explanation';
import { channelTiles } from '../../../src/server/answers/layer/channelTiles';
import { writeNpy } from '../../../src/server/inputs/arrays/npy';
import { NO_CONTROL } from '../../../src/server/run/control';
import type { Run } from '../../../src/server/session/runs';
import { Session } from '../../../src/server/session/session';
import { toError } from '../../../src/shared/errors';
import type { MethodId } from '../../../src/shared/methods';
import { type GraphConstant, type GraphOp, placeholder, writeGraphModel } from './graphModel';

let folder = '';
let session: Session;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-sizes-'));
  session = new Session({ backend: 'cpu', nativePath: '', strict: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CONSTANTS: readonly GraphConstant[] = [
  { name: 'one', shape: [], dtype: 'float32', values: [1] },
  { name: 'zero', shape: [], dtype: 'int32', values: [0] },
  { name: 'step', shape: [], dtype: 'int32', values: [1] },
  { name: 'row', shape: [4], dtype: 'float32', values: [1, 2, 3, 4] },
  { name: 'image', shape: [1, 2, 2, 1], dtype: 'float32', values: [1, 2, 3, 4] },
];

/** Operations whose size is what the model is given: `sizes` as a list, `size` as one number. */
const OPERATIONS: Readonly<Record<string, readonly string[]>> = {
  Fill: ['sizes', 'one'],
  Range: ['zero', 'size', 'step'],
  Tile: ['row', 'sizes'],
  Reshape: ['row', 'sizes'],
  BroadcastTo: ['row', 'sizes'],
  ResizeBilinear: ['image', 'both'],
  ResizeNearestNeighbor: ['image', 'both'],
};

async function computed(
  nodes: readonly GraphOp[],
  values: Float32Array | Int32Array,
  shape: readonly number[],
) {
  const model = await session.open(writeGraphModel(folder, nodes, CONSTANTS));
  const npy = join(folder, 'given.npy');
  writeFileSync(npy, writeNpy(values, [...shape]));
  return <T>(work: (run: Run) => Promise<T>): Promise<T> =>
    session.run(model.id, [{ kind: 'file', path: npy }], { name: 'none' }, NO_CONTROL, work, {
      wholeBatch: true,
    });
}

/** What comes of an operation that is to have a size of `value`. */
async function answerOf(op: string, value: number): Promise<string> {
  const integers = { T: { type: 'DT_INT32' } };
  const nodes = [
    placeholder('sizes', 'DT_INT32', 1),
    { name: 'size', op: 'Squeeze', input: ['sizes'], attr: integers },
    { name: 'both', op: 'Tile', input: ['sizes', 'two'], attr: integers },
    { name: 'two', op: 'Const' },
    { name: 'out', op, input: OPERATIONS[op] ?? [] },
  ];
  const two: GraphConstant = { name: 'two', shape: [1], dtype: 'int32', values: [2] };
  try {
    const path = writeGraphModel(
      folder,
      nodes.filter(({ name }) => name !== 'two'),
      [...CONSTANTS, two],
    );
    const model = await session.open(path);
    const npy = join(folder, 'sizes.npy');
    writeFileSync(npy, writeNpy(Int32Array.of(value), [1]));
    return await session.run(
      model.id,
      [{ kind: 'file', path: npy }],
      { name: 'none' },
      NO_CONTROL,
      async ({ trace }) => `gives ${trace.at('out').outputs[0]?.shape}`,
      { wholeBatch: true },
    );
  } catch (thrown) {
    const { kind, message, remedy } = toError(thrown);
    return `${kind}: ${message} ${remedy}`;
  }
}

describe('a size that is one of the values', () => {
  test.each(Object.keys(OPERATIONS))(
    '%s: too large, it is refused before anything is allocated',
    async (op) => {
      expect(await answerOf(op, 1_500_000_000)).toMatch(
        /^(too-large|wrong-shape|bad-config|bad-input): [^:]*"out"/,
      );
    },
  );

  test.each(Object.keys(OPERATIONS))('%s: negative, it is refused or empty', async (op) => {
    expect(await answerOf(op, -5)).toMatch(/^(wrong-shape|bad-config|bad-input): [^:]*"out"|^gives 0$/);
  });

  test('in bounds, it is computed', async () => {
    expect(await answerOf('Fill', 3)).toBe('gives 3');
    expect(await answerOf('Range', 3)).toBe('gives 3');
    expect(await answerOf('Tile', 3)).toBe('gives 12');
    expect(await answerOf('ResizeBilinear', 3)).toBe('gives 1,3,3,1');
  });
});

describe('a value that is empty or a single number', () => {
  const question = (method: MethodId, layer: string) => ({
    modelId: '',
    inputs: [],
    preprocessing: { name: 'none' as const },
    method,
    layer,
    target: { index: 'auto' as const },
    labels: [],
  });
  const failure = async (work: Promise<unknown>): Promise<string> => {
    const thrown: unknown = await work.then(
      () => new Error('nothing failed'),
      (error: unknown) => error,
    );
    const { kind, message } = toError(thrown);
    return `${kind}: ${message}`;
  };
  const axes = (name: string, ...values: number[]): GraphConstant => ({
    name,
    shape: [values.length],
    dtype: 'int32',
    values,
  });

  test('of a layer has no tiles, no map and is not a failure of ours', async () => {
    const nodes = [
      placeholder('x', 'DT_FLOAT', 1, 4, 4, 2),
      { name: 'empty', op: 'Slice', input: ['x', 'begin', 'size'] },
      { name: 'sum', op: 'Sum', input: ['empty', 'space'] },
    ];
    const path = writeGraphModel(folder, nodes, [
      axes('begin', 0, 0, 0, 0),
      axes('size', 1, 0, 4, 2),
      axes('space', 1, 2),
    ]);
    const model = await session.open(path);
    const npy = join(folder, 'x.npy');
    writeFileSync(npy, writeNpy(new Float32Array(32), [1, 4, 4, 2]));
    await session.run(model.id, [{ kind: 'file', path: npy }], { name: 'none' }, NO_CONTROL, async (run) => {
      const asked = { ...question('grad-cam', 'empty'), stage: 'post' as const };
      const tiles = await channelTiles(run, { ...asked, slice: 0, channels: [0], side: 64 });
      expect(tiles).toMatchObject({ rows: 0, columns: 0, channels: [] });
      expect(await failure(explainRun(run, question('grad-cam', 'empty'), NO_CONTROL))).toBe(
        'not-applicable: Layer "empty" is empty (1 x 0 x 4 x 2): there is nothing to explain.',
      );
    });
  });

  test('of an input that is one number has a saliency of one number', async () => {
    const run = await computed(
      [placeholder('x', 'DT_FLOAT'), { name: 'y', op: 'Mul', input: ['x', 'row'] }],
      Float32Array.of(2),
      [],
    );
    const { maps } = await run((one) => explainRun(one, question('saliency', 'auto'), NO_CONTROL));
    expect(maps[0]?.raw).toEqual({ shape: [], values: Float32Array.of(1) });
  });
});
