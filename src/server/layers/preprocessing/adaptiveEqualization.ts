import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import { mapInto } from '../../../shared/mapInto';
import type { LayerConfig } from '../../graph/layerConfig';
import type { KindTable, LayerKind, Tensor } from '../kind';
import { isChannelsFirst } from '../support/dataFormat';
import { isFloat } from '../support/layerInputs';
import { noMask, onlyTensor } from '../support/singleInput';
import { imageShape } from './augmentation';
import { BYTES, sameRange, type ValueRange, valueRange } from './valueRange';

const f = Math.fround;
const LEVELS = 256;

/** One channel of one image, as positions in a tensor. */
interface Plane {
  readonly height: number;
  readonly width: number;
  /** Position of a pixel among the tensor's values. */
  at(y: number, x: number): number;
}

interface Grid {
  readonly rows: number;
  readonly columns: number;
  readonly tileHeight: number;
  readonly tileWidth: number;
}

/**
 * `ContrastLimitedAdaptiveHistogramEqualization`, active in inference too: maps brightness through one table of 256 levels
 * per tile, interpolated between tiles. Computed in plain code with Keras's rounding. Levels are integers, so the image
 * gets no gradient.
 */
const equalization: LayerKind = {
  outputShapes(config, inputs) {
    const shape = imageShape(config, inputs);
    if (shape.length !== 4) return config.bad('tile_grid_size', l10n.t('used on a batch of images'), shape);
    valueRange(config);
    gridSize(config);
    return [shape];
  },
  forward(ctx, inputs) {
    const { tf, config } = ctx;
    const input = onlyTensor(inputs, ctx);
    const range = valueRange(config);
    const pixels = mapInto(new Float32Array(input.size), input.dataSync(), (x) =>
      changeRange(x, range, BYTES),
    );
    const result = new Float32Array(pixels.length);
    for (const plane of planesOf(input, isChannelsFirst(config))) {
      equalize(pixels, plane, config, (at, value) => {
        result[at] = changeRange(value, BYTES, range);
      });
    }
    const whole = tf.tensor(result, input.shape);
    // Truncated, like Keras's cast.
    return [isFloat(input) ? whole : tf.cast(whole, input.dtype)];
  },
  backward: () => [null],
  mask: noMask,
};

function changeRange(x: number, from: ValueRange, to: ValueRange): number {
  if (sameRange(from, to)) return x;
  const unit = f(f(x - f(from[0])) / f(f(from[1]) - f(from[0])));
  return f(f(unit * f(f(to[1]) - f(to[0]))) + f(to[0]));
}

function planesOf(input: Tensor, first: boolean): Plane[] {
  const [batch = 1, a = 1, b = 1, c = 1] = input.shape;
  const [height, width, channels] = first ? [b, c, a] : [a, b, c];
  return Array.from({ length: batch * channels }, (_, i) => {
    const image = Math.floor(i / channels) * height * width * channels;
    const channel = i % channels;
    return {
      height,
      width,
      at: first
        ? (y, x) => image + (channel * height + y) * width + x
        : (y, x) => image + (y * width + x) * channels + channel,
    };
  });
}

function gridSize(config: LayerConfig): readonly [number, number] {
  const [rows = 8, columns = 8] = config.ints('tile_grid_size', 2, 8);
  if (rows < 1 || columns < 1 || rows * columns > 2 ** 20) {
    return config.bad('tile_grid_size', l10n.t('two positive integers'), config.raw('tile_grid_size'));
  }
  return [rows, columns];
}

