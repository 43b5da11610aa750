import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import { floats, type HostArray, hostOperation, zerosLike } from '../hostOperation';
import { inverse, solve } from '../linearAlgebra/elimination';
import { matrixOf } from '../linearAlgebra/matrix';
import { type Operation, operandAt, product, refuse, shapeText } from '../operation';

const f = Math.fround;

export const FILL_MODES = ['constant', 'nearest', 'wrap', 'reflect'] as const;

/** How images are sampled between and beyond their pixels. */
export interface Warp {
  readonly interpolation: 'nearest' | 'bilinear';
  readonly fillMode: (typeof FILL_MODES)[number];
  readonly fillValue: number;
}

/** Maps a coordinate beyond an axis of `size`, as TensorFlow's kernel does. */
const BEYOND: Readonly<Record<Warp['fillMode'], (at: number, size: number) => number>> = {
  constant: (at) => at,
  nearest: (at, size) => clamp(at, size),
  reflect(at, size) {
    if (size <= 1) return at < 0 || at > size - 1 ? 0 : at;
    const twice = 2 * size;
    if (at < 0) {
      const near = at + twice * Math.trunc(-at / twice);
      return clamp(near < -size ? near + twice : -near - 1, size);
    }
    if (at <= size - 1) return at;
    const near = at - twice * Math.trunc(at / twice);
    return clamp(near >= size ? twice - near - 1 : near, size);
  },
  wrap(at, size) {
    if (size <= 1) return at < 0 || at > size - 1 ? 0 : at;
    if (at < 0) return clamp(at + size * (Math.trunc(-at / (size - 1)) + 1), size);
    return at > size - 1 ? clamp(at - size * Math.trunc(at / (size - 1)), size) : at;
  },
};

const clamp = (at: number, size: number): number => Math.min(Math.max(at, 0), size - 1);

/** Half away from 0, as C rounds. */
const rounded = (x: number): number => Math.sign(x) * Math.floor(Math.abs(x) + 0.5);

/**
 * TensorFlow's `ImageProjectiveTransformV3` of images [batch, height, width, channels]: the pixel (x, y) is read at
 * ((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k) with k = c0 x + c1 y + 1; operands the images and [1 or batch, 8] of
 * (a0, a1, a2, b0, b1, b2, c0, c1). Its gradient is TensorFlow's: the gradient, transformed back.
 */
export function projective(warp: Warp): Operation {
  return hostOperation({
    outputShapes(operands) {
      const [images, transforms] = [operandAt(operands, 0), operandAt(operands, 1)];
      if (images.length !== 4 || transforms.length !== 2 || transforms[1] !== 8) {
        refuse(
          l10n.t('images of {0} and transforms of {1} do not fit.', shapeText(images), shapeText(transforms)),
        );
      }
      return [images];
    },
    forward(operands) {
      const [images, transforms] = [operandAt(operands, 0), operandAt(operands, 1)];
      return [floats(images.shape, warpImages(images, transforms, warp))];
    },
    backward(operands, _outputs, gradients) {
      const transforms = operandAt(operands, 1);
      const back = { ...transforms, values: invertTransforms(transforms) };
      return [warpImages(operandAt(gradients, 0), back, { ...warp, fillValue: 0 }), null];
    },
  });
}

