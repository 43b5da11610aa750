import type { TensorStats } from '../model';

/** Two filters of one weight that are equal, or the negative of each other, up to rounding. */
export interface DuplicatePair {
  readonly first: number;
  readonly second: number;
  readonly negated: boolean;
}

/** Which parts of a weight are the filters or units that it computes, and what is wrong with them. */
export interface FilterFindings {
  readonly count: number;
  /** Filters whose values are all 0; the first of them, and how many there are. */
  readonly dead: readonly number[];
  readonly deadCount: number;
  /** Filters with NaN or infinite values. */
  readonly nonFinite: readonly number[];
  readonly nonFiniteCount: number;
  /**
   * Pairs with |a - b| or |a + b| of at most 1e-6 of the larger norm; dead and non-finite filters are in none. The first of
   * them, and how many there are.
   */
  readonly duplicates: readonly DuplicatePair[];
  readonly duplicateCount: number;
}

/** One weight of a model's file. */
export interface WeightSummary {
  /** Path of its layer. */
  readonly path: string;
  /** Class of its layer, `null` where the file does not tell it. */
  readonly className: string | null;
  readonly name: string;
  readonly shape: readonly number[];
  /** As stored. */
  readonly dtype: string;
}

/** A weight and its statistics; `null` for values that are not numbers, such as strings. */
export interface WeightStatistics extends WeightSummary {
  /** Of float32 values, as `TensorStats` says. */
  readonly stats: TensorStats | null;
  /** The square root of the sum of the squares of the finite values. */
  readonly norm: number | null;
  /** `null` for a weight without filters, such as a bias. */
  readonly filters: FilterFindings | null;
}

/** A weight's row of `layerglass weights --json`. */
export function weightDocument({ path, name, shape, dtype, stats, norm, filters }: WeightStatistics) {
  const { min, max, mean, std, zero, nan, infinite } = stats ?? {};
  return {
    ...{ path, name, shape, dtype },
    count: shape.reduce((product, size) => product * size, 1),
    ...{ min: min ?? null, max: max ?? null, mean: mean ?? null, std: std ?? null, norm },
    ...{ zero: zero ?? null, nan: nan ?? null, inf: infinite ?? null },
    filters: filters?.count ?? null,
    dead: filters?.dead ?? [],
    deadCount: filters?.deadCount ?? 0,
    duplicates: filters?.duplicates ?? [],
    duplicateCount: filters?.duplicateCount ?? 0,
  };
}

/** The weights of one layer as the layer page lists them; reads no values. */
export interface LayerWeights {
  readonly layer: string;
  readonly className: string | null;
  readonly weights: readonly (WeightSummary & {
    /** How many filters it has; `null` for a weight without filters. */
    readonly filters: number | null;
    readonly isNumeric: boolean;
  })[];
}

/** What the filters of a grid are sorted by. */
export const FILTER_ORDERS = ['index', 'largest', 'smallest'] as const;
export type FilterOrder = (typeof FILTER_ORDERS)[number];

/** Whether each filter has colours of its own range, or all have those of the whole weight. */
export const FILTER_SCALES = ['own', 'one'] as const;
export type FilterScale = (typeof FILTER_SCALES)[number];

/** Some filters of a weight, in the order that was asked for. */
export interface FilterTiles {
  readonly total: number;
  readonly filters: readonly {
    readonly filter: number;
    /** NaN where a value is not finite. */
    readonly norm: number;
    readonly min: number;
    readonly max: number;
    /** Red is positive, blue negative, white 0; PNG as base64. */
    readonly png: string;
    readonly width: number;
    readonly height: number;
  }[];
}

/** Some values of a weight without filters, row-major. */
export interface WeightValues {
  readonly total: number;
  readonly values: readonly number[];
}

/** Files that were written, and the folder that they are in. */
export interface ExportedWeights {
  readonly folder: string;
  readonly files: readonly string[];
}