function gridOf(config: LayerConfig, { height, width }: Plane): Grid {
  const [rows, columns] = gridSize(config);
  const grid = {
    rows,
    columns,
    tileHeight: Math.ceil(height / rows),
    tileWidth: Math.ceil(width / columns),
  };
  // Tiles beyond the far edges are filled by mirroring, which cannot exceed the size of the image.
  if (grid.tileHeight * rows <= 2 * height && grid.tileWidth * columns <= 2 * width) return grid;
  return fail(
    'bad-input',
    l10n.t(
      'Layer "{0}" divides images into {1} x {2} tiles, too many for an image of {3} x {4}.',
      config.path,
      rows,
      columns,
      height,
      width,
    ),
    { subject: config.path, remedy: l10n.t('Choose a larger image; Keras rejects this one, too.') },
  );
}

const clamp = (value: number, max: number): number => Math.min(Math.max(value, 0), max);

function equalize(
  pixels: Float32Array,
  plane: Plane,
  config: LayerConfig,
  put: (at: number, value: number) => void,
): void {
  const grid = gridOf(config, plane);
  const limit = config.number('clip_limit', 4);
  const mirrored = (at: number, size: number): number => (at < size ? at : 2 * size - 1 - at);
  const level = (y: number, x: number): number =>
    Math.trunc(clamp(pixels[plane.at(mirrored(y, plane.height), mirrored(x, plane.width))] ?? 0, LEVELS - 1));
  const tables = Array.from({ length: grid.rows * grid.columns }, (_, tile) =>
    tableOf(grid, Math.floor(tile / grid.columns), tile % grid.columns, limit, level),
  );
  const value = (row: number, column: number, at: number): number =>
    tables[clamp(row - 1, grid.rows - 1) * grid.columns + clamp(column - 1, grid.columns - 1)]?.[at] ?? 0;
  for (let y = 0; y < plane.height; y++) {
    const [top, bottom, down] = between(y, grid.tileHeight, grid.rows);
    for (let x = 0; x < plane.width; x++) {
      const [left, right, across] = between(x, grid.tileWidth, grid.columns);
      const at = level(y, x);
      const upper = mix(value(top, left, at), value(top, right, at), across);
      const lower = mix(value(bottom, left, at), value(bottom, right, at), across);
      put(plane.at(y, x), mix(upper, lower, down));
    }
  }
}

const mix = (a: number, b: number, fraction: number): number => f(f(a * f(1 - fraction)) + f(b * fraction));

/** The two tiles around a pixel, counted from 1 with one more at either end, and the distance from the first, 0 to 1. */
function between(at: number, tile: number, tiles: number): [number, number, number] {
  const place = f(f(f(at - tile / 2) / tile) + 1);
  const low = Math.floor(place);
  return [clamp(low, tiles + 1), clamp(low + 1, tiles + 1), f(place - low)];
}

/** The level table of a tile: the fraction of darker pixels, with the histogram clipped at the limit. */
function tableOf(
  { tileHeight, tileWidth }: Grid,
  row: number,
  column: number,
  clipLimit: number,
  level: (y: number, x: number) => number,
): Float32Array {
  const counts = new Float32Array(LEVELS);
  for (let y = row * tileHeight; y < (row + 1) * tileHeight; y++) {
    for (let x = column * tileWidth; x < (column + 1) * tileWidth; x++) {
      const at = level(y, x);
      counts[at] = (counts[at] ?? 0) + 1;
    }
  }
  const size = tileHeight * tileWidth;
  if (clipLimit > 0) {
    const limit = f((clipLimit * size) / LEVELS);
    const excess = counts.reduce((sum, count) => f(sum + Math.max(0, f(count - limit))), 0);
    for (const [i, count] of counts.entries()) counts[i] = Math.min(count, limit) + f(excess / LEVELS);
  }
  for (let i = 1; i < LEVELS; i++) counts[i] = (counts[i] ?? 0) + (counts[i - 1] ?? 0);
  const darkest = counts[0] ?? 0;
  const rest = f(size - darkest);
  return counts.map((count) => clamp(f(f(f(count - darkest) * 255) / (rest === 0 ? 1 : rest)), 255));
}

export const adaptiveEqualizationLayers: KindTable = {
  ContrastLimitedAdaptiveHistogramEqualization: equalization,
};
