// A table of golden values and the invariants that follow from them; hence longer than 400 lines.

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExplainRequest } from '../../../src/server/explain/explain';
import { explain } from '../../../src/server/explain/explain';
import { NO_CONTROL } from '../../../src/server/run/control';
import type { OpenModel } from '../../../src/server/session/openModels';
import type { Run } from '../../../src/server/session/runs';
import { Session } from '../../../src/server/session/session';
import { displayMap } from '../../../src/shared/maps/displayMap';
import { resizeNearest } from '../../../src/shared/maps/resize';
import { METHOD_IDS, METHODS, type MethodId, type OptionValues } from '../../../src/shared/methods';
import type { BackendName } from '../../../src/shared/model';
import { ask, chain, failureOf, traceOf } from '../../unit/run/memoryModel';
import { onBackend } from '../backends';

const GOLDEN = join(__dirname, '../../fixtures/golden');

/** docs/numerics.md, "The toy everyone agrees on": maps computed by hand for a model saved by Keras. */
const RELU1 = [0, 4, 28, 32.5];
const CONV1 = [11.25, 13.5, 20.25, 22.5];
const GRADIENT = [0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 0];
const GUIDED = [0, 1, 1, 1, 1, 3, 3, 2, 1, 3, 3, 2, 1, 2, 2, 1];
/** The maps as `tf.image.resize` of TensorFlow 2.21 resizes them to 4 x 4, bilinear; every number is exact in float32. */
const RELU1_BILINEAR = [
  [0, 1, 3, 4],
  [7, 8.03125, 10.09375, 11.125],
  [21, 22.09375, 24.28125, 25.375],
  [28, 29.125, 31.375, 32.5],
].flat();
const CONV1_BILINEAR = [
  [11.25, 11.8125, 12.9375, 13.5],
  [13.5, 14.0625, 15.1875, 15.75],
  [18, 18.5625, 19.6875, 20.25],
  [20.25, 20.8125, 21.9375, 22.5],
].flat();
const GUIDED_GRAD_CAM_NEAREST = [0, 0, 4, 4, 0, 0, 12, 8, 28, 84, 97.5, 65, 28, 56, 65, 32.5];

const timesGuided = (cam: readonly number[]): number[] =>
  GUIDED.map((value, i) => value * (cam[i] ?? Number.NaN));

interface GoldenMap {
  /** For a method that explains at a layer. */
  readonly layer?: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
  readonly options?: OptionValues;
  /** Of sampled methods, whose exact expectation `values` are. */
  readonly tolerance?: number;
}

/** The score less that without each pixel, by hand. */
const ONE_BY_ONE = [0, 1, 2, 3, 0, 4, 4, 4, 2, 7, 8, 4, 6, 7, 8, 0];
/** A value for each quarter of the 4 x 4 pixels. */
const quarters = (a: number, b: number, c: number, d: number): number[] => [
  ...[a, a, b, b, a, a, b, b],
  ...[c, c, d, d, c, c, d, d],
];
const QUARTERS: OptionValues = { groups: 'grid', segments: 4 };

/** No value of `conv1` is within 1 of zero, so that this noise changes no gradient. */
const LITTLE_NOISE: OptionValues = { noise: 1e-4 };
/** Of the exact integral. */
const INTEGRATED = [
  [0, 0.074074, 0.148148, 0.222222],
  [1.234568, 3.302469, 3.962963, 2.462963],
  [2.469136, 5.944444, 6.604938, 3.87037],
  [3.703704, 7.623457, 8.209877, 4.166667],
].flat();
const DECONVNET = [2, 3, 3, 1, 3, 5, 5, 2, 3, 5, 5, 2, 1, 2, 2, 1];

