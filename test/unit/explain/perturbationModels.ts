import { type ExplainResult, explain } from '../../../src/server/explain/explain';
import type { RawMap } from '../../../src/server/explain/method';
import { NO_CONTROL } from '../../../src/server/run/control';
import type { Trace } from '../../../src/server/run/trace';
import type { MethodId, OptionValues } from '../../../src/shared/methods';
import { chain, type MemoryModel, walksOf } from '../run/memoryModel';

export const ones = (count: number, value = 1): number[] => Array.from({ length: count }, () => value);

/** What `file.npy` holds. */
export const file = (...values: number[]): RawMap => ({
  shape: [values.length],
  values: Float32Array.from(values),
});

export interface Question {
  readonly method: MethodId;
  readonly options?: OptionValues;
  /** Of `file.npy`, which an option may name. */
  readonly file?: RawMap;
  readonly score?: 'logit' | 'probability';
  readonly layer?: string;
  /** Whether it may take any time; true by default. */
  readonly isInsisting?: boolean;
}

/** Explains class 0. */
export const askWith = (
  trace: Trace,
  { method, options = {}, file: given, score, layer = 'auto', isInsisting = true }: Question,
): Promise<ExplainResult> =>
  explain(
    trace,
    walksOf(trace),
    {
      method,
      options,
      layer,
      target: { index: 0, ...(score && { score }) },
      labels: [],
      insist: isInsisting,
    },
    NO_CONTROL,
    async (path) => {
      if (path !== 'file.npy' || given === undefined) throw new Error(`No file ${path}.`);
      return given;
    },
  );

/** Captum's smallest model: Dense 4 of ones, ReLU, Dense 2 of ones. */
export const captumModel = (): MemoryModel =>
  chain(
    [3],
    [
      {
        className: 'Dense',
        config: { name: 'hidden', units: 4, activation: 'relu' },
        weights: [
          { shape: [3, 4], values: ones(12) },
          { shape: [4], values: [-10, 1, 1, 1] },
        ],
      },
      {
        className: 'Dense',
        config: { name: 'out', units: 2 },
        weights: [
          { shape: [4, 2], values: ones(8) },
          { shape: [2], values: [-1, 1] },
        ],
      },
    ],
  );

/** Flatten and one linear unit. */
export const linearModel = (shape: readonly number[], kernel: readonly number[]): MemoryModel =>
  chain(shape, [
    { className: 'Flatten', config: { name: 'flatten' } },
    {
      className: 'Dense',
      config: { name: 'out', units: 1, use_bias: false },
      weights: [{ shape: [kernel.length, 1], values: kernel }],
    },
  ]);
