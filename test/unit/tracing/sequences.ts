import { type ChainLayer, chain, type MemoryModel, type Values } from '../run/memoryModel';

/** Numbers from -1 to 1 that are the same in every run (Park and Miller's generator). */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return (state / 2147483647) * 2 - 1;
  };
}

export const LENGTH = 1803;
export const LETTERS = 4;
export const FILTERS = 20;

/** A sequence of letters, one-hot: [length, 4]. */
export function oneHot(seed: number, length = LENGTH): Values {
  const next = numbers(seed);
  const values = new Array<number>(length * LETTERS).fill(0);
  for (let at = 0; at < length; at++) values[at * LETTERS + Math.floor(((next() + 1) / 2) * LETTERS)] = 1;
  return { shape: [length, LETTERS], values };
}

/** Values rounded to float32, as the model has them. */
export const weights = (next: () => number, scale: number, ...shape: number[]): Values => ({
  shape,
  values: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => Math.fround(next() * scale)),
});

export const conv1d = (
  name: string,
  next: () => number,
  [window, channels, filters]: readonly [number, number, number],
  more: Record<string, unknown> = {},
): ChainLayer => ({
  className: 'Conv1D',
  config: { name, filters, kernel_size: window, activation: 'relu', ...more },
  weights: [
    weights(() => next() + 0.7, 0.6, window, channels, filters),
    // About 0.0186, as in the question, and never 0.
    {
      shape: [filters],
      values: Array.from({ length: filters }, () =>
        Math.fround(0.0186 * (next() < 0 ? -1 : 1) + 0.001 * next()),
      ),
    },
  ],
});

const ends = (next: () => number): ChainLayer[] => [
  { className: 'GlobalMaxPooling1D', config: { name: 'pooled' } },
  {
    className: 'Dense',
    config: { name: 'dense', units: 1, activation: 'sigmoid' },
    weights: [weights(next, 1, FILTERS, 1), weights(next, 1, 1)],
  },
];

/** The model of the question: Conv1D of 20 filters, global maximum, one sigmoid. */
export function question(seed: number): MemoryModel {
  const next = numbers(seed);
  return chain([LENGTH, LETTERS], [conv1d('conv', next, [2, LETTERS, FILTERS]), ...ends(next)]);
}

/** The same behind two more convolutions and a pooling: the last convolution again has 2 x 4 products. */
export function deeper(seed: number): MemoryModel {
  const next = numbers(seed);
  return chain(
    [LENGTH, LETTERS],
    [
      conv1d('first', next, [3, LETTERS, 6]),
      conv1d('second', next, [3, 6, LETTERS], { padding: 'same' }),
      { className: 'MaxPooling1D', config: { name: 'pool', pool_size: 3, strides: 2 } },
      conv1d('conv', next, [2, LETTERS, FILTERS]),
      ...ends(next),
    ],
  );
}

/** The convolution of the question in front of two more and a pooling. */
export function earlier(seed: number, length: number): MemoryModel {
  const next = numbers(seed);
  return chain(
    [length, LETTERS],
    [
      conv1d('conv', next, [2, LETTERS, FILTERS]),
      conv1d('second', next, [3, FILTERS, 8]),
      conv1d('third', next, [2, 8, FILTERS]),
      { className: 'MaxPooling1D', config: { name: 'pool', pool_size: 2 } },
      ...ends(next),
    ],
  );
}
