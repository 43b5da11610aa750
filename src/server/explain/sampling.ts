import { fullCount } from '../../shared/amounts';
import { jackknifeErrors, reliability, STABLE } from './perturbation/reliability';

/** Parts of the samples, from which the uncertainty is estimated. */
const BLOCKS = 10;
/**
 * Bytes for each value of an estimate from sums or moments: two numbers per block and of their sum, and for the jackknife one per block and
 * two of each sum, which are not collected before the next ones are made.
 */
export const BYTES_PER_SAMPLED_VALUE = (2 * BLOCKS + 1) * 16 + BLOCKS * 8;
/** Fewer samples do not tell how certain they are. */
export const MIN_SAMPLES = 2 * BLOCKS;

/**
 * Estimates from samples that can be added up: the samples are divided into blocks, so that estimates from some of them tell how far
 * chance decides.
 */
export class Blocks<T> {
  private readonly blocks: T[];

  constructor(
    empty: () => T,
    private readonly sum: (blocks: readonly T[]) => T,
    private readonly estimate: (of: T) => ArrayLike<number>,
  ) {
    this.blocks = Array.from({ length: BLOCKS }, empty);
  }

  /** Where the sample of this index is to be added. */
  block(index: number): T {
    const found = this.blocks[index % BLOCKS];
    if (found === undefined) throw new RangeError(`There is no sample ${index}.`);
    return found;
  }

  whole(): T {
    return this.sum(this.blocks);
  }

  /** Of the ranking: even against odd blocks. */
  reliability(): number {
    const half = (parity: number): ArrayLike<number> =>
      this.estimate(this.sum(this.blocks.filter((_, i) => i % 2 === parity)));
    return reliability(half(0), half(1));
  }

  /** Standard error of each value. */
  errors(): Float64Array {
    return jackknifeErrors(
      this.blocks.map((_, left) => this.estimate(this.sum(this.blocks.filter((__, i) => i !== left)))),
    );
  }
}

interface Sampled {
  readonly samples: number;
  /** Standard errors of the values. */
  readonly errors: ArrayLike<number>;
  readonly reliability: number;
  /** "groups", "positions". */
  readonly what: string;
}

/** How certain a sampled map is, and whether its ranking is; nothing about a score that never changes. */
export function samplingNotices({ samples, errors, reliability: found, what }: Sampled): string[] {
  const largest = Array.from(errors).reduce((a, b) => Math.max(a, b), 0);
  if (largest === 0) return [];
  const error = Number(largest.toPrecision(2));
  const after = `after ${fullCount(samples)} samples`;
  const notices = [`Chance moves the values by up to ±${error} (standard error) ${after}.`];
  if (found >= STABLE) return notices;
  const how = Number.isNaN(found) ? '' : ` (reliability ${found.toFixed(2)}, wanted ${STABLE})`;
  return [
    ...notices,
    `The ranking of the ${what} is not stable ${after}${how}: another seed gives another one. Give more samples.`,
  ];
}
