import * as l10n from '@vscode/l10n';
import { mapInto } from '../../../shared/mapInto';
import type { Shape } from '../../../shared/model';
import { times } from '../../graph/cost';
import { steps } from '../arithmetic/formulaSteps';
import { compound, formula, type Value } from '../compound';
import { constant } from '../creation';
import { floats, type HostArray, hostOperation, zerosLike } from '../hostOperation';
import { pad } from '../manipulation/padding';
import { getItem } from '../manipulation/slicing';
import { normalizeAxis, type Operation, operandAt, product, refuse, shapeText } from '../operation';
import { type Complex, complexZeros, fourier, fourierWork } from './fourier';
import { extractSequences, overlapAndAdd } from './framing';

/** A config may ask for transforms of a billion values. */
const MAX_LENGTH = 2 ** 24;

function lengthOf(shape: Shape, axis = -1): number | null {
  const length = shape[normalizeAxis(axis, shape.length)] ?? null;
  if (length !== null && length > MAX_LENGTH) {
    refuse(
      l10n.t('its transform is of {0} values, and at most {1} are computed.', length, MAX_LENGTH),
      'too-large',
    );
  }
  return length;
}

function sameShape(operands: readonly Shape[]): Shape {
  const [real, imaginary] = [operandAt(operands, 0), operandAt(operands, 1)];
  const fits =
    real.length === imaginary.length && real.every((n, i) => n === (imaginary[i] ?? null) || n === null);
  return fits
    ? real
    : refuse(
        l10n.t('real and imaginary parts of {0} and {1} do not fit.', shapeText(real), shapeText(imaginary)),
      );
}

const work = (shape: Shape, length: number | null): number | null =>
  length === null ? null : times(...shape.slice(0, -1), fourierWork(Math.max(1, length)));

/** Transforms every row along the last axis, or the last but one. */
function transformed(parts: readonly HostArray[], axis: -1 | -2, direction: -1 | 1): HostArray[] {
  const [real, imaginary] = [operandAt(parts, 0), operandAt(parts, 1)];
  const { shape } = real;
  const length = shape.at(axis) ?? 1;
  const inner = axis === -1 ? 1 : (shape.at(-1) ?? 1);
  const [x, y] = [Float64Array.from(real.values), Float64Array.from(imaginary.values)];
  const row = complexZeros(length);
  for (let start = 0; start < x.length; start += length * inner) {
    for (let offset = start; offset < start + inner; offset++) {
      for (let i = 0; i < length; i++) {
        row.real[i] = x[offset + i * inner] ?? 0;
        row.imaginary[i] = y[offset + i * inner] ?? 0;
      }
      fourier(row, direction);
      for (let i = 0; i < length; i++) {
        x[offset + i * inner] = row.real[i] ?? 0;
        y[offset + i * inner] = row.imaginary[i] ?? 0;
      }
    }
  }
  return [
    { shape, values: x },
    { shape, values: y },
  ];
}

/** A transform of complex numbers, operands and results are real and imaginary parts; the gradient is the transform in the other direction. */
function complexTransform(axes: readonly (-1 | -2)[], isInverse: boolean): Operation {
  const all = (parts: readonly HostArray[], direction: -1 | 1): HostArray[] => {
    const count = axes.reduce((n, axis) => n * (operandAt(parts, 0).shape.at(axis) ?? 1), 1);
    const found = axes.reduce<readonly HostArray[]>(
      (given, axis) => transformed(given, axis, direction),
      parts,
    );
    if (!isInverse) return [...found];
    return found.map(({ shape, values }) => ({
      shape,
      values: mapInto(new Float64Array(values.length), values, (x) => x / count),
    }));
  };
  const direction = isInverse ? 1 : -1;
  return hostOperation({
    outputShapes(operands) {
      const shape = sameShape(operands);
      for (const axis of axes) lengthOf(shape, axis);
      return [shape, shape];
    },
    work(operands) {
      const shape = sameShape(operands);
      const parts = axes.map((axis) => {
        const length = lengthOf(shape, axis);
        return length === null ? null : times(...shape, fourierWork(length) / Math.max(1, length));
      });
      return parts.reduce((sum, part) => (sum === null || part === null ? null : sum + part), 0);
    },
    forward: (operands) => all(operands, direction).map(({ shape, values }) => floats(shape, values)),
    backward: (_operands, _outputs, gradients) =>
      all(gradients, isInverse ? -1 : 1).map(({ values }) => values),
  });
}

/** `keras.ops.fft`: operands and results real and imaginary parts. */
export const fft = (): Operation => complexTransform([-1], false);

/** `keras.ops.fft2`: over the last two axes. */
export const fft2 = (): Operation => complexTransform([-1, -2], false);

