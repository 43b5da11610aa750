import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { explain } from '../../../src/server/explain/explain';
import { readScores } from '../../../src/server/explain/score';
import { findScoreSource } from '../../../src/server/explain/scoreSource';
import { createSeed } from '../../../src/server/explain/seed';
import { chooseTarget } from '../../../src/server/explain/target';
import type { Runtime } from '../../../src/server/run/backends/backend';
import { startBackend } from '../../../src/server/run/backends/backend';
import { NO_CONTROL } from '../../../src/server/run/control';
import type { Trace } from '../../../src/server/run/trace';
import { functional, graphOf, inputLayer, type LayerJson } from '../graph/configs';
import { ask, chain, storeOf, traceOf, type Values, walksOf } from '../run/memoryModel';

interface Case {
  readonly kerasVersion: string;
  readonly topology: unknown;
  readonly units: number;
  readonly values: readonly number[];
  readonly logits: readonly number[];
  readonly binary: boolean;
  readonly maps: readonly (readonly number[])[];
}
interface Fixture {
  readonly input: Values;
  readonly weights: Readonly<Record<string, Readonly<Record<string, Values>>>>;
  readonly cases: Readonly<Record<string, Case>>;
}

/** Written by test/fixtures/make_score_places.py. */
const { input, weights, cases }: Fixture = JSON.parse(
  readFileSync(join(__dirname, '../../fixtures/score_places.json'), 'utf8'),
);

let runtime: Runtime;
beforeAll(async () => {
  runtime = await startBackend({ backend: 'cpu', nativePath: '', strict: true });
});

async function withTrace(
  { topology, kerasVersion, units }: Pick<Case, 'topology' | 'kerasVersion' | 'units'>,
  work: (trace: Trace) => Promise<void>,
): Promise<void> {
  const graph = graphOf(topology, kerasVersion);
  const store = storeOf(new Map(Object.entries(weights[units] ?? {})));
  const trace = await traceOf(runtime, { graph, store }, input);
  await work(trace);
  trace.dispose();
}

function expectClose(got: ArrayLike<number>, wanted: readonly number[], what: string): void {
  expect(got.length, what).toBe(wanted.length);
  const largest = Math.max(1e-3, ...wanted.map(Math.abs));
  for (const [i, value] of wanted.entries()) {
    expect(Math.abs((got[i] ?? Number.NaN) - value) / largest, `${what}, value ${i}`).toBeLessThan(1e-5);
  }
}

describe('layers after the last activation that only pass values through do not hide the logit', () => {
  test.each(Object.entries(cases))('%s', async (_, one) => {
    await withTrace(one, async (trace) => {
      const asked = { method: 'grad-cam', layer: 'auto', labels: [] } as const;
      const walks = walksOf(trace);
      const answers = one.binary
        ? [
            { index: 1, logit: one.logits[0], probability: one.values[0], map: one.maps[0] },
            {
              index: 0,
              logit: -(one.logits[0] ?? Number.NaN),
              probability: 1 - (one.values[0] ?? Number.NaN),
              map: one.maps[1],
            },
          ]
        : one.logits.map((logit, index) => ({
            index,
            logit,
            probability: one.values[index],
            map: one.maps[2 * index],
          }));
      for (const { index, logit = 0, probability = 0, map: wanted = [] } of answers) {
        const { header, map } = await explain(trace, walks, { ...asked, target: { index } }, NO_CONTROL);
        expect(header.layer).toBe('conv');
        expect(header.target.value).toBeCloseTo(logit, 5);
        expect(header.target.probability).toBeCloseTo(probability, 5);
        expectClose(map.values, wanted, `map of ${index}`);
      }
      const [first] = (await ask(trace)).header.predictions;
      const best = [...answers].sort((a, b) => (b.logit ?? 0) - (a.logit ?? 0))[0];
      expect(first?.index).toBe(best?.index);
    });
  });

  test('evidence against a unit is that against its logit', async () => {
    const one = cases.permute;
    if (!one) throw new Error('the fixture lacks a case');
    await withTrace(one, async (trace) => {
      const { header, map } = await ask(trace, { target: { index: 1, negative: true } });
      expect(header.target.value).toBeCloseTo(-(one.logits[1] ?? Number.NaN), 5);
      expectClose(map.values, one.maps[3] ?? [], 'map');
    });
  });

  test('reading the score leaks no tensor, and its seed is one tensor', async () => {
    const one = cases.permute;
    if (!one) throw new Error('the fixture lacks a case');
    await withTrace(one, async (trace) => {
      const { tf } = runtime;
      const before = tf.memory().numTensors;
      const scores = await readScores(trace, 0);
      expect(tf.memory().numTensors).toBe(before);
      const seed = createSeed(tf, trace, scores, chooseTarget(scores, { index: 1 }, []).score);
      expect(tf.memory().numTensors).toBe(before + 1);
      expect(seed).toMatchObject({ node: 'head', stage: 'pre' });
      seed.gradient.dispose();
    });
  });

  test('the probability, on request, is differentiated at the output', async () => {
    const one = cases.permute;
    if (!one) throw new Error('the fixture lacks a case');
    await withTrace(one, async (trace) => {
      const { header } = await ask(trace, { target: { index: 1, score: 'probability' } });
      expect(header.target.value).toBeCloseTo(one.values[1] ?? Number.NaN, 6);
    });
  });
});

