import type { TargetChoice } from '../../../shared/explanation';
import type { BackwardWalk, Seed } from '../../run/backward';
import type { RectifierRule } from '../../run/rectifierRules';
import type { Trace } from '../../run/trace';
import type { Scores } from '../score';
import { createSeeds } from '../seed';
import type { ChosenTarget } from '../target';

/** Caches the walks of a trace, so that another layer or method on the same score continues where the last one stopped. */
export interface Walks {
  get(key: string, rule: RectifierRule, seed: () => Seed): BackwardWalk;
  /** Bytes of the kept gradients. */
  readonly bytes: number;
}

/** A score that was chosen. */
export interface ChosenScore extends Pick<ChosenTarget, 'target' | 'score'> {
  readonly scores: Scores;
}

/** The walk from a score of each example of a run, shared by everything that differentiates it. */
export function walkOf(
  trace: Trace,
  walks: Walks,
  choice: TargetChoice,
  each: readonly ChosenScore[],
  rule: RectifierRule,
): BackwardWalk {
  const key = JSON.stringify([choice, each.map(({ target }) => [target.index, target.score])]);
  return walks.get(`${key}/${rule.name}`, rule, () => createSeeds(trace.runtime.tf, trace, each));
}
