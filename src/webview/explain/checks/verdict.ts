import * as l10n from '@vscode/l10n';
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
    word: l10n.t('Believe'),
    icon: 'check',
    says: l10n.t('What the map marks is what the score depends on, as far as it was measured.'),
  },
  doubt: { word: l10n.t('Doubt'), icon: 'warning', says: l10n.t('Something speaks against this map.') },
  'no-evidence': {
    word: l10n.t('No evidence'),
    icon: 'nothing',
    says: l10n.t('There is nothing here to believe or to doubt.'),
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
      list(l10n.t('Reasons'), trust.reasons, 'reasons'),
      figureTable(trust),
      trust.notes.length === 0 ? null : list(l10n.t('How it was measured'), trust.notes, 'measured quiet'),
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
      name: l10n.t('Insertion AUC'),
      better: l10n.t('higher is better: what is marked brings the score back soon'),
      value: trust.insertionAuc,
      other: { name: l10n.t('random maps'), value: trust.randomInsertionAuc },
    },
    {
      name: l10n.t('Deletion AUC'),
      better: l10n.t('lower is better: without what is marked the score falls soon'),
      value: trust.deletionAuc,
      other: { name: l10n.t('random maps'), value: trust.randomDeletionAuc },
    },
    ...stages.map(({ layers, correlation }, i) => ({
      name:
        layers === 1
          ? l10n.t('With the weights of the last layer redrawn')
          : l10n.t('With the weights of {0} layers redrawn', layers),
      value: correlation,
      ...(i === 0 && { better: l10n.t('rank correlation with the map of that model; near 0 is better') }),
    })),
    {
      name: l10n.t('Map of another class'),
      better: l10n.t('rank correlation; near 1 it is the same map'),
      value: trust.otherClass,
    },
    {
      name: l10n.t('Change under small noise'),
      better: l10n.t('noise of 2 % of the input’s range'),
      value: sensitivity,
      ...(sensitivity !== null && { text: percent(sensitivity) }),
    },
    {
      name: l10n.t('Probability against the next class'),
      better: l10n.t('0.5 is undecided'),
      value: trust.certainty,
    },
    {
      name: l10n.t('Probability kept when the input moves'),
      better: l10n.t('by up to 8 % of an axis; near 1 is better'),
      value: trust.steadiness,
    },
    {
      name: l10n.t('Completeness error'),
      better: l10n.t('how far the values miss the change of the score'),
      value: completeness,
      ...(completeness !== null && { text: percent(completeness) }),
    },
  ];
}

function figureTable(trust: Trust): HTMLElement {
  return el(
    'table',
    { class: 'figures-of-trust' },
    el('caption', { class: 'hidden-text' }, l10n.t('What was measured')),
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        el('th', { scope: 'col' }, l10n.t('Measured')),
        el('th', { scope: 'col', class: 'number' }, l10n.t('This map')),
        el('th', { scope: 'col', class: 'number' }, l10n.t('Random maps')),
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
    el('td', { class: 'number' }, shown ?? el('span', { class: 'quiet' }, l10n.t('none'))),
    el(
      'td',
      { class: 'number quiet' },
      other === undefined || other.value === null ? '' : other.value.toFixed(3),
    ),
  );
}
