/** A dense matrix in double precision, row-major. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

export const zeros = (rows: number, columns: number): Matrix => ({
  rows,
  columns,
  values: new Float64Array(rows * columns),
});

/** @param of the entry of a row and a column. */
export function matrixOf(rows: number, columns: number, of: (row: number, column: number) => number): Matrix {
  const made = zeros(rows, columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) made.values[i * columns + j] = of(i, j);
  return made;
}

export const at = ({ columns, values }: Matrix, row: number, column: number): number =>
  values[row * columns + column] ?? 0;

export function put({ columns, values }: Matrix, row: number, column: number, value: number): void {
  values[row * columns + column] = value;
}

export const copyOf = ({ rows, columns, values }: Matrix): Matrix => ({
  rows,
  columns,
  values: values.slice(),
});

export const identity = (rows: number, columns = rows): Matrix =>
  matrixOf(rows, columns, (i, j) => (i === j ? 1 : 0));

export const transposed = (a: Matrix): Matrix => matrixOf(a.columns, a.rows, (i, j) => at(a, j, i));

export function multiply(a: Matrix, b: Matrix): Matrix {
  const product = zeros(a.rows, b.columns);
  for (let i = 0; i < a.rows; i++) {
    for (let k = 0; k < a.columns; k++) {
      const factor = at(a, i, k);
      if (factor === 0) continue;
      for (let j = 0; j < b.columns; j++) {
        const place = i * b.columns + j;
        product.values[place] = (product.values[place] ?? 0) + factor * at(b, k, j);
      }
    }
  }
  return product;
}

/** The product of several matrices, from the left. */
export const product = (first: Matrix, ...others: readonly Matrix[]): Matrix =>
  others.reduce(multiply, first);

export const plus = (a: Matrix, b: Matrix, factor = 1): Matrix => ({
  ...a,
  values: a.values.map((value, i) => value + factor * (b.values[i] ?? 0)),
});

export const minus = (a: Matrix, b: Matrix): Matrix => plus(a, b, -1);

export const scaled = (a: Matrix, factor: number): Matrix => ({
  ...a,
  values: a.values.map((value) => value * factor),
});

/** Entry by entry. */
export const times = (a: Matrix, b: Matrix): Matrix => ({
  ...a,
  values: a.values.map((value, i) => value * (b.values[i] ?? 0)),
});

/** The square matrix with `values` on its diagonal. */
export const onDiagonal = (values: ArrayLike<number>): Matrix =>
  matrixOf(values.length, values.length, (i, j) => (i === j ? (values[i] ?? 0) : 0));

/** Columns from `start` up to `stop`. */
export const columnsOf = (a: Matrix, start: number, stop: number): Matrix =>
  matrixOf(a.rows, stop - start, (i, j) => at(a, i, start + j));

/** Zeros above the diagonal, or below it. */
export const lowerOf = (a: Matrix): Matrix =>
  matrixOf(a.rows, a.columns, (i, j) => (j <= i ? at(a, i, j) : 0));
export const upperOf = (a: Matrix): Matrix =>
  matrixOf(a.rows, a.columns, (i, j) => (j >= i ? at(a, i, j) : 0));

export function swapRows(a: Matrix, i: number, j: number): void {
  if (i === j) return;
  for (let column = 0; column < a.columns; column++) {
    const kept = at(a, i, column);
    put(a, i, column, at(a, j, column));
    put(a, j, column, kept);
  }
}

export function swapColumns(a: Matrix, i: number, j: number): void {
  if (i === j) return;
  for (let row = 0; row < a.rows; row++) {
    const kept = at(a, row, i);
    put(a, row, i, at(a, row, j));
    put(a, row, j, kept);
  }
}
