import { expect, test } from 'vitest';
import type { LayerTrace } from '../../../src/shared/results/tracing';
import { shownOutputs, sumLines } from '../../../src/webview/layer/contributionSum';
import { traceCsv, traceJson } from '../../../src/webview/layer/traceFiles';

const sequence: LayerTrace = {
  layer: 'pool',
  read: 'conv',
  pooling: 'max',
  input: 'letters',
  inputSize: [9],
  field: { kind: 'window', axes: [{ size: 2, stride: 1, padding: 0 }], gate: null },
  units: [
    {
      unit: 2,
      value: 1.5,
      positions: [[1], [6]],
      windows: [[[1, 3]], [[6, 8]]],
      letters: ['C,', '"G'],
      omitted: 0,
      contribution: [3],
    },
    {
      unit: 0,
      value: Number.NaN,
      positions: [[0]],
      windows: [[[0, 2]]],
      letters: ['AA'],
      omitted: 4,
      contribution: [-1],
    },
  ],
  logit: [2.5],
  bias: [0.5],
  notices: [],
};

test('CSV has a row per maximum, quotes what needs it, and names what is not a number', () => {
  expect(traceCsv(sequence).split('\r\n')).toEqual([
    'unit,value,position,window_start,window_end,letters,contribution,maxima_not_listed',
    '2,1.5,1,1,3,"C,",3,0',
    '2,1.5,6,6,8,"""G",3,0',
    '0,NaN,0,0,2,AA,-1,4',
    '',
  ]);
});

test('columns of several axes and outputs are numbered, and cells without a value are empty', () => {
  const image: LayerTrace = {
    ...sequence,
    inputSize: [9, 7],
    logit: [1, 2],
    bias: [0, 0],
    units: [
      {
        unit: 1,
        value: 4,
        positions: [[3, 2]],
        windows: [
          [
            [3, 6],
            [2, 5],
          ],
        ],
        omitted: 0,
        contribution: null,
      },
    ],
  };
  expect(traceCsv(image).split('\r\n').slice(0, 2)).toEqual([
    'unit,value,position_0,position_1,window_start_0,window_end_0,window_start_1,window_end_1,contribution_0,contribution_1,maxima_not_listed',
    '1,4,3,2,3,6,2,5,,,0',
  ]);
});

test('JSON is the document of the command line', () => {
  const document: unknown = JSON.parse(traceJson(sequence));
  expect(document).toMatchObject({ layer: 'pool', logit: 2.5, bias: 0.5 });
  expect(document).toHaveProperty('units.1.value', 'NaN');
  expect(document).not.toHaveProperty('check');
});

test('the sum of contributions and bias is the logit, with what other units add', () => {
  const units = sequence.units.map((unit) => ({ ...unit, value: 1 }));
  expect(sumLines({ ...sequence, units })).toEqual(['Sum of the contributions 2 + bias 0.5 = logit 2.5']);
  expect(sumLines({ ...sequence, units, logit: [3.5] })).toEqual([
    'Sum of the contributions 2 + other units 1 + bias 0.5 = logit 3.5',
  ]);
  expect(sumLines({ ...sequence, logit: null })[0]).toMatch(/no contributions/);
});

test('of many outputs, those with the largest logits are shown', () => {
  const many = { ...sequence, logit: [1, 5, 3, 4, 2, 0], bias: [0, 0, 0, 0, 0, 0] };
  expect(shownOutputs(many)).toEqual([1, 3, 2, 4]);
  expect(sumLines(many).at(-1)).toMatch(/^2 outputs/);
});