function warpImages(images: HostArray, transforms: HostArray, warp: Warp): Float64Array {
  const [batch = 0, height = 0, width = 0, channels = 0] = images.shape;
  const result = zerosLike(images);
  const beyond = BEYOND[warp.fillMode];
  for (let image = 0; image < batch; image++) {
    const start = transforms.shape[0] === 1 ? 0 : image * 8;
    const t = (i: number): number => f(transforms.values[start + i] ?? 0);
    const pixel = (row: number, column: number, channel: number): number =>
      row >= 0 && row < height && column >= 0 && column < width
        ? (images.values[((image * height + row) * width + column) * channels + channel] ?? 0)
        : warp.fillValue;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const linear = (i: number, end: number): number => f(f(f(t(i) * x) + f(t(i + 1) * y)) + end);
        const k = linear(6, 1);
        const column = beyond(f(linear(0, t(2)) / k), width);
        const row = beyond(f(linear(3, t(5)) / k), height);
        for (let channel = 0; channel < channels; channel++) {
          const at = ((image * height + y) * width + x) * channels + channel;
          result[at] =
            k === 0
              ? warp.fillValue
              : warp.interpolation === 'nearest'
                ? pixel(rounded(row), rounded(column), channel)
                : bilinear((i, j) => pixel(i, j, channel), row, column);
        }
      }
    }
  }
  return result;
}

/** Bilinear, of the four pixels around. */
function bilinear(pixel: (row: number, column: number) => number, row: number, column: number): number {
  const [top, left] = [Math.floor(row), Math.floor(column)];
  const [down, right] = [row - top, column - left];
  const across = (i: number): number => (1 - right) * pixel(i, left) + right * pixel(i, left + 1);
  return (1 - down) * across(top) + down * across(top + 1);
}

function invertTransforms({ shape, values }: HostArray): Float64Array {
  const result = new Float64Array(product(shape));
  for (let start = 0; start < result.length; start += 8) {
    const matrix = matrixOf(3, 3, (i, j) => (i === 2 && j === 2 ? 1 : (values[start + i * 3 + j] ?? 0)));
    const back = inverse(matrix).values;
    for (let i = 0; i < 8; i++) result[start + i] = (back[i] ?? 0) / (back[8] ?? 1);
  }
  return result;
}

/** The transforms [n, 8] that take four start points each, [n, 4, 2] of (x, y), to four end points. */
export const homography = (): Operation =>
  hostOperation({
    outputShapes(operands) {
      const [start, end] = [operandAt(operands, 0), operandAt(operands, 1)];
      const isRight = (shape: Shape): boolean => shape.length === 3 && shape[1] === 4 && shape[2] === 2;
      if (!isRight(start) || !isRight(end)) refuse(l10n.t('its points are not four pairs.'));
      return [[start[0] ?? null, 8]];
    },
    forward(operands) {
      const [start, end] = [operandAt(operands, 0), operandAt(operands, 1)];
      const [count = 0] = start.shape;
      const all = new Float64Array(count * 8);
      for (let n = 0; n < count; n++) {
        const at = ({ values }: HostArray, point: number, axis: number): number =>
          values[(n * 4 + point) * 2 + axis] ?? 0;
        const coefficients = matrixOf(8, 8, (row, column) => {
          const [point, axis] = [row >> 1, row % 2];
          const [x, y, from] = [at(end, point, 0), at(end, point, 1), at(start, point, axis)];
          if (column >= 6) return -from * (column === 6 ? x : y);
          const own = column - 3 * axis;
          return own < 0 || own > 2 ? 0 : ([x, y, 1][own] ?? 0);
        });
        const target = matrixOf(8, 1, (row) => at(start, row >> 1, row % 2));
        all.set(solve(coefficients, target).values, n * 8);
      }
      return [floats([count, 8], all)];
    },
  });

export const COORDINATE_MODES = ['constant', 'nearest', 'wrap', 'mirror', 'reflect'] as const;
type CoordinateMode = (typeof COORDINATE_MODES)[number];

/** Maps index `i` to an axis of `size` as Keras does, `null` for the fill value. */
function placeOn(mode: CoordinateMode, i: number, size: number): number | null {
  if (mode === 'constant') return i >= 0 && i < size ? i : null;
  if (mode === 'nearest') return clamp(i, size);
  if (mode === 'wrap') return ((i % size) + size) % size;
  const rest = Math.abs(i) % (2 * size);
  const place = rest < size ? rest : 2 * size - rest - (mode === 'reflect' ? 1 : 0);
  return place < size
    ? place
    : refuse(l10n.t('position {0} is not mirrored into an axis of {1}.', i, size), 'bad-input');
}