/** `keras.ops.ifft2`. */
export const ifft2 = (): Operation => complexTransform([-1, -2], true);

function checkedLength(length: number | null): number | null {
  return length === null || (length >= 1 && length <= MAX_LENGTH)
    ? length
    : refuse(l10n.t('a transform of {0} values is not computed.', length));
}

/** Calls `use` for each row of `from` along the last axis. */
function eachRow(shape: readonly number[], use: (row: number) => void): void {
  const rows = product(shape.slice(0, -1));
  for (let row = 0; row < rows; row++) use(row);
}

/** The first `count` values of a row, in a longer or shorter one. */
function copyRow(
  from: ArrayLike<number>,
  size: number,
  row: number,
  into: Float64Array,
  count: number,
): void {
  for (let i = 0; i < Math.min(size, count); i++) into[i] = from[row * size + i] ?? 0;
}

const clear = ({ real, imaginary }: Complex): void => {
  real.fill(0);
  imaginary.fill(0);
};

/**
 * `keras.ops.rfft`: the frequencies 0 to N / 2 of real values, cut or padded to N.
 * @param length N; `null` for the length of the last axis.
 */
export function rfft(length: number | null): Operation {
  checkedLength(length);
  const shape = (operand: Shape): Shape => {
    const size = length ?? lengthOf(operand);
    return [...operand.slice(0, -1), size === null ? null : Math.floor(size / 2) + 1];
  };
  return hostOperation({
    outputShapes(operands) {
      const result = shape(operandAt(operands, 0));
      return [result, result];
    },
    work: (operands) => work(operandAt(operands, 0), length ?? lengthOf(operandAt(operands, 0))),
    forward(operands) {
      const { shape: own, values } = operandAt(operands, 0);
      const size = own.at(-1) ?? 0;
      const result = shape(own).map((n) => n ?? 0);
      const bins = result.at(-1) ?? 0;
      const [real, imaginary] = [zerosLike({ shape: result }), zerosLike({ shape: result })];
      const row = complexZeros(length ?? size);
      eachRow(own, (r) => {
        clear(row);
        copyRow(values, size, r, row.real, row.real.length);
        fourier(row, -1);
        real.set(row.real.subarray(0, bins), r * bins);
        imaginary.set(row.imaginary.subarray(0, bins), r * bins);
      });
      return [floats(result, real), floats(result, imaginary)];
    },
    backward(operands, _outputs, gradients) {
      const x = operandAt(operands, 0);
      const size = x.shape.at(-1) ?? 0;
      const [toReal, toImaginary] = [operandAt(gradients, 0), operandAt(gradients, 1)];
      const bins = toReal.shape.at(-1) ?? 0;
      const row = complexZeros(length ?? size);
      const dx = zerosLike(x);
      eachRow(x.shape, (r) => {
        clear(row);
        copyRow(toReal.values, bins, r, row.real, bins);
        copyRow(toImaginary.values, bins, r, row.imaginary, bins);
        fourier(row, 1);
        dx.set(row.real.subarray(0, Math.min(size, row.real.length)), r * size);
      });
      return [dx];
    },
  });
}

/**
 * `keras.ops.irfft`: N real values from their frequencies 0 to N / 2.
 * @param length N; `null` for the even length with this many frequencies.
 */
export function irfft(length: number | null): Operation {
  checkedLength(length);
  const sizeFor = (bins: number | null): number | null => length ?? (bins === null ? null : 2 * (bins - 1));
  /** A frequency counts twice if it also represents its mirror image. */
  const share = (k: number, size: number): number => (k === 0 || 2 * k === size ? 1 : 2);
  return hostOperation({
    outputShapes(operands) {
      const shape = sameShape(operands);
      return [[...shape.slice(0, -1), sizeFor(lengthOf(shape))]];
    },
    work(operands) {
      const shape = sameShape(operands);
      return work(shape, sizeFor(lengthOf(shape)));
    },
    forward(operands) {
      const [real, imaginary] = [operandAt(operands, 0), operandAt(operands, 1)];
      const bins = real.shape.at(-1) ?? 0;
      const size = sizeFor(bins) ?? 0;
      const result = [...real.shape.slice(0, -1), size];
      const values = zerosLike({ shape: result });
      const row = complexZeros(size);
      const used = Math.min(bins, Math.floor(size / 2) + 1);
      eachRow(real.shape, (r) => {
        clear(row);
        // Only the real part of the sum is used, so mirrored frequencies are not needed.
        for (let k = 0; k < used; k++) {
          row.real[k] = (share(k, size) * (real.values[r * bins + k] ?? 0)) / size;
          row.imaginary[k] = (share(k, size) * (imaginary.values[r * bins + k] ?? 0)) / size;
        }
        fourier(row, 1);
        values.set(row.real, r * size);
      });
      return [floats(result, values)];
    },
    backward(operands, outputs, gradients) {
      const [x, dy] = [operandAt(operands, 0), operandAt(gradients, 0)];
      const bins = x.shape.at(-1) ?? 0;
      const size = operandAt(outputs, 0).shape.at(-1) ?? 0;
      const [real, imaginary] = [zerosLike(x), zerosLike(x)];
      const row = complexZeros(size);
      const used = Math.min(bins, Math.floor(size / 2) + 1);
      eachRow(x.shape, (r) => {
        clear(row);
        copyRow(dy.values, size, r, row.real, size);
        fourier(row, -1);
        for (let k = 0; k < used; k++) {
          real[r * bins + k] = (share(k, size) * (row.real[k] ?? 0)) / size;
          imaginary[r * bins + k] = (share(k, size) * (row.imaginary[k] ?? 0)) / size;
        }
      });
      return [real, imaginary];
    },
  });
}

