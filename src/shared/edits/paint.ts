import { mulberry32 } from '../random';
import { blurred } from './blur';
import type { PaintEdit, PaintFill } from './inputEdit';
import { maskOf } from './runs';

/** A picture before preprocessing. */
export interface Pixels {
  /** [height, width, channels] of 1 (grey), 3 (RGB) or 4 (RGBA) channels. */
  readonly values: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** What the levels 0..255 are in a picture's values: `level / factor + offset`. */
export interface Levels {
  readonly offset: number;
  readonly factor: number;
  /** Painted values are whole numbers, as in an image file. */
  readonly whole: boolean;
}

/** Of a picture that was read from an image file. */
export const BYTE_LEVELS: Levels = { offset: 0, factor: 1, whole: true };

/** The value of a channel of a pixel. */
type Filling = (pixel: number, channel: number) => number;

/**
 * A painter of one picture: what pixels become depends on the picture as it is here, not on what was painted before, so that the
 * last edit of a pixel is the one that counts.
 */
export function painter(
  original: Pixels,
  levels: Levels,
): {
  /** Paints on `values`, which have the picture's shape. @returns false where the edit is of another size, and changes nothing */
  paint(values: Float32Array, edit: PaintEdit): boolean;
} {
  const { height, width, channels } = original;
  const fillings = new Map<string, Filling>();
  const fillingOf = (fill: PaintFill): Filling => {
    const key = JSON.stringify(fill);
    const known = fillings.get(key) ?? filling(original, levels, fill);
    fillings.set(key, known);
    return known;
  };
  return {
    paint(values, { size, runs, fill }) {
      const isSameSize = size[0] === height && size[1] === width;
      const mask = isSameSize ? maskOf(runs, height * width) : null;
      if (mask === null) return false;
      const valueAt = fillingOf(fill);
      for (let pixel = mask.indexOf(1); pixel >= 0 && pixel < mask.length; pixel++) {
        if (mask[pixel] !== 1) continue;
        for (let c = 0; c < channels; c++) values[pixel * channels + c] = valueAt(pixel, c);
      }
      return true;
    },
  };
}

function filling(original: Pixels, levels: Levels, fill: PaintFill): Filling {
  const { values, channels } = original;
  const rounded = (value: number): number => (levels.whole ? Math.round(value) : value);
  const ofLevel = (level: number): number => rounded(level / levels.factor + levels.offset);
  switch (fill.kind) {
    case 'original':
      return (pixel, c) => values[pixel * channels + c] ?? 0;
    case 'colour': {
      const colour = channelsOf(fill.rgb, channels).map(ofLevel);
      return (_, c) => colour[c] ?? 0;
    }
    case 'mean': {
      const means = meansOf(original).map(rounded);
      return (_, c) => means[c] ?? 0;
    }
    case 'blur': {
      const soft = blurred(values, original);
      return (pixel, c) => rounded(soft[pixel * channels + c] ?? 0);
    }
    case 'noise': {
      const noise = noiseOf(original, fill.seed);
      return (pixel, c) => ofLevel(noise[pixel * channels + c] ?? 0);
    }
  }
}

const OPAQUE = 255;

/** ITU-R 601 luma in the fixed point of Pillow's convert('L'). */
export const luma = (r: number, g: number, b: number): number =>
  (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16;

/** A colour as a picture has it: its luma in grey, as images are read, and opaque with alpha. */
function channelsOf([red, green, blue]: readonly [number, number, number], channels: number): number[] {
  if (channels === 1) return [luma(red, green, blue)];
  return [red, green, blue, OPAQUE].slice(0, channels);
}

function meansOf({ values, channels }: Pixels): number[] {
  const sums = new Array<number>(channels).fill(0);
  for (let i = 0; i < values.length; i++) sums[i % channels] = (sums[i % channels] ?? 0) + (values[i] ?? 0);
  return sums.map((sum) => sum / (values.length / channels));
}

/** Whole levels 0..255 for each channel of each pixel, the same for the same seed. */
function noiseOf({ height, width, channels }: Pixels, seed: number): Uint8Array {
  const uniform = mulberry32(seed);
  const noise = new Uint8Array(height * width * channels);
  for (let i = 0; i < noise.length; i++) {
    const isAlpha = channels === 4 && i % 4 === 3;
    noise[i] = isAlpha ? OPAQUE : Math.floor(uniform() * 256);
  }
  return noise;
}
