import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import { broadcastShapes } from '../broadcast';
import { type Apply, formula, type Value } from '../compound';
import { constant } from '../creation';
import { cast } from '../dtypes';
import { floats, hostOperation, integers, zerosLike } from '../hostOperation';
import { expandDims, moveaxis, reshape } from '../manipulation/reshaping';
import { getItem, type IndexPart } from '../manipulation/slicing';
import { normalizeAxes, normalizeAxis, type Operation, operandAt, product, refuse } from '../operation';
import { steps } from './formulaSteps';
import { where } from './selection';

/** How many numbers from start to stop, and along which axis of the result. */
export interface Spacing {
  readonly count: number;
  /** Whether `stop` is the last of them. */
  readonly endpoint: boolean;
  readonly axis: number;
  readonly isWhole: boolean;
}

/** A config may ask for a billion. */
const MAX_COUNT = 1_000_000;

/** `keras.ops.linspace`: operands start and stop. */
export const linspace = (spacing: Spacing): Operation =>
  formula((apply, operands) => spacedValues(apply, operandAt(operands, 0), operandAt(operands, 1), spacing));

function spacedValues(
  apply: Apply,
  start: Value,
  stop: Value,
  { count, endpoint, axis, isWhole }: Spacing,
): Value {
  if (!(count >= 0 && count <= MAX_COUNT))
    refuse(l10n.t('a sequence of {0} numbers is not computed.', count));
  const { of, one, two } = steps(apply);
  const rank = broadcastShapes([start.shape, stop.shape]).length + 1;
  const at = normalizeAxis(axis, rank);
  const raised = (x: Value): Value => {
    const aligned = of(reshape([...new Array<number>(rank - 1 - x.shape.length).fill(1), ...x.shape]), x);
    const own = isWhole ? of(cast('int32'), aligned) : aligned;
    return of(expandDims([at]), of(cast('float32'), own));
  };
  const [first, last] = [raised(start), raised(stop)];
  const steps_ = endpoint ? count - 1 : count;
  const sizes = Array.from({ length: rank }, (_, i) => (i === at ? count : 1));
  const shares = of(
    constant(sizes, (tf) =>
      tf.tensor(
        Float32Array.from({ length: count }, (_, i) => (steps_ > 0 ? i / steps_ : 0)),
        sizes,
      ),
    ),
  );
  const all = two('add', first, two('multiply', two('subtract', last, first), shares));
  return isWhole ? of(cast('int32'), one('floor', all)) : all;
}

/** `keras.ops.logspace`: `base` to the powers of `linspace`. */
export const logspace = (base: number, spacing: Spacing): Operation =>
  formula((apply, operands) => {
    const { two } = steps(apply);
    return two('power', base, spacedValues(apply, operandAt(operands, 0), operandAt(operands, 1), spacing));
  });

/** `keras.ops.geomspace`: numbers with a constant ratio. */
export const geomspace = (spacing: Spacing): Operation =>
  formula((apply, operands) => {
    const { of, one, two } = steps(apply);
    const start = of(cast('float32'), operandAt(operands, 0));
    const stop = of(cast('float32'), operandAt(operands, 1));
    const power = (x: Value): Value => one('log10', one('abs', x));
    const sizes = two('power', 10, spacedValues(apply, power(start), power(stop), spacing));
    return two('multiply', sizes, one('sign', start));
  });

/** `keras.ops.vander`: the powers of a vector, decreasing unless `increasing`. */
export const vander = (count: number | null, increasing: boolean): Operation =>
  formula((apply, operands) => {
    const { of, two } = steps(apply);
    const x = operandAt(operands, 0);
    const columns = count ?? x.shape[0] ?? refuse(l10n.t('the length of its vector is unknown.'));
    if (!(columns >= 0 && columns <= MAX_COUNT)) refuse(l10n.t('{0} powers are not taken.', columns));
    const powers = Float32Array.from({ length: columns }, (_, i) => (increasing ? i : columns - 1 - i));
    const row = of(constant([columns], (tf) => tf.tensor1d(powers)));
    const column = of(expandDims([-1]), of(cast('float32'), x));
    // x to the power of 0 is 1 for every x; without this the gradient at 0 would be NaN.
    const all = two('power', column, row);
    const isFirst = of(constant([columns], (tf) => tf.equal(tf.tensor1d(powers), 0)));
    return of(where(), isFirst, of(constant([], (tf) => tf.scalar(1))), all);
  });

/** `keras.ops.trapezoid`: operands y and, optionally, x; without x the samples are `distance` apart. */
export const trapezoid = (distance: number, axis: number): Operation =>
  formula((apply, operands) => {
    const { of, two, reduce } = steps(apply);
    const neighbours = (x: Value, along: number): [Value, Value] => {
      const moved = of(moveaxis([normalizeAxis(along, x.shape.length)], [-1]), of(cast('float32'), x));
      return [
        of(getItem([{ kind: 'ellipsis' }, from(1, null)]), moved),
        of(getItem([{ kind: 'ellipsis' }, from(null, -1)]), moved),
      ];
    };
    const [after, before] = neighbours(operandAt(operands, 0), axis);
    const heights = two('multiply', two('add', after, before), 0.5);
    const given = operands[1];
    const [right, left] = given ? neighbours(given, given.shape.length === 1 ? -1 : axis) : [null, null];
    const widths = right && left ? two('subtract', right, left) : distance;
    return reduce('sum', two('multiply', heights, widths), { axes: [-1], keepdims: false });
  });

