import type { CompareContext } from '../../../src/shared/compare/compareView';
import type { Comparison, LayerComparison } from '../../../src/shared/compare/comparison';
import { ok } from '../../../src/shared/errors';
import type { Explanation } from '../../../src/shared/explanation';
import { binaryExplanation, floats } from '../canned';
import type { FakeHost } from '../pageHarness';

/** Results for a fake host of the page of two models. */

export const context: CompareContext = {
  choice: {
    modelPath: '/models/cats.h5',
    otherPath: '/models/web/model.json',
    inputs: [{ kind: 'file', path: '/models/cat.png' }],
    preprocessing: { name: 'none' },
  },
  names: { a: 'cats.h5', b: 'web/model.json' },
  inputNames: ['cat.png'],
};

export function layer(path: string, more: Partial<LayerComparison> = {}): LayerComparison {
  return {
    path,
    otherPath: null,
    ...{ className: 'Conv2D', status: 'same', matchedBy: 'name', config: [] },
    ...{ shapes: [[null, 14, 14, 32]], params: 896, weightChange: 0 },
    weights: [
      { name: 'kernel', shapes: { a: [3, 3, 3, 32], b: [3, 3, 3, 32] }, change: 0 },
      { name: 'bias', shapes: { a: [32], b: [32] }, change: 0 },
    ],
    ...{ valueChange: 0, valuesPart: false },
    ...more,
  };
}
const NO_WEIGHTS = { params: 0, weightChange: null, weights: [] } as const;

export const DIFFERENT: Comparison = {
  isEqual: false,
  layers: [
    layer('image', { className: 'InputLayer', ...NO_WEIGHTS }),
    layer('scale', {
      className: 'Rescaling',
      status: 'changed',
      ...NO_WEIGHTS,
      config: [{ key: 'scale', a: '0.00392156862745098', b: '0.00784313725490196' }],
      ...{ valueChange: 0.667, valuesPart: true },
    }),
    layer('block1_conv', { valueChange: 0.706, valuesPart: true }),
    layer('block2_conv', {
      status: 'changed',
      weightChange: 0.0332,
      weights: [
        { name: 'kernel', shapes: { a: [3, 3, 32, 32], b: [3, 3, 32, 32] }, change: 0.034 },
        { name: 'bias', shapes: { a: [32], b: [32] }, change: 0 },
      ],
      ...{ valueChange: 0.51, valuesPart: true },
    }),
    layer('dropout', {
      className: 'Dropout',
      status: 'removed',
      matchedBy: null,
      ...NO_WEIGHTS,
      ...{ valueChange: null, valuesPart: null },
    }),
    layer('hidden', {
      className: 'Dense',
      status: 'changed',
      config: [
        { key: 'units', a: '64', b: '128' },
        { key: 'output_shape', a: '[null,64]', b: '[null,128]' },
      ],
      weights: [{ name: 'kernel', shapes: { a: [6272, 64], b: [6272, 128] }, change: null }],
      ...{ weightChange: null, valueChange: null, valuesPart: true },
    }),
    layer('extra', {
      className: 'Dense',
      status: 'added',
      matchedBy: null,
      ...{ valueChange: null, valuesPart: null },
    }),
    layer('classes', {
      className: 'Dense',
      otherPath: 'predictions',
      matchedBy: 'structure',
      valueChange: 0.02,
      valuesPart: true,
    }),
  ],
  firstDifference: { path: 'scale', by: 'values' },
  predictions: [
    {
      name: 'classes',
      a: [
        { index: 0, label: 'cat', logit: 2.1, probability: 0.892 },
        { index: 1, label: 'dog', logit: 0, probability: 0.108 },
      ],
      b: [
        { index: 1, label: 'dog', logit: 0.4, probability: 0.6 },
        { index: 0, label: 'cat', logit: 0, probability: 0.4 },
      ],
      change: 0.55,
    },
  ],
  tolerance: 1e-5,
  backend: 'onnx',
  parameters: { a: 122953, b: 524361 },
  notices: [],
};

export const EQUAL: Comparison = {
  ...DIFFERENT,
  isEqual: true,
  layers: [layer('image', { className: 'InputLayer', ...NO_WEIGHTS }), layer('block1_conv')],
  firstDifference: null,
  predictions: DIFFERENT.predictions?.map((one) => ({ ...one, b: one.a, change: 0 })) ?? null,
  parameters: { a: 122953, b: 122953 },
};

/** A map that rises to the right, or to the left. */
export const ramp = (isTurned: boolean): Explanation => ({
  ...binaryExplanation(0),
  rawMap: floats([64, 64], (i) => (isTurned ? 63 - (i % 64) : i % 64)),
  displayMap: floats([64, 64], (i) => (isTurned ? 63 - (i % 64) : i % 64) / 63),
  map: { shape: [64, 64], min: 0, max: 63, top: 63 },
});

export const compareHost = (overrides: FakeHost<'compare'> = {}): FakeHost<'compare'> => ({
  ready: () => ok(context),
  compare: () => ok(DIFFERENT),
  maps: () => ok({ a: ramp(false), b: ramp(true) }),
  openLayer: () => undefined,
  swap: () => undefined,
  pickInput: () => undefined,
  retry: () => undefined,
  cancel: () => undefined,
  ...overrides,
});

/** A file beside what code builds. */
export const ofCode: CompareContext = {
  choice: {
    ...context.choice,
    otherPath: '/models/train.py',
    code: { uri: 'file:///models/train.py', position: { line: 8, character: 0 } },
  },
  names: { a: 'cats.h5', b: 'train.py' },
  inputNames: [],
};
const OF_CODE = { weightChange: null, weights: [], valueChange: null, valuesPart: null } as const;
export const WITH_CODE: Comparison = {
  isEqual: false,
  layers: [
    layer('conv', OF_CODE),
    layer('pool', { ...OF_CODE, className: 'MaxPooling2D', params: 0, status: 'removed', matchedBy: null }),
    layer('dense', {
      ...OF_CODE,
      className: 'Dense',
      status: 'changed',
      config: [{ key: 'units', a: '4', b: '5' }],
    }),
  ],
  firstDifference: { path: 'pool', by: 'layer' },
  ...{ predictions: null, tolerance: 1e-5, backend: null },
  parameters: { a: 896, b: null },
  notices: ['Weights and values are not compared. What the code does not say counts as equal.'],
};

export const codeHost = (): FakeHost<'compare'> =>
  compareHost({ ready: () => ok(ofCode), compare: () => ok(WITH_CODE) });
