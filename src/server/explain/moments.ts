/** Number, mean and sum of squared deviations of vectors that are added one by one (Welford 1962; Chan et al. 1979). */
export class Moments {
  private count = 0;
  private readonly mean: Float64Array;
  private readonly squares: Float64Array;

  constructor(size: number) {
    this.mean = new Float64Array(size);
    this.squares = new Float64Array(size);
  }

  add(vector: ArrayLike<number>): void {
    this.merge(1, vector, null);
  }

  static sum(parts: readonly Moments[]): Moments {
    const all = new Moments(parts[0]?.mean.length ?? 0);
    for (const { count, mean, squares } of parts) all.merge(count, mean, squares);
    return all;
  }

  /** A function of the mean and of the variance, divided by the number of vectors, at each place. */
  map(statistic: (mean: number, variance: number) => number): Float64Array {
    return this.mean.map((mean, i) => statistic(mean, (this.squares[i] ?? 0) / Math.max(1, this.count)));
  }

  private merge(count: number, mean: ArrayLike<number>, squares: ArrayLike<number> | null): void {
    const total = this.count + count;
    if (count === 0) return;
    for (let i = 0; i < this.mean.length; i++) {
      const before = this.mean[i] ?? 0;
      const difference = (mean[i] ?? 0) - before;
      this.mean[i] = before + (difference * count) / total;
      this.squares[i] =
        (this.squares[i] ?? 0) + (squares?.[i] ?? 0) + (difference * difference * this.count * count) / total;
    }
    this.count = total;
  }
}
