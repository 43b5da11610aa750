import type { MaybeShape } from '../model';

/** The names of a model's classes by index, where its settings have none. */
export interface FoundLabels {
  readonly labels: readonly string[];
  /** Where they come from, as a part of a sentence: a file's name, "ImageNet, in the order of keras.applications"; `null` without names. */
  readonly from: string | null;
  /** Sentences about what was found and cannot be used. */
  readonly ignored: readonly string[];
}

/** How many names an output takes: one for each unit, two for a single sigmoid; `null` where the shape is not known. */
export function classCount(shape: MaybeShape | undefined): number | null {
  const units = shape?.at(-1) ?? null;
  return units === 1 ? 2 : units;
}

/** The names for one output: found names belong to the outputs that take as many. */
export const labelsFor = (
  { labels }: Pick<FoundLabels, 'labels'>,
  shape: MaybeShape | undefined,
): readonly string[] => {
  const count = classCount(shape);
  return count === null || count === labels.length ? labels : [];
};
