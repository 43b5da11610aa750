import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { explain } from '../../../src/server/explain/explain';
import { placementOf } from '../../../src/server/explain/maps/placement';
import { setCustomKinds } from '../../../src/server/kinds/registry';
import { customKind } from '../../../src/server/layers/customLayer';
import { type Runtime, startBackend } from '../../../src/server/run/backends/backend';
import { NO_CONTROL } from '../../../src/server/run/control';
import { runForward, type Trace } from '../../../src/server/run/trace';
import { WeightCache } from '../../../src/server/run/weights/weightCache';
import { Session } from '../../../src/server/session/session';
import type { MethodId } from '../../../src/shared/methods';
import { functional, graphOf, inputLayer, type LayerJson, merge } from '../graph/configs';
import { ask, chain, failureOf, storeOf, traceOf } from '../run/memoryModel';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await startBackend({ backend: 'cpu', nativePath: '', strict: true });
});
const traces: Trace[] = [];
afterAll(() => {
  for (const trace of traces) trace.dispose();
});
afterEach(() => setCustomKinds({}));

/** One forward pass of layers without weights on inputs of these shapes; batch axis left out. */
async function traceThrough(
  inputs: Readonly<Record<string, readonly number[]>>,
  layers: readonly LayerJson[],
): Promise<Trace> {
  const given = Object.entries(inputs);
  const out = layers.at(-1)?.name ?? '';
  const graph = graphOf(
    functional(
      'model',
      [...given.map(([name, shape]) => inputLayer(name, [null, ...shape])), ...layers],
      given.map(([name]) => [name, 0, 0]),
      [[out, 0, 0]],
    ),
  );
  const tensors = given.map(([, shape], i) => runtime.tf.randomNormal([1, ...shape], 0, 1, 'float32', i + 1));
  const trace = await runForward(
    runtime,
    graph,
    new WeightCache(runtime, graph, storeOf(new Map())),
    tensors,
    NO_CONTROL,
  );
  for (const tensor of tensors) tensor.dispose();
  traces.push(trace);
  return trace;
}

const attentionOver = (name: string, query: string, key = query): LayerJson =>
  merge('Attention', name, [query, key]);
const single = (className: string, name: string, from: string, config: object = {}): LayerJson => ({
  ...merge(className, name, [from]),
  config: { name, ...config },
});
const pooled = (from: string): LayerJson => single('GlobalAveragePooling1D', 'mean', from);

describe('a model without an attention layer', () => {
  test('is refused with what it has', async () => {
    const trace = await traceThrough({ x: [6, 2] }, [single('MaxPooling1D', 'pool', 'x'), pooled('pool')]);
    for (const method of ['attention', 'attention-rollout'] as const) {
      expect(await failureOf(ask(trace, { method }))).toMatchObject({
        kind: 'not-applicable',
        message: 'The model has no attention layer, only MaxPooling1D and GlobalAveragePooling1D.',
        remedy: expect.stringContaining('Grad-CAM'),
      });
    }
  });

  test('is refused also without a layer that has positions', async () => {
    const trace = await traceOf(runtime, chain([2], [{ className: 'ReLU', config: { name: 'relu' } }]), {
      shape: [2],
      values: [1, 2],
    });
    traces.push(trace);
    expect((await failureOf(ask(trace, { method: 'attention' }))).message).toBe(
      'The model has no attention layer, only ReLU.',
    );
  });
});

describe('attention to another sequence', () => {
  const decoder = () =>
    traceThrough({ said: [4, 3], heard: [4, 3] }, [
      attentionOver('own', 'said'),
      attentionOver('other', 'own', 'heard'),
      pooled('other'),
    ]);

  test('is drawn over the input of its keys', async () => {
    const { header } = await ask(await decoder(), { method: 'attention' });
    expect(header).toMatchObject({ layer: 'other', input: 'heard', inputIndex: 1, onInput: true });
    const own = await ask(await decoder(), { method: 'attention', layer: 'own' });
    expect(own.header).toMatchObject({ input: 'said', inputIndex: 0 });
  });

  test('its output is at the positions of its query, as long as the keys may be', async () => {
    const trace = await decoder();
    const placed = ['said', 'heard'].map((input) => placementOf(trace, { node: 'other', output: 0 }, input));
    expect(placed).toEqual([[{ centre: 0, stride: 1, window: null }], null]);
  });

  test('has no rollout', async () => {
    const error = await failureOf(ask(await decoder(), { method: 'attention-rollout' }));
    expect(error).toMatchObject({
      kind: 'not-applicable',
      message: expect.stringContaining('but "other" attends to another sequence than its own.'),
    });
    const { header } = await ask(await decoder(), { method: 'attention-rollout', layer: 'own' });
    expect(header.notices).toContain('Rolled out over one layer: own.');
  });
});

