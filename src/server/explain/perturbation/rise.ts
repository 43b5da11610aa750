import { mapInto } from '../../../shared/mapInto';
import { below, mulberry32 } from '../../../shared/random';
import type { Masks } from './masks';

export interface RiseRequest {
  /** Of the input's cells, [h, w], [length] or [d, h, w]. */
  readonly shape: readonly number[];
  /** Cells of the coarse grid per axis; fewer along an axis that is shorter. */
  readonly grid: number;
  /** The chance that a cell of the grid is kept. */
  readonly keep: number;
  readonly seed: number;
}

/**
 * RISE's masks: a coarse random grid, enlarged linearly (half-pixel centres) to one cell more than the input, and shifted at random by up
 * to that cell. Each mask depends on the seed and its index alone.
 * Petsiuk et al., "RISE: Randomized Input Sampling for Explanation of Black-box Models", BMVC 2018, section 3.2.
 */
export function riseMask({ shape, grid, keep, seed }: RiseRequest, index: number): Float32Array {
  const uniform = mulberry32(seed ^ Math.imul(index + 1, 0x9e3779b1));
  const cells = shape.map((length) => Math.min(grid, length));
  const coarse = Float32Array.from({ length: cells.reduce((a, b) => a * b, 1) }, () =>
    uniform() < keep ? 1 : 0,
  );
  const draw = below(uniform);
  return shape.reduce<Float32Array>((values, length, axis) => {
    const count = cells[axis] ?? 1;
    const size = Math.ceil(length / count);
    const before = shape.slice(0, axis).reduce((a, b) => a * b, 1);
    const after = cells.slice(axis + 1).reduce((a, b) => a * b, 1);
    return enlarged(values, { before, count, after }, { length, size, shift: draw(size) });
  }, coarse);
}

export const riseMasks = (request: RiseRequest, from: number, count: number): Masks => ({
  count,
  at: (index) => riseMask(request, from + index),
});

/** One axis of [before, count, after], enlarged to (count + 1) * size and cut to `length` from `shift` on. */
function enlarged(
  values: Float32Array,
  { before, count, after }: { before: number; count: number; after: number },
  { length, size, shift }: { length: number; size: number; shift: number },
): Float32Array {
  const scale = count / ((count + 1) * size);
  const out = new Float32Array(before * length * after);
  for (let i = 0; i < length; i++) {
    const position = (i + shift + 0.5) * scale - 0.5;
    const floor = Math.floor(position);
    const fraction = position - floor;
    const low = Math.max(0, Math.min(floor, count - 1));
    const high = Math.max(0, Math.min(floor + 1, count - 1));
    for (let b = 0; b < before; b++) {
      for (let a = 0; a < after; a++) {
        const lower = values[(b * count + low) * after + a] ?? 0;
        const upper = values[(b * count + high) * after + a] ?? 0;
        out[(b * length + i) * after + a] = lower + (upper - lower) * fraction;
      }
    }
  }
  return out;
}

/**
 * The mean score of the masks that keep a cell, weighted by how much of it they keep: sum of score times mask over the sum of the
 * masks, which varies less than the paper's division by their expectation.
 */
export class MaskedMean {
  private readonly weights: Float64Array;
  private readonly sums: Float64Array;
  private total = 0;
  private count = 0;

  constructor(private readonly cells: number) {
    this.weights = new Float64Array(cells);
    this.sums = new Float64Array(cells);
  }

  add(mask: Float32Array, score: number): void {
    for (let cell = 0; cell < mask.length; cell++) {
      const kept = mask[cell] ?? 0;
      this.weights[cell] = (this.weights[cell] ?? 0) + kept;
      this.sums[cell] = (this.sums[cell] ?? 0) + kept * score;
    }
    this.total += score;
    this.count++;
  }

  /** Of the samples of all parts. */
  static sum(parts: readonly MaskedMean[]): MaskedMean {
    const all = new MaskedMean(parts[0]?.cells ?? 0);
    for (const part of parts) {
      for (let cell = 0; cell < all.cells; cell++) {
        all.weights[cell] = (all.weights[cell] ?? 0) + (part.weights[cell] ?? 0);
        all.sums[cell] = (all.sums[cell] ?? 0) + (part.sums[cell] ?? 0);
      }
      all.total += part.total;
      all.count += part.count;
    }
    return all;
  }

  /** The paper's map less the mean score of all masks: 0 where keeping a cell changes nothing, and where no mask kept it. */
  evidence(): Float32Array {
    const mean = this.total / this.count;
    return mapInto(new Float32Array(this.sums.length), this.sums, (sum, cell) => {
      const weight = this.weights[cell] ?? 0;
      return weight === 0 ? 0 : sum / weight - mean;
    });
  }
}