/** How `keras.ops.stft` and `istft` frame a signal. */
export interface ShortTime {
  readonly length: number;
  readonly stride: number;
  readonly fftLength: number;
  /** Of `length` values, by name or as they are; `null` for none. */
  readonly window: 'hann' | 'hamming' | readonly number[] | null;
  readonly isCentred: boolean;
}

/** The window in the middle of a frame of `fftLength`, `null` where there is none. */
function windowOf({ length, stride, fftLength, window }: ShortTime): Float32Array | null {
  if (length < 1 || stride < 1 || fftLength < length || fftLength > MAX_LENGTH) {
    refuse(l10n.t('frames of {0} every {1} do not fit transforms of {2}.', length, stride, fftLength));
  }
  if (window === null) return null;
  if (typeof window !== 'string' && window.length !== length) {
    refuse(l10n.t('a window of {0} does not fit frames of {1}.', window.length, length));
  }
  const values = new Float32Array(fftLength);
  const start = Math.floor((fftLength - length) / 2);
  for (let i = 0; i < length; i++) {
    values[start + i] = typeof window === 'string' ? raisedCosine(window, length, i) : (window[i] ?? 0);
  }
  return values;
}

/** TensorFlow's periodic windows: one of odd length ends with its first value. */
function raisedCosine(window: 'hann' | 'hamming', length: number, i: number): number {
  if (length === 1) return 1;
  const edge = window === 'hann' ? 0.5 : 0.54;
  const period = length % 2 === 0 ? length : length - 1;
  return edge - (1 - edge) * Math.cos((2 * Math.PI * i) / period);
}

/** `keras.ops.stft`: real and imaginary parts, [..., frames, frequencies], of signals along the last axis. */
export function stft(options: ShortTime): Operation {
  const { stride, fftLength, isCentred } = options;
  const window = windowOf(options);
  return compound((apply, operands) => {
    const { of, two } = steps(apply);
    let x = operandAt(operands, 0);
    const half = Math.floor(fftLength / 2);
    if (isCentred) {
      const widths = x.shape.map((_, axis): [number, number] =>
        axis === x.shape.length - 1 ? [half, half] : [0, 0],
      );
      x = of(pad(widths, 'reflect'), x);
    }
    const frames = of(extractSequences(fftLength, stride), x);
    if (window === null) return apply(rfft(fftLength), frames);
    const shape = of(constant([fftLength], (tf) => tf.tensor1d(window)));
    return apply(rfft(fftLength), two('multiply', frames, shape));
  });
}

/**
 * `keras.ops.istft`: the signals from the outputs of `stft`.
 * @param size the number of values, `null` for all.
 */
export function istft(options: ShortTime, size: number | null): Operation {
  const { stride, fftLength, isCentred } = options;
  const window = windowOf(options);
  const weights = window && inverseWindow(window, stride);
  return formula((apply, operands) => {
    const { of, two } = steps(apply);
    let frames: Value = of(irfft(fftLength), operandAt(operands, 0), operandAt(operands, 1));
    if (weights) frames = two('multiply', frames, of(constant([fftLength], (tf) => tf.tensor1d(weights))));
    const signal = of(overlapAndAdd(stride), frames);
    const half = isCentred ? Math.floor(fftLength / 2) : 0;
    const end = size === null ? (half === 0 ? null : -half) : half + size;
    const part = { kind: 'range', start: half, stop: end, step: 1 } as const;
    return of(getItem([{ kind: 'ellipsis' }, part]), signal);
  });
}

/** The synthesis window: the window divided by the sum of squares of the overlapping ones. */
function inverseWindow(window: Float32Array, stride: number): Float32Array {
  const sums = new Float64Array(stride);
  for (const [i, value] of window.entries()) sums[i % stride] = (sums[i % stride] ?? 0) + value * value;
  return window.map((value, i) => value / (sums[i % stride] ?? 0));
}
