import type { TargetChoice } from '../../../shared/explanation';
import type { BackwardWalk, Seed } from '../../run/backward';
import type { RectifierRule } from '../../run/rectifierRules';
import type { Trace } from '../../run/trace';
import type { Scores } from '../score';
import { type ChosenTarget, createSeed } from '../target';

/** Caches the walks of a trace, so that another layer or method on the same score continues where the last one stopped. */
export interface Walks {
  get(key: string, rule: RectifierRule, seed: () => Seed): BackwardWalk;
  /** Bytes of the kept gradients. */
  readonly bytes: number;
}

/** A score that was chosen. */
export interface ChosenScore extends Pick<ChosenTarget, 'target' | 'score'> {
  readonly choice: TargetChoice;
  readonly scores: Scores;
}

/** The walk from a score, shared by everything that differentiates it. */
export function walkOf(
  trace: Trace,
  walks: Walks,
  { choice, scores, target, score }: ChosenScore,
  rule: RectifierRule,
): BackwardWalk {
  const key = JSON.stringify([choice, target.index, target.score]);
  return walks.get(`${key}/${rule.name}`, rule, () => createSeed(trace.runtime.tf, trace, scores, score));
}