test('a rollout over sequences of two lengths, or over branches, is refused', async () => {
  const shorter = await traceThrough({ x: [6, 2] }, [
    attentionOver('a', 'x'),
    single('MaxPooling1D', 'pool', 'a'),
    attentionOver('b', 'pool'),
    pooled('b'),
  ]);
  expect((await failureOf(ask(shorter, { method: 'attention-rollout' }))).message).toContain(
    '"a" attends from 6 to 6 positions, and "b" from 3',
  );
  const branches = await traceThrough({ x: [6, 2] }, [
    attentionOver('a', 'x'),
    attentionOver('b', 'x'),
    merge('Add', 'sum', ['a', 'b']),
    attentionOver('c', 'sum'),
    pooled('c'),
  ]);
  expect((await failureOf(ask(branches, { method: 'attention-rollout' }))).message).toContain(
    '"a" is not on the way to "b"',
  );
});

test('keys behind a pooling are placed by its windows', async () => {
  const trace = await traceThrough({ x: [6, 2] }, [
    single('MaxPooling1D', 'pool', 'x'),
    attentionOver('a', 'pool'),
    pooled('a'),
  ]);
  const { header } = await ask(trace, { method: 'attention' });
  expect(header.map.shape).toEqual([3]);
  expect(header.placement).toEqual([{ centre: 0.5, stride: 2, window: 2 }]);
});

test('a layer of the user’s own that keeps the length is taken to keep the order, and the map says so', async () => {
  const positions = customKind({ call: ({ tf }, [x]) => tf.add(x ?? 0, 1) }, 'positions.js');
  setCustomKinds({ Positions: positions });
  const trace = await traceThrough({ x: [6, 2] }, [
    single('Positions', 'positions', 'x'),
    attentionOver('a', 'positions'),
    pooled('a'),
  ]);
  const { header } = await ask(trace, { method: 'attention' });
  expect(header).toMatchObject({ onInput: true, map: { shape: [6] } });
  expect(header.notices).toContain('Custom layers (positions) are taken to keep the order of the positions.');
});

test('tokens put before and behind the sequence are not drawn', async () => {
  const trace = await traceThrough(
    { x: [4, 2], first: [1, 2], last: [2, 2] },
    [merge('Concatenate', 'all', ['first', 'x', 'last']), attentionOver('a', 'all'), pooled('a')].map(
      (layer) => (layer.name === 'all' ? { ...layer, config: { ...layer.config, axis: 1 } } : layer),
    ),
  );
  const { header, raw, map } = await ask(trace, { method: 'attention' });
  expect(header).toMatchObject({ input: 'x', map: { shape: [4] } });
  const mean = (key: number) => {
    let sum = 0;
    for (let query = 0; query < 7; query++) sum += raw.values[query * 7 + key] ?? Number.NaN;
    return sum / 7;
  };
  expect([...map.values]).toEqual([1, 2, 3, 4].map((key) => expect.closeTo(mean(key), 6)));
});

describe('fixtures of layers', () => {
  const session = new Session({ backend: 'cpu', nativePath: '', strict: true });
  const ofRandom = async (name: string, method: MethodId) => {
    const model = await session.open(join(__dirname, `../../fixtures/layers/attention/${name}.keras`));
    const inputs = model.graph.inputs.map((_, seed) => ({ kind: 'random', seed }) as const);
    try {
      return await session.run(model.id, inputs, { name: 'none' }, NO_CONTROL, ({ trace, walks }) =>
        explain(trace, walks, { method, layer: 'auto', target: { index: 0 }, labels: [] }, NO_CONTROL),
      );
    } finally {
      session.close(model.id);
    }
  };

  test('attention over two axes is drawn as an image', async () => {
    const { raw, header } = await ofRandom('multiheadattention__rank4_all_axes', 'attention');
    expect(raw.shape).toEqual([6, 6]);
    expect(header).toMatchObject({ inputIndex: 1, onInput: true, map: { shape: [2, 3] } });
  });

  test('attention along some axes only is refused', async () => {
    expect(await failureOf(ofRandom('multiheadattention__rank4_one_axis', 'attention'))).toMatchObject({
      kind: 'not-applicable',
      message: 'Layer "heads" attends along some of its axes only.',
    });
  });
});