/** One row per method: the raw map of unit 0 of the toy; null for a method that refuses it. */
const GOLDEN_MAPS: Readonly<Record<MethodId, GoldenMap | null>> = {
  // Flatten in place of global average pooling.
  cam: null,
  'grad-cam': { layer: 'relu1', shape: [2, 2], values: RELU1 },
  'grad-cam++': { layer: 'relu1', shape: [2, 2], values: [0, 0.207792, 1.871259, 2.730096] },
  'hires-cam': { layer: 'relu1', shape: [2, 2], values: [0, 4, 25, 25] },
  'layer-cam': { layer: 'relu1', shape: [2, 2], values: [0, 4, 31, 40] },
  'xgrad-cam': { layer: 'relu1', shape: [2, 2], values: [0, 4, 25, 25] },
  'eigen-cam': { layer: 'relu1', shape: [2, 2], values: [0, 0, 11.839155, 23.257649] },
  'eigen-grad-cam': { layer: 'relu1', shape: [2, 2], values: [0, 0, 11.839155, 23.257649] },
  'score-cam': { layer: 'relu1', shape: [2, 2], values: [0, 80.8, 662.8, 899.5] },
  'ablation-cam': { layer: 'relu1', shape: [2, 2], values: [0, 5.555556, 40.722222, 49.722222] },
  saliency: { shape: [4, 4], values: GRADIENT },
  'gradient-x-input': { shape: [4, 4], values: GRADIENT.map((value, i) => value * i) },
  'smooth-grad': { shape: [4, 4], values: GRADIENT, options: LITTLE_NOISE },
  'smooth-grad-squared': { shape: [4, 4], values: GRADIENT, options: LITTLE_NOISE },
  'var-grad': { shape: [4, 4], values: GRADIENT.map(() => 0), options: LITTLE_NOISE },
  'integrated-gradients': {
    shape: [4, 4],
    values: INTEGRATED,
    options: { steps: 1600 },
    tolerance: 1e-3,
  },
  'expected-gradients': {
    shape: [4, 4],
    values: INTEGRATED,
    options: { samples: 1000, noise: 0 },
    tolerance: 2e-3,
  },
  // One layer of rectifiers crosses zero once on the path: the share of the path is the ratio of changes.
  'deep-lift': { shape: [4, 4], values: INTEGRATED },
  'guided-backprop': { shape: [4, 4], values: GUIDED },
  deconvnet: { shape: [4, 4], values: DECONVNET },
  'guided-grad-cam': {
    layer: 'relu1',
    shape: [4, 4],
    values: timesGuided(RELU1_BILINEAR),
  },
  occlusion: { shape: [4, 4], values: ONE_BY_ONE },
  'feature-ablation': { shape: [4, 4], values: ONE_BY_ONE },
  // Over all grids of 2 x 2 cells and all shifts.
  rise: {
    shape: [4, 4],
    values: [
      [6.805556, 7.006944, 6.173611, 5.340278],
      [8.209491, 8.483796, 7.54591, 6.608025],
      [9.390046, 9.717207, 8.671296, 7.625386],
      [10.570602, 10.950617, 9.796682, 8.642747],
    ].flat(),
    options: { grid: 2 },
    tolerance: 0.2,
  },
  // Over all 16 coalitions, by numpy.
  lime: {
    shape: [4, 4],
    values: quarters(6.919702, 7.380433, 27.699094, 36.704582),
    options: { ...QUARTERS, samples: 4000, alpha: 1e-6 },
    tolerance: 0.05,
  },
  'kernel-shap': {
    shape: [4, 4],
    values: quarters(4.25, 53 / 12, 233 / 12, 311 / 12),
    options: QUARTERS,
  },
  // It has no attention layer.
  attention: null,
  'attention-rollout': null,
};

/** Random values, the same in every run; about a third are negative. */
function numbers(count: number, seed: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return (state / 2 ** 31) * 1.5 - 0.5;
  });
}

function expectClose(got: ArrayLike<number>, wanted: readonly number[], tolerance = 1e-5): void {
  expect(got.length).toBe(wanted.length);
  const largest = Math.max(1, ...wanted.map(Math.abs));
  for (const [i, value] of wanted.entries()) {
    expect(Math.abs((got[i] ?? Number.NaN) - value) / largest, `value ${i}`).toBeLessThanOrEqual(tolerance);
  }
}

