/** A block of an array (HDF5's hyperslab): its start and its size along each axis. */
export interface Slab {
  readonly offset: bigint[];
  readonly count: bigint[];
  /** Elements. */
  readonly length: number;
}

/**
 * Splits a non-empty row-major array into consecutive blocks of at most `limit` elements (at least 1).
 * @returns `largest`: the most elements that a block has.
 */
export function slabs(shape: readonly number[], limit: number): { largest: number; all: Iterable<Slab> } {
  // Axes after `axis` are taken whole, those before it one index at a time, `axis` itself some rows at a time.
  let axis = shape.length;
  let inner = 1;
  while (axis > 0 && inner * (shape[axis - 1] ?? 1) <= limit) inner *= shape[--axis] ?? 1;
  const split = axis - 1;
  if (split < 0)
    return {
      largest: inner,
      all: [{ offset: shape.map(() => 0n), count: shape.map(BigInt), length: inner }],
    };
  const rows = Math.max(1, Math.floor(limit / inner));
  return { largest: rows * inner, all: walk(shape, split, rows, inner) };
}

function* walk(shape: readonly number[], split: number, rows: number, inner: number): Generator<Slab> {
  const outer = shape.slice(0, split).reduce((product, size) => product * size, 1);
  const size = shape[split] ?? 1;
  for (let block = 0; block < outer; block++) {
    const index = new Array<number>(split);
    for (let axis = split - 1, rest = block; axis >= 0; axis--) {
      const length = shape[axis] ?? 1;
      index[axis] = rest % length;
      rest = Math.floor(rest / length);
    }
    for (let row = 0; row < size; row += rows) {
      const count = Math.min(rows, size - row);
      yield {
        offset: shape.map((_, axis) => BigInt(axis < split ? (index[axis] ?? 0) : axis === split ? row : 0)),
        count: shape.map((length, axis) => BigInt(axis < split ? 1 : axis === split ? count : length)),
        length: count * inner,
      };
    }
  }
}
