import type { Trust, Verdict } from '../shared/results/trust';

const WORDS: Readonly<Record<Verdict, string>> = {
  believe: 'Believe',
  doubt: 'Doubt',
  'no-evidence': 'No evidence',
};

export function trustLines(trust: Trust): string[] {
  const figures: readonly (readonly [string, number | null])[] = [
    ['insertion AUC', trust.insertionAuc],
    ['  of random maps', trust.randomInsertionAuc],
    ['deletion AUC', trust.deletionAuc],
    ['  of random maps', trust.randomDeletionAuc],
    ['correlation after redrawing the weights', trust.randomisation],
    ['correlation with another class', trust.otherClass],
    ['change under small noise', trust.sensitivity],
    ['probability against the next class', trust.certainty],
    ['probability kept when the input moves', trust.steadiness],
    ['completeness error', trust.completeness],
  ];
  return [
    `Trust: ${WORDS[trust.verdict]}.`,
    ...trust.reasons.map((reason) => `  ${reason}`),
    ...figures.map(([name, value]) => `  ${name.padEnd(40)}${value === null ? '-' : value.toFixed(3)}`),
    ...trust.notes.map((note) => `  Note: ${note}`),
  ];
}