/** Checks the golden values and the invariants of docs/numerics.md on one backend. */
export const testGolden = (backend: BackendName): Promise<void> =>
  onBackend(backend, 'golden values', (runtime) => {
    describe('the toy everyone agrees on', () => {
      const session = new Session({ backend, nativePath: '', strict: true });
      let model: OpenModel;
      beforeAll(async () => {
        model = await session.open(join(GOLDEN, 'toy.keras'));
      });
      afterAll(() => session.close(model.id));

      const onX = <T>(work: (run: Run) => Promise<T>): Promise<T> =>
        session.run(
          model.id,
          [{ kind: 'file', path: join(GOLDEN, 'x.npy') }],
          { name: 'none' },
          NO_CONTROL,
          work,
        );
      const mapOf = (question: Partial<ExplainRequest>) =>
        onX(async ({ trace, walks }) => {
          const asked = {
            method: 'grad-cam',
            layer: 'auto',
            target: { index: 0 },
            labels: [],
          } as const;
          return explain(trace, walks, { ...asked, ...question }, NO_CONTROL);
        });

      test.each(METHOD_IDS)('%s', async (method) => {
        const golden = GOLDEN_MAPS[method];
        if (golden === null) {
          const error = await failureOf(mapOf({ method }));
          expect(error).toMatchObject({ kind: 'not-applicable', remedy: expect.any(String) });
          return;
        }
        const { layer, shape, values, options = {}, tolerance } = golden;
        const { map, header } = await mapOf({ method, options });
        expect(map.shape).toEqual(shape);
        expectClose(map.values, values, tolerance);
        expect(header.layer).toBe(METHODS[method].scope === 'layer' ? layer : 'x');
        if (METHODS[method].sign === 'positive') expect(header.map.min).toBeGreaterThanOrEqual(0);
      });

      test('every output unit is 54', async () => {
        const { header } = await mapOf({});
        expect(header.predictions.map((p) => p.logit)).toEqual([54, 54, 54, 54]);
        expect(header.target).toMatchObject({ index: 0, value: 54, negative: false });
      });

      test.each([
        ['conv1', CONV1],
        ['relu1', RELU1],
      ])('Grad-CAM at %s', async (layer, wanted) => {
        const { map, header } = await mapOf({ layer });
        expect(map.shape).toEqual([2, 2]);
        expectClose(map.values, wanted);
        expect(header.map.max).toBeCloseTo(Math.max(...wanted), 4);
      });

      test('the default layer is the last one with spatial axes, relu1', async () => {
        expect((await mapOf({})).header.layer).toBe('relu1');
      });

      test('saliency', async () => {
        const { map, header } = await mapOf({ method: 'saliency' });
        expect(map.shape).toEqual([4, 4]);
        expectClose(map.values, GRADIENT);
        expect(header.layer).toBe('x');
      });

      test('guided backpropagation and guided Grad-CAM', async () => {
        const guided = (await mapOf({ method: 'guided-grad-cam', layer: 'conv1' })).map.values;
        expectClose(guided, timesGuided(CONV1_BILINEAR));
        expectClose(
          (await mapOf({ method: 'guided-grad-cam', layer: 'relu1' })).map.values,
          timesGuided(RELU1_BILINEAR),
        );
        // The published numbers use nearest-neighbour resizing, ours bilinear; the factors agree with both.
        const nearest = resizeNearest(Float32Array.from(RELU1), [2, 2, 1], 4, 4);
        expect(timesGuided([...nearest])).toEqual(GUIDED_GRAD_CAM_NEAREST);
      });

      test('evidence against a unit has the opposite gradient', async () => {
        const { map, header } = await mapOf({ target: { index: 0, negative: true }, layer: 'relu1' });
        expect(header.target.value).toBe(-54);
        expectClose(map.values, [0, 0, 0, 0]);
        expect(header.notices).toEqual(['No positive evidence for this target at this layer.']);
      });
    });

    test('display maps have half-pixel centres and range from 0 to 1', () => {
      const display = displayMap({ shape: [2, 2], values: Float32Array.from([0, 1, 2, 3]) }, [4, 4]);
      expectClose(
        [...display.values].slice(0, 4).map((value) => value * 3),
        [0, 0.25, 0.75, 1],
      );
      expect(Math.max(...display.values)).toBe(1);
    });

    describe('a model with global average pooling and one Dense layer', () => {
      const [height, width, channels, classes] = [3, 5, 4, 3];
      const input = { shape: [height + 2, width + 2, 2], values: numbers((height + 2) * (width + 2) * 2, 5) };
      const kernel = { shape: [channels, classes], values: numbers(channels * classes, 6) };
      const net = (activation: string) =>
        chain(input.shape, [
          {
            className: 'Conv2D',
            config: { name: 'conv', filters: channels, kernel_size: 3, activation: 'relu', padding: 'valid' },
            weights: [
              { shape: [3, 3, 2, channels], values: numbers(18 * channels, 7) },
              { shape: [channels], values: numbers(channels, 8) },
            ],
          },
          { className: 'GlobalAveragePooling2D', config: { name: 'pool' } },
          {
            className: 'Dense',
            config: { name: 'out', units: classes, activation },
            weights: [kernel, { shape: [classes], values: numbers(classes, 9) }],
          },
        ]);

      test.each([0, 1, 2])('Grad-CAM is the class activation map / (H * W) for class %i', async (index) => {
        const trace = await traceOf(runtime, net('softmax'), input);
        const features = trace.at('conv').outputs[0]?.dataSync() ?? [];
        const cam = Array.from({ length: height * width }, (_, at) => {
          let sum = 0;
          for (let c = 0; c < channels; c++) {
            sum += (features[at * channels + c] ?? 0) * (kernel.values[c * classes + index] ?? 0);
          }
          return Math.max(0, sum) / (height * width);
        });
        const { map } = await ask(trace, { layer: 'conv', target: { index } });
        expectClose(map.values, cam);
        trace.dispose();
      });

      test('the gradient of a softmax probability is that of the logit times the slope of the softmax', async () => {
        const trace = await traceOf(runtime, net('softmax'), input);
        const { header, map } = await ask(trace, {
          layer: 'conv',
          target: { index: 1, score: 'probability' },
        });
        expect(header.target.value).toBeCloseTo(header.target.probability ?? Number.NaN, 6);
        expect(map.values.every(Number.isFinite)).toBe(true);
        trace.dispose();
      });
    });

    describe('a single sigmoid unit', () => {
      const input = { shape: [6, 6, 1], values: numbers(36, 11) };
      const net = (bias: number) =>
        chain(input.shape, [
          {
            className: 'Conv2D',
            config: { name: 'conv', filters: 3, kernel_size: 3, activation: 'relu' },
            weights: [
              { shape: [3, 3, 1, 3], values: numbers(27, 12) },
              { shape: [3], values: numbers(3, 13) },
            ],
          },
          { className: 'Flatten', config: { name: 'flat' } },
          {
            className: 'Dense',
            config: { name: 'out', units: 1, activation: 'sigmoid' },
            weights: [
              { shape: [48, 1], values: numbers(48, 14) },
              { shape: [1], values: [bias] },
            ],
          },
        ]);

      test('counts as two classes: class 0 has the gradient of -z, and the predicted class is explained', async () => {
        for (const [bias, predicted] of [
          [-40, 0],
          [40, 1],
        ] as const) {
          const trace = await traceOf(runtime, net(bias), input);
          const auto = await ask(trace, { layer: 'conv' });
          expect(auto.header.target).toMatchObject({ index: predicted, negative: predicted === 0 });
          expect(auto.header.target.probability).toBeGreaterThan(0.5);
          expect(auto.header.predictions.map((p) => p.index)).toEqual([predicted, 1 - predicted]);
          const [zero, one] = [
            await ask(trace, { layer: 'conv', target: { index: 0 } }),
            await ask(trace, { layer: 'conv', target: { index: 1 } }),
          ];
          expect(zero.header.target.value).toBe(-one.header.target.value);
          expect([...auto.map.values]).toEqual([...(predicted === 0 ? zero : one).map.values]);

          // ReLU(sum) for one class and ReLU(-sum) for the other: where one is positive, the other is zero.
          const { tf } = runtime;
          const features = trace.at('conv').outputs[0];
          if (!features) throw new Error('no features');
          const sums = tf.tidy(() => {
            const weight = tf.tensor(numbers(48, 14), [1, 4, 4, 3]);
            return tf.sum(tf.mul(features, tf.mean(weight, [1, 2], true)), 3).dataSync();
          });
          expectClose(
            one.map.values,
            [...sums].map((value) => Math.max(0, value)),
          );
          expectClose(
            zero.map.values,
            [...sums].map((value) => Math.max(0, -value)),
          );
          trace.dispose();
        }
      });

      test('has the same saliency for both classes', async () => {
        const trace = await traceOf(runtime, net(0), input);
        const [zero, one] = [
          await ask(trace, { method: 'saliency', target: { index: 0 } }),
          await ask(trace, { method: 'saliency', target: { index: 1 } }),
        ];
        expectClose(zero.map.values, [...one.map.values]);
        expect(Math.max(...one.map.values)).toBeGreaterThan(0);
        trace.dispose();
      });

      test('keeps the digits of a probability close to 1', async () => {
        const trace = await traceOf(runtime, net(17), input);
        const { header } = await ask(trace, { layer: 'conv' });
        expect(header.target.probability).toBeLessThan(1);
        expect(header.sentence).toMatch(/p = 1 - \d\.\de-\d+, at conv, 4 x 4$/);
        trace.dispose();
      });
    });

    test('the logit after GlobalMaxPooling and Dense is the weighted sum of the maxima plus the bias', async () => {
      const input = { shape: [7, 3], values: numbers(21, 21) };
      const kernel = numbers(3, 22);
      const net = chain(input.shape, [
        { className: 'GlobalMaxPooling1D', config: { name: 'pool' } },
        {
          className: 'Dense',
          config: { name: 'out', units: 1 },
          weights: [
            { shape: [3, 1], values: kernel },
            { shape: [1], values: [0.25] },
          ],
        },
      ]);
      const trace = await traceOf(runtime, net, input);
      const maxima = [0, 1, 2].map((c) => Math.max(...input.values.filter((_, i) => i % 3 === c)));
      const logit = maxima.reduce((sum, max, c) => sum + max * (kernel[c] ?? 0), 0.25);
      const { header, map } = await ask(trace, { method: 'saliency' });
      expect(header.target.value).toBeCloseTo(logit, 5);
      // In each channel one position has the whole gradient, the others none.
      expect(map.values.filter((value) => value > 0).length).toBeLessThanOrEqual(3);
      trace.dispose();
    });

    test('equal maxima share the gradient of a global maximum', async () => {
      const net = chain(
        [4, 1],
        [
          { className: 'GlobalMaxPooling1D', config: { name: 'pool' } },
          {
            className: 'Dense',
            config: { name: 'out', units: 1 },
            weights: [
              { shape: [1, 1], values: [6] },
              { shape: [1], values: [0] },
            ],
          },
        ],
      );
      const trace = await traceOf(runtime, net, { shape: [4, 1], values: [2, 1, 2, 2] });
      expectClose((await ask(trace, { method: 'saliency' })).map.values, [2, 0, 2, 2]);
      trace.dispose();
    });

    test('rectifiers have gradient 0 at their kinks, as in TensorFlow', async () => {
      for (const [config, wanted] of [
        [{ className: 'ReLU', config: { name: 'act' } }, [0, 0, 1, 1]],
        [{ className: 'ReLU', config: { name: 'act', max_value: 6 } }, [0, 0, 1, 0]],
      ] as const) {
        const net = chain(
          [4, 1],
          [
            config,
            { className: 'Flatten', config: { name: 'flat' } },
            {
              className: 'Dense',
              config: { name: 'out', units: 1 },
              weights: [
                { shape: [4, 1], values: [1, 1, 1, 1] },
                { shape: [1], values: [0] },
              ],
            },
          ],
        );
        const trace = await traceOf(runtime, net, { shape: [4, 1], values: [-1, 0, 3, 6] });
        expectClose((await ask(trace, { method: 'saliency' })).map.values, [...wanted]);
        trace.dispose();
      }
    });

    test('without positive evidence the map is zero with a notice, never NaN', async () => {
      const dead = chain(
        [4, 4, 1],
        [
          {
            className: 'Conv2D',
            config: { name: 'conv', filters: 1, kernel_size: 3, activation: 'relu' },
            weights: [
              { shape: [3, 3, 1, 1], values: new Array(9).fill(0) },
              { shape: [1], values: [-1] },
            ],
          },
          { className: 'GlobalAveragePooling2D', config: { name: 'pool' } },
          {
            className: 'Dense',
            config: { name: 'out', units: 2, activation: 'softmax' },
            weights: [
              { shape: [1, 2], values: [-1, -1] },
              { shape: [2], values: [0, 0] },
            ],
          },
        ],
      );
      const trace = await traceOf(runtime, dead, { shape: [4, 4, 1], values: numbers(16, 3) });
      for (const method of METHOD_IDS.filter((id) => METHODS[id].group !== 'Attention')) {
        const { header, map } = await ask(trace, { method });
        expect([...map.values].every((value) => value === 0)).toBe(true);
        expect(header.notices).toHaveLength(1);
        expect(header.map).toMatchObject({ min: 0, max: 0 });
        expect([...displayMap(map, [4, 4]).values].every((value) => value === 0)).toBe(true);
      }
      trace.dispose();
    });
  });
