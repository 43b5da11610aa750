import type { Trust, Verdict } from '../../../shared/results/trust';
import { el } from '../../dom';
import { formatNumber } from '../../format';
import { type IconName, icon } from '../../icons';
import type { Drawn } from './question';

/** The word and the shape tell the verdicts apart; the colour only helps. */
const CHIPS: Readonly<
  Record<Verdict, { readonly word: string; readonly icon: IconName; readonly says: string }>
> = {
  believe: {
    word: 'Believe',
    icon: 'check',
    says: 'What the map marks is what the score depends on, as far as it was measured.',
  },
  doubt: { word: 'Doubt', icon: 'warning', says: 'Something speaks against this map.' },
  'no-evidence': {
    word: 'No evidence',
    icon: 'nothing',
    says: 'There is nothing here to believe or to doubt.',
  },
};

/** The verdict, which opens into its reasons and the figures behind them. */
export function drawVerdict(trust: Trust): Drawn {
  const { word, icon: shape, says } = CHIPS[trust.verdict];
  return {
    headline: el(
      'span',
      { class: 'headline' },
      el('span', { class: `chip ${trust.verdict}` }, icon(shape), word),
      el('span', { class: 'hidden-text' }, ': '),
      el('span', {}, says),
    ),
    details: [
      list('Reasons', trust.reasons, 'reasons'),
      figureTable(trust),
      trust.notes.length === 0 ? null : list('How it was measured', trust.notes, 'measured quiet'),
    ],
  };
}

function list(label: string, sentences: readonly string[], name: string): HTMLElement {
  return el(
    'ul',
    { class: name, 'aria-label': label },
    ...sentences.map((sentence) => el('li', {}, sentence)),
  );
}

interface Figure {
  readonly name: string;
  /** Which values speak for the map. */
  readonly better?: string;
  readonly value: number | null;
  readonly text?: string;
  /** What it is compared with. */
  readonly other?: { readonly name: string; readonly value: number | null };
}

const percent = (share: number): string => `${formatNumber(Number((share * 100).toPrecision(2)))} %`;

function figuresOf(trust: Trust): readonly Figure[] {
  const { randomisationStages: stages, sensitivity, completeness } = trust;
  return [
    {
      name: 'Insertion AUC',
      better: 'higher is better: what is marked brings the score back soon',
      value: trust.insertionAuc,
      other: { name: 'random maps', value: trust.randomInsertionAuc },
    },
    {
      name: 'Deletion AUC',
      better: 'lower is better: without what is marked the score falls soon',
      value: trust.deletionAuc,
      other: { name: 'random maps', value: trust.randomDeletionAuc },
    },
    ...stages.map(({ layers, correlation }, i) => ({
      name: `With the weights of ${layers === 1 ? 'the last layer' : `${layers} layers`} redrawn`,
      value: correlation,
      ...(i === 0 && { better: 'rank correlation with the map of that model; near 0 is better' }),
    })),
    {
      name: 'Map of another class',
      better: 'rank correlation; near 1 it is the same map',
      value: trust.otherClass,
    },
    {
      name: 'Change under small noise',
      better: 'noise of 2 % of the input’s range',
      value: sensitivity,
      ...(sensitivity !== null && { text: percent(sensitivity) }),
    },
    {
      name: 'Probability against the next class',
      better: '0.5 is undecided',
      value: trust.certainty,
    },
    {
      name: 'Probability kept when the input moves',
      better: 'by up to 8 % of an axis; near 1 is better',
      value: trust.steadiness,
    },
    {
      name: 'Completeness error',
      better: 'how far the values miss the change of the score',
      value: completeness,
      ...(completeness !== null && { text: percent(completeness) }),
    },
  ];
}

function figureTable(trust: Trust): HTMLElement {
  return el(
    'table',
    { class: 'figures-of-trust' },
    el('caption', { class: 'hidden-text' }, 'What was measured'),
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        el('th', { scope: 'col' }, 'Measured'),
        el('th', { scope: 'col', class: 'number' }, 'This map'),
        el('th', { scope: 'col', class: 'number' }, 'Random maps'),
      ),
    ),
    el('tbody', {}, ...figuresOf(trust).map(figureRow)),
  );
}

function figureRow({ name, better, value, text, other }: Figure): HTMLElement {
  const shown = value === null ? null : (text ?? value.toFixed(3));
  return el(
    'tr',
    { class: value === null ? 'not-measured' : null },
    el(
      'th',
      { scope: 'row' },
      name,
      better === undefined ? null : el('span', { class: 'better quiet' }, better),
    ),
    el('td', { class: 'number' }, shown ?? el('span', { class: 'quiet' }, 'none')),
    el(
      'td',
      { class: 'number quiet' },
      other === undefined || other.value === null ? '' : other.value.toFixed(3),
    ),
  );
}