const from = (start: number | null, stop: number | null): IndexPart => ({
  kind: 'range',
  start,
  stop,
  step: 1,
});

/** `keras.ops.correlate` of two vectors. */
export function correlate(mode: 'full' | 'same' | 'valid'): Operation {
  /** The result starts at this place of the full one. */
  const frame = (n: number, m: number): { start: number; length: number } => {
    const whole = n + m - 1;
    if (mode === 'full') return { start: 0, length: whole };
    const length = mode === 'same' ? Math.max(n, m) : n - m + 1;
    if (length < 1) refuse(l10n.t('its second vector is longer than its first.'));
    return { start: mode === 'same' ? Math.floor((whole - length) / 2) : m - 1, length };
  };
  /** Calls `use` for every product: the place in the result, in x1 and in x2. */
  const products = (n: number, m: number, use: (k: number, i: number, j: number) => void): void => {
    const { start, length } = frame(n, m);
    for (let k = 0; k < length; k++) {
      for (let j = 0; j < m; j++) {
        const i = start + k + j - (m - 1);
        if (i >= 0 && i < n) use(k, i, j);
      }
    }
  };
  const sizes = (operands: readonly Shape[]): [number | null, number | null] => {
    const [n, m] = [operandAt(operands, 0), operandAt(operands, 1)];
    if (n.length !== 1 || m.length !== 1) refuse(l10n.t('only vectors are correlated.'));
    return [n[0] ?? null, m[0] ?? null];
  };
  return hostOperation({
    outputShapes(operands) {
      const [n, m] = sizes(operands);
      return [[n === null || m === null ? null : frame(n, m).length]];
    },
    multiplyAdds(operands) {
      const [n, m] = sizes(operands);
      return n === null || m === null ? null : frame(n, m).length * m;
    },
    forward(operands) {
      const [a, b] = [operandAt(operands, 0), operandAt(operands, 1)];
      const shape = [frame(a.values.length, b.values.length).length];
      const sums = zerosLike({ shape });
      products(a.values.length, b.values.length, (k, i, j) => {
        sums[k] = (sums[k] ?? 0) + (a.values[i] ?? 0) * (b.values[j] ?? 0);
      });
      return [floats(shape, sums)];
    },
    backward(operands, _outputs, gradients) {
      const [a, b, dy] = [operandAt(operands, 0), operandAt(operands, 1), operandAt(gradients, 0)];
      const [da, db] = [zerosLike(a), zerosLike(b)];
      products(a.values.length, b.values.length, (k, i, j) => {
        da[i] = (da[i] ?? 0) + (dy.values[k] ?? 0) * (b.values[j] ?? 0);
        db[j] = (db[j] ?? 0) + (dy.values[k] ?? 0) * (a.values[i] ?? 0);
      });
      return [da, db];
    },
  });
}

/** `keras.ops.bincount` along the last axis: the count of each integer from 0 to the largest. No gradient. */
export const bincount = (least: number): Operation =>
  hostOperation({
    outputShapes: (operands) => [[...operandAt(operands, 0).slice(0, -1), null]],
    forward(operands) {
      const { shape, values } = operandAt(operands, 0);
      const largest = Array.from(values).reduce((most, n) => Math.max(most, n), -1);
      if (largest >= MAX_COUNT) refuse(l10n.t('numbers up to {0} are not counted.', largest));
      const bins = Math.max(least, largest + 1);
      const row = shape.at(-1) ?? 1;
      const rows = shape.slice(0, -1);
      if (product(rows) * bins > 64 * MAX_COUNT)
        refuse(l10n.t('numbers up to {0} are not counted in this many rows.', largest));
      const counts = new Int32Array(product(rows) * bins);
      for (let i = 0; i < values.length; i++) {
        const n = Math.trunc(values[i] ?? 0);
        const at = Math.floor(i / row) * bins + n;
        if (n >= 0) counts[at] = (counts[at] ?? 0) + 1;
      }
      return [integers([...rows, bins], counts)];
    },
  });

/** `keras.ops.diff`: the differences of neighbours along `axis`, taken `count` times. */
export function diff(count: number, axis: number): Operation {
  if (!Number.isSafeInteger(count) || count < 0 || count > 100)
    refuse(l10n.t('differences of order {0} are not taken.', count));
  return formula((apply, operands) => {
    const { of, two } = steps(apply);
    const rank = operandAt(operands, 0).shape.length;
    const at = normalizeAxis(axis, rank);
    const part = (start: number | null, stop: number | null): Operation =>
      getItem(
        normalizeAxes(null, rank).map(
          (i): IndexPart =>
            i === at
              ? { kind: 'range', start, stop, step: 1 }
              : { kind: 'range', start: null, stop: null, step: 1 },
        ),
      );
    let x = operandAt(operands, 0);
    for (let i = 0; i < count; i++) x = two('subtract', of(part(1, null), x), of(part(null, -1), x));
    return x;
  });
}
