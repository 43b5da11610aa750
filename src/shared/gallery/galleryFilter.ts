import type { InputPrediction } from '../results/gallery';
import type { Checked } from '../schemas';
import type { galleryFilter } from './gallerySchemas';

/** Which inputs a gallery shows, and in which order. */
export type GalleryFilter = Checked<typeof galleryFilter>;

export const ALL_INPUTS: GalleryFilter = { show: 'all', class: null, order: 'listed' };

/** Below this distance between the probabilities of the two strongest classes a prediction is unsure. */
export const UNSURE_MARGIN = 0.2;

/** What is known of the inputs, in the order of their list. */
export interface KnownInputs {
  readonly truths: readonly (number | null)[];
  /** `null` where one is not predicted yet, or cannot be. */
  readonly predictions: readonly (Pick<InputPrediction, 'index' | 'margin'> | null | undefined)[];
}

export const isWrong = ({ truths, predictions }: KnownInputs, at: number): boolean => {
  const [truth, prediction] = [truths[at] ?? null, predictions[at] ?? null];
  return truth !== null && prediction !== null && prediction.index !== truth;
};

const isUnsure = ({ predictions }: KnownInputs, at: number): boolean => {
  const margin = predictions[at]?.margin ?? null;
  return margin !== null && margin < UNSURE_MARGIN;
};

/** The places of the inputs that a filter shows, in its order. */
export function shownInputs(known: KnownInputs, filter: GalleryFilter): readonly number[] {
  const { truths, predictions } = known;
  const fits = (at: number): boolean => {
    if (filter.show === 'wrong' && !isWrong(known, at)) return false;
    if (filter.show === 'unsure' && !isUnsure(known, at)) return false;
    if (filter.class === null) return true;
    const found = filter.class.of === 'truth' ? truths[at] : predictions[at]?.index;
    return found === filter.class.index;
  };
  const places = Array.from(truths.keys()).filter(fits);
  if (filter.order === 'listed') return places;
  const key = (at: number): number => predictions[at]?.margin ?? Number.POSITIVE_INFINITY;
  return places.sort((a, b) => key(a) - key(b) || a - b);
}

export interface Accuracy {
  readonly correct: number;
  /** Inputs that have a label and are predicted. */
  readonly count: number;
}

/** How many of the labelled inputs that are predicted are predicted as their labels say. */
export function accuracyOf({ truths, predictions }: KnownInputs): Accuracy {
  let [correct, count] = [0, 0];
  for (const [at, truth] of truths.entries()) {
    const prediction = predictions[at] ?? null;
    if (truth === null || prediction === null) continue;
    count += 1;
    if (prediction.index === truth) correct += 1;
  }
  return { correct, count };
}
