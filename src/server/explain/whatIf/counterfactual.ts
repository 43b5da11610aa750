import * as l10n from '@vscode/l10n';
import { durationText } from '../../../shared/amounts';
import { fail } from '../../../shared/errors';
import type { Prediction, TargetChoice } from '../../../shared/explanation';
import { mapInto } from '../../../shared/mapInto';
import { type OptionValues, optionsOf } from '../../../shared/methods';
import type { Control } from '../../run/control';
import type { Trace } from '../../run/trace';
import { failNoPlace, type ReadArray } from '../explain';
import { type GamePart, gameOf } from '../game';
import { checkMemory } from '../memory';
import { Passes } from '../passes';
import { layoutAt, placesOf } from '../places';
import { predictions, readScores } from '../score';
import { type Decision, decisionOf } from './decision';
import { type Flip, smallestFlip } from './smallestFlip';

export interface CounterfactualRequest {
  readonly target: TargetChoice;
  readonly labels: readonly string[];
  /** `groups`, `segments` and `baseline`, as of feature ablation; what else a method has is ignored. */
  readonly options?: OptionValues;
  /** The user wants the search at any cost. */
  readonly insist?: boolean;
}

/** What is removed of one input. */
export interface RemovedCells {
  readonly input: string;
  readonly inputIndex: number;
  readonly groups: number;
  readonly removedGroups: number;
  /** Sizes of the axes of space or time; the columns of a table. */
  readonly shape: readonly number[];
  /** 1 where the baseline stands. */
  readonly mask: Uint8Array;
}

export interface Counterfactual extends Flip {
  readonly decision: Decision;
  readonly groups: number;
  readonly isVerified: boolean;
  readonly before: readonly Prediction[];
  readonly after: readonly Prediction[];
  /** Of the inputs of which something is removed. */
  readonly cells: readonly RemovedCells[];
  readonly baseline: string;
  readonly passes: number;
}

const OPTIONS = ['groups', 'segments', 'baseline'];
/** A search that is estimated to take longer needs the user's confirmation. */
const MAX_MILLISECONDS = 60_000;
/** Rounds over all groups that a typical search takes, for the estimate. */
const TYPICAL_ROUNDS = 5;

/**
 * What would change the prediction: the smallest set of groups found whose removal does, verified by one more run.
 * @throws Failure `not-applicable`, `no-such-target`, `bad-input`, `too-costly`, `cancelled`.
 */
export async function counterfactual(
  trace: Trace,
  { target, labels, options = {}, insist = false }: CounterfactualRequest,
  control: Control,
  readArray: ReadArray,
): Promise<Counterfactual> {
  const scores = await readScores(trace, target.output ?? 0);
  const decision = decisionOf(scores, target);
  const places = placesOf(trace);
  if (places.length === 0) failNoPlace(trace);
  if (!insist) checkMemory(l10n.t('A search for the smallest change'), trace, places);
  const asked = Object.fromEntries(Object.entries(options).filter(([name]) => OPTIONS.includes(name)));
  const checked = optionsOf('feature-ablation', asked);
  const game = await gameOf({ trace, places, options: checked, readArray });
  const passes = new Passes({ trace, scores, score: decision.margin, control: inRounds(control) });
  passes.whenMeasured = (forwardTime) => {
    const ms = TYPICAL_ROUNDS * game.groups * forwardTime;
    if (insist || ms <= MAX_MILLISECONDS) return;
    fail(
      'too-costly',
      l10n.t('Removing {0} groups in turn takes about {1}.', game.groups, durationText(ms)),
      {
        remedy: l10n.t('Choose fewer groups (segments), or run it anyway.'),
      },
    );
  };
  const coalition = (removed: readonly number[]): Uint8Array => {
    const kept = new Uint8Array(game.groups).fill(1);
    for (const group of removed) kept[group] = 0;
    return kept;
  };
  const found = await smallestFlip(game.groups, (sets) =>
    passes.scores(game.changed(sets.length, (index) => coalition(sets[index] ?? []))),
  );
  const final = game.changed(1, () => coalition(found.removed));
  const after = await passes.predicted(final.at, final.values(0));
  return {
    ...found,
    decision,
    groups: game.groups,
    isVerified: found.isFound && decision.isChanged(after),
    before: predictions(scores, labels),
    after: predictions(after, labels),
    cells: game.parts.flatMap((part) => removedCells(trace, part, found.removed)),
    baseline: String(checked.baseline),
    passes: 1 + passes.forward,
  };
}

/** The progress of rounds of which nobody knows how many follow: each takes half of what is left. */
function inRounds(control: Control): Control {
  let [round, last] = [0, 0];
  return {
    isCancelled: () => control.isCancelled(),
    report(fraction) {
      if (fraction < last) round++;
      last = fraction;
      const share = 1 - 0.5 ** (round + 1) * (2 - fraction);
      control.report(
        share,
        round === 0
          ? l10n.t('Removing each group in turn')
          : l10n.t('Removing more groups, round {0}', round + 1),
      );
    },
  };
}

function removedCells(
  trace: Trace,
  { place, groups, first }: GamePart,
  removed: readonly number[],
): RemovedCells[] {
  const own = new Set(removed.map((group) => group - first));
  const cells = mapInto(new Uint8Array(groups.of.length), groups.of, (group) => (own.has(group) ? 1 : 0));
  const removedGroups = removed.filter((group) => group >= first && group < first + groups.count).length;
  if (removedGroups === 0) return [];
  const positions = place.spatial.reduce((a, b) => a * b, 1);
  // Groups of a file may be of single values: a position counts where any of its values is removed.
  const channels = groups.of.length / Math.max(1, positions);
  const isFirst = layoutAt(trace, place.place.ref).channel === 0;
  const mask = Uint8Array.from({ length: positions }, (_, position) => {
    for (let c = 0; c < channels; c++)
      if (cells[isFirst ? c * positions + position : position * channels + c] === 1) return 1;
    return 0;
  });
  const { input, index } = place.place;
  return [{ input, inputIndex: index, groups: groups.count, removedGroups, shape: place.spatial, mask }];
}
