import type { MaskScores, Masks } from '../perturbation/masks';
import { compareDescending } from '../ranking';

/** A score against the share of cells that were removed or inserted. */
export interface Curve {
  /** From 0 to 1. */
  readonly fractions: Float64Array;
  readonly scores: Float64Array;
  /** Area under the curve by the trapezoidal rule, over the fraction of cells. */
  readonly auc: number;
}

export interface CurveRequest {
  /** The map, one value per cell: cells change in descending order of it, ties in order of place. */
  readonly map: ArrayLike<number>;
  /** Steps of equal size; the last one may be smaller. */
  readonly steps: number;
  readonly scores: MaskScores;
}

/**
 * Deletion: the cells that the map finds most important are replaced by the baseline first. A lower area is better.
 * Petsiuk et al., "RISE", BMVC 2018, section 4.2.
 */
export const deletionCurve = (request: CurveRequest): Promise<Curve> => curve(request, 1);

/** Insertion: the same cells are the first to appear on the baseline. A higher area is better. */
export const insertionCurve = (request: CurveRequest): Promise<Curve> => curve(request, 0);

async function curve({ map, steps, scores }: CurveRequest, initial: 0 | 1): Promise<Curve> {
  const cells = map.length;
  const size = Math.max(1, Math.ceil(cells / Math.max(1, steps)));
  const counts = [0];
  for (let done = 0; done < cells; ) {
    done = Math.min(done + size, cells);
    counts.push(done);
  }
  const order = Array.from({ length: cells }, (_, i) => i).sort((i, j) => compareDescending(map[i], map[j]));
  const masks: Masks = {
    count: counts.length,
    at(index) {
      const mask = new Float32Array(cells).fill(initial);
      for (const cell of order.slice(0, counts[index])) mask[cell] = 1 - initial;
      return mask;
    },
  };
  const fractions = Float64Array.from(counts, (count) => (cells === 0 ? 0 : count / cells));
  const found = await scores(masks);
  return { fractions, scores: found, auc: areaUnder(fractions, found) };
}

/** By the trapezoidal rule. */
export function areaUnder(x: Float64Array, y: Float64Array): number {
  let area = 0;
  for (let i = 1; i < x.length; i++) {
    area += (((x[i] ?? 0) - (x[i - 1] ?? 0)) * ((y[i] ?? 0) + (y[i - 1] ?? 0))) / 2;
  }
  return area;
}
