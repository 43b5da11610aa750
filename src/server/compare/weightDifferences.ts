import * as l10n from '@vscode/l10n';
import type { WeightComparison } from '../../shared/compare/comparison';
import { isNumeric } from '../inspect/weights/weightStatistics';
import { type Control, checkpoint } from '../run/control';
import type { StoredWeight } from '../run/weights/storedWeights';
import { addSums, NO_SUMS, normSums, relativeNorm } from './arrayDifference';

/** The weights of a layer in both models. */
export interface WeightDifference {
  readonly weights: readonly WeightComparison[];
  /** As `LayerComparison.weightChange`. */
  readonly change: number | null;
  /** Euclidean norm of the difference, without values that are not finite; `null` where `change` is. */
  readonly distance: number | null;
}

/**
 * Compares the weights of one layer array by array: of each model one array is in memory at a time. Arrays are paired by their order where
 * their shapes are the same in both models, else by their names.
 * @param progress share of the whole work that is done
 * @throws Failure of reading a weight, `cancelled`
 */
export async function weightDifferences(
  a: readonly StoredWeight[],
  b: readonly StoredWeight[],
  control: Control,
  progress: number,
): Promise<WeightDifference> {
  let sums = NO_SUMS;
  const weights: WeightComparison[] = [];
  for (const [one, other] of pairsOf(a.filter(isNumeric), b.filter(isNumeric))) {
    const layer = one?.layer ?? other?.layer ?? '';
    await checkpoint(control, progress, l10n.t('Comparing the weights of {0}', layer));
    const shapes = { a: one?.shape ?? null, b: other?.shape ?? null };
    const name = one?.name ?? other?.name ?? '';
    if (one === undefined || other === undefined || !isSameShape(one.shape, other.shape)) {
      weights.push({ name, shapes, change: null });
      continue;
    }
    const own = normSums(await one.read(), await other.read());
    sums = addSums(sums, own);
    weights.push({ name, shapes, change: relativeNorm(own) });
  }
  const isComparable = weights.length > 0 && weights.every(({ change }) => change !== null);
  return {
    weights,
    change: isComparable ? relativeNorm(sums) : null,
    distance: isComparable ? Math.sqrt(sums.difference) : null,
  };
}

const isSameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis]);

type Pair = readonly [StoredWeight | undefined, StoredWeight | undefined];

function pairsOf(a: readonly StoredWeight[], b: readonly StoredWeight[]): Pair[] {
  const isInOrder = a.length === b.length && a.every(({ shape }, i) => isSameShape(shape, b[i]?.shape ?? []));
  if (isInOrder) return a.map((weight, i): Pair => [weight, b[i]]);
  const ofB = new Map(b.map((weight) => [weight.name, weight]));
  const names = new Set(a.map(({ name }) => name));
  return [
    ...a.map((weight): Pair => [weight, ofB.get(weight.name)]),
    ...b.filter(({ name }) => !names.has(name)).map((weight): Pair => [undefined, weight]),
  ];
}