const halfToEven = (x: number): number => {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
};

/** The contribution of one pixel to an interpolated value. */
interface Corner {
  /** `null` for the fill value. */
  readonly place: number | null;
  readonly weight: number;
  /** Derivative of the weight by each coordinate. */
  readonly slopes: readonly number[];
}

/** `keras.ops.image.map_coordinates`: operands x and coordinates [rank of x, ...]; order 0 is nearest, 1 linear. */
export function mapCoordinates(order: number, mode: CoordinateMode, fillValue: number): Operation {
  if (order !== 0 && order !== 1) refuse(l10n.t('interpolation of order {0} is not computed.', order));
  const corners = (x: HostArray, at: readonly number[]): Corner[] =>
    x.shape.reduce<Corner[]>(
      (all, size, axis) => {
        const coordinate = at[axis] ?? 0;
        const low = order === 0 ? halfToEven(coordinate) : Math.floor(coordinate);
        const share = order === 0 ? 0 : coordinate - low;
        const sides =
          order === 0
            ? [[low, 1, 0]]
            : [
                [low, 1 - share, -1],
                [low + 1, share, 1],
              ];
        return all.flatMap(({ place, weight, slopes }) =>
          sides.map(([index = 0, part = 0, slope = 0]) => {
            const own = placeOn(mode, index, size);
            return {
              place: place === null || own === null ? null : place * size + own,
              weight: weight * part,
              slopes: [...slopes.map((s) => s * part), weight * slope],
            };
          }),
        );
      },
      [{ place: 0, weight: 1, slopes: [] }],
    );
  const points = (coordinates: HostArray): { count: number; at: (i: number) => number[] } => {
    const [rank = 0] = coordinates.shape;
    const count = product(coordinates.shape.slice(1));
    return {
      count,
      at: (i) => Array.from({ length: rank }, (_, axis) => coordinates.values[axis * count + i] ?? 0),
    };
  };
  return hostOperation({
    outputShapes(operands) {
      const [x, coordinates] = [operandAt(operands, 0), operandAt(operands, 1)];
      if (coordinates[0] !== x.length)
        refuse(l10n.t('{0} coordinates do not fit {1} axes.', coordinates[0] ?? 'None', x.length));
      return [coordinates.slice(1)];
    },
    work(operands) {
      const [x, coordinates] = [operandAt(operands, 0), operandAt(operands, 1)];
      return coordinates
        .slice(1)
        .reduce<number | null>(
          (all, size) => (all === null || size === null ? null : all * size),
          2 ** x.length,
        );
    },
    forward(operands) {
      const [x, coordinates] = [operandAt(operands, 0), operandAt(operands, 1)];
      const { count, at } = points(coordinates);
      const values = Float64Array.from({ length: count }, (_, i) =>
        corners(x, at(i)).reduce(
          (sum, { place, weight }) => sum + weight * (place === null ? fillValue : (x.values[place] ?? 0)),
          0,
        ),
      );
      return [floats(coordinates.shape.slice(1), values)];
    },
    backward(operands, _outputs, gradients) {
      const [x, coordinates, dy] = [operandAt(operands, 0), operandAt(operands, 1), operandAt(gradients, 0)];
      const { count, at } = points(coordinates);
      const [dx, dc] = [zerosLike(x), zerosLike(coordinates)];
      for (let i = 0; i < count; i++) {
        const gradient = dy.values[i] ?? 0;
        for (const { place, weight, slopes } of corners(x, at(i))) {
          const value = place === null ? fillValue : (x.values[place] ?? 0);
          if (place !== null) dx[place] = (dx[place] ?? 0) + gradient * weight;
          for (const [axis, slope] of slopes.entries()) {
            const into = axis * count + i;
            dc[into] = (dc[into] ?? 0) + gradient * slope * value;
          }
        }
      }
      return [dx, order === 0 ? null : dc];
    },
  });
}
