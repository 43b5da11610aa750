import type {
  Arithmetic,
  CheckedMistake,
  DrawnField,
  DrawnTrace,
  LayerTrace,
  UnitTrace,
} from '../../src/shared/results/tracing';
import { bytes, floats } from './canned';

/** Traces for a fake host: a sequence like that of scenario 1, and an image. */

const unit = (number: number, value: number, contribution: number, at: readonly number[]): UnitTrace => ({
  unit: number,
  value,
  positions: at.map((position) => [position]),
  windows: at.map((position) => [[position, position + 2]]),
  letters: at.map((position) => (position % 2 === 0 ? 'TA' : 'CG')),
  omitted: 0,
  contribution: [contribution],
});

export const sequenceTrace: LayerTrace = {
  layer: 'global_max_pooling1d',
  read: 'conv1d',
  pooling: 'max',
  input: 'sequence',
  inputSize: [1803],
  field: { kind: 'window', axes: [{ size: 2, stride: 1, padding: 0 }], gate: null },
  units: [
    unit(11, 3.967321, 11.25, [217, 905, 1467, 1601]),
    { ...unit(3, 0.5, 0.5, [40]), omitted: 7 },
    unit(0, 2, -4, [900]),
  ],
  logit: [5.25],
  bias: [-2.5],
  notices: [],
};

export const arithmetic: Arithmetic = {
  convolution: 'conv1d',
  filter: 11,
  position: [217],
  window: [[217, 219]],
  reads: 'sequence',
  products: [
    { offset: [0], channel: 1, value: 1, weight: 2.345678, product: 2.345678 },
    { offset: [1], channel: 2, value: 1, weight: 1.603043, product: 1.603043 },
  ],
  others: 0,
  rest: 0,
  bias: 0.0186,
  sum: 3.967321,
  before: 3.967321,
  activation: 'relu',
  after: 3.967321,
  steps: [
    { layer: 'conv1d', className: 'Conv1D', value: 3.967321 },
    { layer: 'global_max_pooling1d', className: 'GlobalMaxPooling1D', value: 3.967321 },
  ],
};

export const mistakes: readonly CheckedMistake[] = [
  { mistake: 'The bias is counted 8 times instead of once.', value: 4.097521, error: 0 },
  { mistake: 'No mistake: this is the value of the unit.', value: 3.967321, error: 0.1302 },
];

export const imageTrace: DrawnTrace = {
  trace: {
    layer: 'vgg16/block5_conv3',
    read: 'vgg16/block5_conv3',
    pooling: null,
    input: 'image',
    inputSize: [64, 64],
    field: { kind: 'whole', layer: 'vgg16/block5_conv3' },
    units: [
      {
        unit: 17,
        value: 2.71,
        positions: [[3, 0]],
        windows: [
          [
            [16, 64],
            [0, 24],
          ],
        ],
        omitted: 0,
        contribution: null,
      },
    ],
    logit: null,
    bias: null,
    notices: [],
  },
  check: null,
  arithmetic: null,
  effective: null,
  inputImage: bytes([64, 64, 3], (i) => i % 200),
};

/** Strongest at row 40, column 10 of the window. */
export const imageField: DrawnField = {
  input: 'image',
  position: [3, 0],
  shape: [64, 64],
  extent: [
    [38, 43],
    [8, 13],
  ],
  values: floats([64, 64], (i) =>
    Math.max(0, 3 - Math.abs(Math.floor(i / 64) - 40) - Math.abs((i % 64) - 10)),
  ),
};
