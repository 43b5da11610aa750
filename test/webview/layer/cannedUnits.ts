import type { OpenedUnit } from '../../../src/shared/results/unit';

const source = (unit: number) => ({ layer: 'dense', unit, position: [], index: [unit] });

/** A unit of a Dense layer, for pages whose test is about something else. */
export const cannedUnit: OpenedUnit = {
  layer: 'dog',
  className: 'Dense',
  output: 0,
  unit: 0,
  units: 1,
  position: [],
  sizes: [],
  index: [0],
  form: 'sum',
  pre: 16.3,
  bias: 0.213,
  terms: [
    { input: 18.2, weight: 0.5, product: 9.1, from: source(12) },
    { input: 9.1, weight: 0.82, product: 7.462, from: source(411) },
    { input: 5.426, weight: -0.31, product: -1.68206, from: source(76) },
  ],
  others: 509,
  sumOfRest: 1.207,
  sum: 16.29994,
  agrees: true,
  activation: 'sigmoid',
  post: 0.99999992,
  window: null,
  factors: [],
  gates: [],
  attention: [],
  notices: [],
};
