import { cholesky, solveTriangular } from '../../operations/linearAlgebra/elimination';
import { type Matrix, matrixOf, transposed } from '../../operations/linearAlgebra/matrix';

/** The sums of a weighted least-squares fit of scores on coalitions (rows of 0 and 1), so that no row has to be kept. */
export class NormalEquations {
  /** Sum of weights. */
  weight = 0;
  /** Sum of weight * score and of weight * score^2. */
  score = 0;
  square = 0;
  /** Sums of weight * z, of weight * z * score and of weight * z z^T (row-major). */
  readonly z: Float64Array;
  readonly zScore: Float64Array;
  readonly zz: Float64Array;

  constructor(readonly size: number) {
    this.z = new Float64Array(size);
    this.zScore = new Float64Array(size);
    this.zz = new Float64Array(size * size);
  }

  add(coalition: Uint8Array, score: number, weight = 1): void {
    this.weight += weight;
    this.score += weight * score;
    this.square += weight * score * score;
    const members: number[] = [];
    for (let group = 0; group < this.size; group++) if (coalition[group] === 1) members.push(group);
    for (const i of members) {
      this.z[i] = (this.z[i] ?? 0) + weight;
      this.zScore[i] = (this.zScore[i] ?? 0) + weight * score;
      for (const j of members) {
        const place = i * this.size + j;
        this.zz[place] = (this.zz[place] ?? 0) + weight;
      }
    }
  }
}

/** Of the rows of all parts, at least one. */
export function sumOf(parts: readonly NormalEquations[]): NormalEquations {
  const sum = new NormalEquations(parts[0]?.size ?? 0);
  for (const part of parts) {
    sum.weight += part.weight;
    sum.score += part.score;
    sum.square += part.square;
    for (const key of ['z', 'zScore', 'zz'] as const) {
      for (let i = 0; i < sum[key].length; i++) sum[key][i] = (sum[key][i] ?? 0) + (part[key][i] ?? 0);
    }
  }
  return sum;
}

/** x with `A x = b` for each column of `b`; A is symmetric and positive definite. */
export function solveSymmetric(a: Matrix, b: Matrix): Matrix {
  const lower = cholesky(a);
  return solveTriangular(transposed(lower), solveTriangular(lower, b, 'lower'), 'upper');
}

/** Columns as a matrix. */
export const columns = (...vectors: readonly ArrayLike<number>[]): Matrix =>
  matrixOf(vectors[0]?.length ?? 0, vectors.length, (row, column) => vectors[column]?.[row] ?? 0);
