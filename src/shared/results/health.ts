import * as l10n from '@vscode/l10n';
import type { BackendName, Histogram } from '../model';

/** Statistics of one layer call before (`pre`) or after (`post`) its activation, for one input. */
export interface StageHealth {
  readonly path: string;
  readonly className: string;
  readonly stage: 'pre' | 'post';
  /** Which output of the call; 0 for `pre`. */
  readonly output: number;
  /** Batch axis first. */
  readonly shape: readonly number[];
  /** Of all values except NaN, including infinities; NaN where there are no others. */
  readonly min: number;
  readonly max: number;
  /** Of the finite values; NaN where there are none. */
  readonly mean: number;
  readonly std: number;
  /** Numbers of values. */
  readonly negative: number;
  readonly zero: number;
  readonly nan: number;
  readonly inf: number;
  /** After a rectifier: channels (units of a vector) whose values are all 0; `null` elsewhere. */
  readonly deadChannels: number | null;
  /** How many channels there are where `deadChannels` is a number. */
  readonly channels: number | null;
  /** After a sigmoid, tanh and the like: the share 0..1 of values where its slope is below 0.01; `null` elsewhere. */
  readonly saturated: number | null;
}

/** The first layer in graph order that gives NaN or an infinity. */
export interface FirstBad {
  readonly path: string;
  /** `NaN: channel 2, moving_variance = -1`: the kinds of values and their cause: a weight, the input or the operation. */
  readonly why: string;
}

/** `First NaN: batch_normalization, channel 2, moving_variance = -1.` */
export function firstBadText({ path, why }: FirstBad): string {
  const [words = '', ...cause] = why.split(': ');
  return l10n.t('First {0}: {1}, {2}.', words, path, cause.join(': '));
}

export interface UnknownValues {
  readonly path: string;
  /** The layer that makes them unknown. */
  readonly because: string;
}

/** A row of the health table, with what its sparkline draws. */
export interface HealthRow extends StageHealth {
  readonly histogram: Histogram;
}

/** All layers of a model for one input, in graph order. */
export interface ModelHealth {
  readonly backend: BackendName;
  readonly layers: readonly HealthRow[];
  readonly firstBad: FirstBad | null;
  /** Layers whose values are unknown. */
  readonly unknown: readonly UnknownValues[];
}
