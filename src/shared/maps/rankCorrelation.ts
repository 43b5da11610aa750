import { mapInto } from '../mapInto';

/** Correlations of two maps with the same number of values. Each is NaN where one of the maps is constant. */

/** Pearson's product-moment correlation. */
export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let [both, squareA, squareB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const x = (a[i] ?? Number.NaN) - meanA;
    const y = (b[i] ?? Number.NaN) - meanB;
    both += x * y;
    squareA += x * x;
    squareB += y * y;
  }
  return both / Math.sqrt(squareA * squareB);
}

/** Spearman's rank correlation: Pearson's of the ranks. */
export const spearman = (a: ArrayLike<number>, b: ArrayLike<number>): number => pearson(ranks(a), ranks(b));

/** The rank of each value from 1 on, smallest first; equal values share the mean of their ranks. */
export function ranks(values: ArrayLike<number>): Float64Array {
  const order = sortedBy(values.length, (i) => values[i] ?? Number.NaN);
  const ranked = new Float64Array(values.length);
  for (const [start, stop] of runsOfEqual(order, (i) => values[i])) {
    for (let place = start; place < stop; place++) ranked[order[place] ?? 0] = (start + 1 + stop) / 2;
  }
  return ranked;
}

/**
 * Kendall's tau-b, which allows for ties: concordant minus discordant pairs over the geometric mean of the pairs without a tie
 * in `a` and in `b`. By Knight's algorithm (1966), O(n log n).
 */
export function kendall(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const rankA = ranks(a);
  const rankB = ranks(b);
  const at = (from: Float64Array, i: number): number => from[i] ?? 0;
  // Ranks are at most n, and halves: one number holds both.
  const width = 2 * a.length + 2;
  const order = sortedBy(a.length, (i) => 2 * at(rankA, i) * width + 2 * at(rankB, i));
  const pairs = (a.length * (a.length - 1)) / 2;
  const tiedA = tiedPairs(order, (i) => rankA[i]);
  const tiedBoth = tiedPairs(order, (i) => at(rankA, i) * width + at(rankB, i));
  const sequence = mapInto(new Float64Array(order.length), order, (i) => at(rankB, i));
  const discordant = inversions(sequence, new Float64Array(a.length), 0, a.length);
  const byB = sortedBy(a.length, (i) => at(rankB, i));
  const tiedB = tiedPairs(byB, (i) => rankB[i]);
  const concordant = pairs - tiedA - tiedB + tiedBoth - discordant;
  return (concordant - discordant) / Math.sqrt((pairs - tiedA) * (pairs - tiedB));
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? Number.NaN;
  return sum / values.length;
}

function sortedBy(count: number, key: (index: number) => number): Uint32Array {
  const keys = Float64Array.from({ length: count }, (_, i) => key(i));
  return Uint32Array.from({ length: count }, (_, i) => i).sort((i, j) => {
    const [x = 0, y = 0] = [keys[i], keys[j]];
    return x === y ? i - j : x - y;
  });
}

/** [start, stop) of each run of places whose values are equal. */
function* runsOfEqual(
  order: Uint32Array,
  value: (index: number) => number | undefined,
): Generator<[number, number]> {
  for (let start = 0; start < order.length; ) {
    let stop = start + 1;
    while (stop < order.length && value(order[stop] ?? 0) === value(order[start] ?? 0)) stop++;
    yield [start, stop];
    start = stop;
  }
}

function tiedPairs(order: Uint32Array, value: (index: number) => number | undefined): number {
  let pairs = 0;
  for (const [start, stop] of runsOfEqual(order, value)) pairs += ((stop - start) * (stop - start - 1)) / 2;
  return pairs;
}

/** Sorts a range in place and counts its pairs that were in descending order. */
function inversions(values: Float64Array, spare: Float64Array, start: number, stop: number): number {
  if (stop - start < 2) return 0;
  const middle = (start + stop) >> 1;
  let count = inversions(values, spare, start, middle) + inversions(values, spare, middle, stop);
  let [left, right] = [start, middle];
  for (let place = start; place < stop; place++) {
    const [low = 0, high = 0] = [values[left], values[right]];
    if (right >= stop || (left < middle && low <= high)) {
      spare[place] = low;
      left++;
    } else {
      spare[place] = high;
      right++;
      count += middle - left;
    }
  }
  values.set(spare.subarray(start, stop), start);
  return count;
}
