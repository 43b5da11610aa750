import * as l10n from '@vscode/l10n';
import { floats, type HostArray, hostOperation, zerosLike } from '../hostOperation';
import { normalizeAxes, type Operation, operandAt, product, refuse } from '../operation';
import type { Reducing } from './reductions';

/** The requested quantiles, each from 0 to 1, and their shape. */
export interface Quantiles {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** More can only be a mistake in the file. */
const MAX_QUANTILES = 10_000;

interface Interpolation {
  /** Places among the sorted values. */
  readonly low: number;
  readonly high: number;
  /** Of the lower one. */
  readonly share: number;
}

/** How a quantile between two values is interpolated. */
export const QUANTILE_METHODS = ['linear', 'lower', 'higher', 'nearest', 'midpoint'] as const;
export type QuantileMethod = (typeof QUANTILE_METHODS)[number];

/** The two of `count` sorted values that determine a quantile. */
function interpolationOf(count: number, quantile: number, method: QuantileMethod): Interpolation {
  const exact = (count - 1) * quantile;
  const [floor, ceiling] = [Math.floor(exact), Math.ceil(exact)];
  const one = (at: number): Interpolation => ({ low: at, high: at, share: 0 });
  if (method === 'lower') return one(floor);
  if (method === 'higher') return one(ceiling);
  if (method === 'midpoint') return { low: floor, high: ceiling, share: 0.5 };
  if (method === 'nearest') {
    const half = exact - floor;
    return one(half === 0.5 ? floor + (floor % 2) : Math.round(exact));
  }
  const bounded = Math.min(Math.max(Math.ceil(exact), 0), count - 1);
  const low = Math.max(bounded - 1, 0);
  const high = Math.min(low + 1, count - 1);
  return { low, high, share: Math.fround(high - exact) };
}

/**
 * `keras.ops.quantile`, `median` and `percentile`: interpolated between the two nearest sorted values, which share the gradient.
 * The axis of the quantiles comes first. A row with NaN gives NaN, or, where `skipsNaN`, the quantile of the others.
 */
export function quantiles(
  wanted: Quantiles,
  { axes, keepdims }: Reducing,
  method: QuantileMethod = 'linear',
  skipsNaN = false,
): Operation {
  if (wanted.shape.length > 1 || wanted.values.length > MAX_QUANTILES) {
    refuse(l10n.t('its quantiles are neither one number nor a list of them.'));
  }
  if (!wanted.values.every((q) => q >= 0 && q <= 1)) refuse(l10n.t('a quantile is not between 0 and 1.'));
  return hostOperation({
    outputShapes(operands) {
      const shape = operandAt(operands, 0);
      const at = normalizeAxes(axes, shape.length);
      const kept = shape.flatMap((size, axis) => (at.includes(axis) ? (keepdims ? [1] : []) : [size]));
      return [[...wanted.shape, ...kept]];
    },
    forward(operands) {
      const operand = operandAt(operands, 0);
      const rows = rowsOf(operand, axes, skipsNaN);
      const values = new Float64Array(wanted.values.length * rows.length);
      for (const [k, q] of wanted.values.entries()) {
        for (const [i, row] of rows.entries()) {
          values[k * rows.length + i] =
            row === null ? Number.NaN : interpolated(row, interpolationOf(row.length, q, method), operand);
        }
      }
      const at = normalizeAxes(axes, operand.shape.length);
      const kept = operand.shape.flatMap((n, axis) => (at.includes(axis) ? (keepdims ? [1] : []) : [n]));
      return [floats([...wanted.shape, ...kept], values)];
    },
    backward([x], _outputs, [gradient]) {
      if (x === undefined || gradient === undefined) return [null];
      const rows = rowsOf(x, axes, skipsNaN);
      const dx = zerosLike(x);
      for (const [k, q] of wanted.values.entries()) {
        for (const [i, row] of rows.entries()) {
          if (row === null) continue;
          const dy = gradient.values[k * rows.length + i] ?? 0;
          const { low, high, share } = interpolationOf(row.length, q, method);
          const [from, to] = [row[low] ?? 0, row[high] ?? 0];
          dx[to] = (dx[to] ?? 0) + dy * (1 - share);
          dx[from] = (dx[from] ?? 0) + dy * share;
        }
      }
      return [dx];
    },
  });
}

function interpolated(row: Int32Array, { low, high, share }: Interpolation, { values }: HostArray): number {
  const at = (place: number): number => values[row[place] ?? 0] ?? 0;
  return at(high) * (1 - share) + at(low) * share;
}

/** For each result the flat indices of its values in sorted order, stable; `null` if the result is NaN. */
function rowsOf(x: HostArray, axes: readonly number[] | null, skipsNaN: boolean): (Int32Array | null)[] {
  const at = normalizeAxes(axes, x.shape.length);
  const inner = offsets(x.shape, at);
  return offsets(
    x.shape,
    x.shape.flatMap((_, axis) => (at.includes(axis) ? [] : [axis])),
  ).map((start) => {
    const places = inner.map((offset) => start + offset);
    const isNumber = (place: number): boolean => !Number.isNaN(x.values[place]);
    const numbers = places.filter(isNumber);
    if (numbers.length === 0 || (numbers.length < places.length && !skipsNaN)) return null;
    return Int32Array.from(numbers.sort((a, b) => (x.values[a] ?? 0) - (x.values[b] ?? 0)));
  });
}

/** Distances from the first value along `axes`, in row-major order. */
function offsets(shape: readonly number[], axes: readonly number[]): number[] {
  return axes.reduce<number[]>(
    (all, axis) => {
      const stride = product(shape.slice(axis + 1));
      return all.flatMap((start) => Array.from({ length: shape[axis] ?? 1 }, (_, i) => start + i * stride));
    },
    [0],
  );
}