describe('what changes values ends the search', () => {
  const layer = (
    class_name: string,
    name: string,
    from: string,
    config: Record<string, unknown> = {},
  ): LayerJson => ({
    class_name,
    name,
    config: { name, trainable: true, ...config },
    inbound_nodes: [[[from, 0, 0, {}]]],
  });
  const placeOf = (...tail: LayerJson[]) => {
    const layers = [
      inputLayer('x', [null, 4]),
      layer('Dense', 'head', 'x', { units: 3, activation: 'softmax' }),
      ...tail,
    ];
    return findScoreSource(graphOf(functional('m', layers, [['x', 0, 0]], [[tail.at(-1)?.name, 0, 0]])), 0)
      .ref.node;
  };

  test.each([
    ['a scale', layer('Rescaling', 'end', 'head', { scale: 2 })],
    ['another activation', layer('Activation', 'end', 'head', { activation: 'relu' })],
    ['a layer that is not known', layer('Lambda', 'end', 'head')],
    ['a mean', layer('GlobalAveragePooling1D', 'end', 'flat')],
    ['an interpolation', layer('UpSampling2D', 'end', 'head', { interpolation: 'bilinear' })],
  ])('%s', (_, end) => {
    const reshaped = layer('Reshape', 'flat', 'head', { target_shape: [3, 1] });
    const image = layer('Reshape', 'flat', 'head', { target_shape: [1, 3, 1] });
    const before = end.class_name === 'UpSampling2D' ? image : reshaped;
    expect(placeOf(before, { ...end, inbound_nodes: [[['flat', 0, 0, {}]]] })).toBe('end');
  });

  test('a cast to whole numbers', () => {
    const cast = (dtype: string) => ({
      class_name: 'TFOpLambda',
      name: 'end',
      config: { name: 'end', trainable: true, dtype: 'float32', function: 'cast' },
      inbound_nodes: [['head', 0, 0, { dtype }]],
    });
    expect(placeOf(cast('int32'))).toBe('end');
    expect(placeOf(cast('float16'))).toBe('head');
  });
});

test('an output without units has no score, and says so', async () => {
  const topology = functional(
    'm',
    [
      inputLayer('x', [null, 6, 6, 2]),
      {
        class_name: 'Cropping2D',
        name: 'none',
        config: { name: 'none', cropping: [0, 0] },
        inbound_nodes: [[['x', 0, 0, {}]]],
      },
      {
        class_name: 'SlicingOpLambda',
        name: 'empty',
        config: { name: 'empty', trainable: true, dtype: 'float32', function: '__operators__.getitem' },
        inbound_nodes: [
          [
            'none',
            0,
            0,
            {
              slice_spec: [
                { start: 0, stop: null, step: null },
                { start: 0, stop: 0, step: null },
              ],
            },
          ],
        ],
      },
    ],
    [['x', 0, 0]],
    [['empty', 0, 0]],
  );
  await withTrace({ topology, kerasVersion: '2.6.0', units: 1 }, async (trace) => {
    await expect(ask(trace, { method: 'saliency' })).rejects.toMatchObject({
      error: { kind: 'no-such-target', message: expect.stringMatching(/has no units/) },
    });
  });
});

test('an activation that halves its axis is explained by its output, which has no logit per value', async () => {
  const glu = chain([4], [{ className: 'Activation', config: { name: 'gate', activation: 'glu' } }]);
  const trace = await traceOf(runtime, glu, { shape: [4], values: [3, 1, 0, 2] });
  const { map, header } = await ask(trace, { method: 'saliency', target: { index: 0 } });
  expect(header.predictions[0]?.logit).toBeCloseTo(1.5);
  // d (x0 * sigmoid(x2)) / dx.
  expectClose(map.values, [0.5, 0, 0.75, 0], 'gradient');
  trace.dispose();
});
