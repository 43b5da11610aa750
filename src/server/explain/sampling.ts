import * as l10n from '@vscode/l10n';
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
  /** What is ranked. */
  readonly what: keyof typeof UNSTABLE;
}

/** By what is ranked; the reliability is `null` where too few samples tell it. */
const UNSTABLE = {
  groups: (samples: string, found: string | null): string =>
    found === null
      ? l10n.t(
          'The ranking of the groups is not stable after {0} samples: another seed gives another one. Give more samples.',
          samples,
        )
      : l10n.t(
          'The ranking of the groups is not stable after {0} samples (reliability {1}, wanted {2}): another seed gives another one. Give more samples.',
          samples,
          found,
          STABLE,
        ),
  positions: (samples: string, found: string | null): string =>
    found === null
      ? l10n.t(
          'The ranking of the positions is not stable after {0} samples: another seed gives another one. Give more samples.',
          samples,
        )
      : l10n.t(
          'The ranking of the positions is not stable after {0} samples (reliability {1}, wanted {2}): another seed gives another one. Give more samples.',
          samples,
          found,
          STABLE,
        ),
  values: (samples: string, found: string | null): string =>
    found === null
      ? l10n.t(
          'The ranking of the values is not stable after {0} samples: another seed gives another one. Give more samples.',
          samples,
        )
      : l10n.t(
          'The ranking of the values is not stable after {0} samples (reliability {1}, wanted {2}): another seed gives another one. Give more samples.',
          samples,
          found,
          STABLE,
        ),
};

/** How certain a sampled map is, and whether its ranking is; nothing about a score that never changes. */
export function samplingNotices({ samples, errors, reliability: found, what }: Sampled): string[] {
  const largest = Array.from(errors).reduce((a, b) => Math.max(a, b), 0);
  if (largest === 0) return [];
  const error = Number(largest.toPrecision(2));
  const count = fullCount(samples);
  const notices = [
    l10n.t('Chance moves the values by up to ±{0} (standard error) after {1} samples.', error, count),
  ];
  if (found >= STABLE) return notices;
  return [...notices, UNSTABLE[what](count, Number.isNaN(found) ? null : found.toFixed(2))];
}
