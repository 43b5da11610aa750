import * as l10n from '@vscode/l10n';
import {
  type GalleryFilter,
  type KnownInputs,
  shownInputs,
  UNSURE_MARGIN,
} from '../../shared/gallery/galleryFilter';
import type { OutputKind } from '../../shared/results/gallery';
import { el } from '../dom';
import { formatCount, formatShare } from '../format';
import { field, type SelectOption, segments, select } from '../ui';
import { className } from './tileTexts';

const ANY = 'any';
/** Classes that are offered; of a thousand only those that occur. */
const MAX_CLASSES = 1000;

/** Which inputs are shown: all, wrong or unsure ones, of a class, in an order. */
export function filterBar(onChange: (filter: GalleryFilter) => void): {
  readonly element: HTMLElement;
  show(
    filter: GalleryFilter,
    known: KnownInputs,
    about: { readonly labels: readonly string[]; readonly kind: OutputKind | null },
  ): void;
} {
  let filter: GalleryFilter | null = null;
  const change = (part: Partial<GalleryFilter>) => {
    if (filter !== null) onChange({ ...filter, ...part });
  };
  const show = segments<GalleryFilter['show']>(
    l10n.t('Show'),
    [
      { value: 'all', label: l10n.t('All') },
      { value: 'wrong', label: l10n.t('Wrong'), title: l10n.t('Not predicted as labelled') },
      {
        value: 'unsure',
        label: l10n.t('Unsure'),
        title: l10n.t(
          'The probabilities of the two strongest classes differ by less than {0}',
          formatShare(UNSURE_MARGIN),
        ),
      },
    ],
    (value) => change({ show: value }),
  );
  const classes = select<string>([], (value) => {
    const [of, index] = value.split(' ');
    const isClass = of === 'prediction' || of === 'truth';
    change({ class: isClass ? { of, index: Number(index) } : null });
  });
  const order = select<GalleryFilter['order']>(
    [
      { value: 'listed', label: l10n.t('As listed') },
      { value: 'unsure', label: l10n.t('Least sure first') },
    ],
    (value) => change({ order: value }),
  );
  const classField = field(l10n.t('Class'), classes.element);
  const orderField = field(l10n.t('Order'), order.element);
  let offered = '';
  return {
    element: el('div', { class: 'filters' }, show.element, classField, orderField),
    show(next, known, { labels, kind }) {
      filter = next;
      const hasLabels = known.truths.some((truth) => truth !== null);
      const hasMargins = known.predictions.some((one) => one?.margin != null);
      const shown: GalleryFilter['show'][] = ['all'];
      if (hasLabels || next.show === 'wrong') shown.push('wrong');
      if (hasMargins || next.show === 'unsure') shown.push('unsure');
      show.setShown(shown);
      show.setValue(next.show);
      orderField.hidden = !hasMargins;
      order.setValue(next.order);
      const options = kind === 'number' ? [] : classOptions(next, known, labels);
      classField.hidden = options.length === 0;
      // A list that is open closes when its options are replaced.
      const key = JSON.stringify(options);
      if (key !== offered) classes.setOptions([{ value: ANY, label: l10n.t('Any class') }, ...options]);
      offered = key;
      classes.setValue(next.class === null ? ANY : `${next.class.of} ${next.class.index}`);
    },
  };
}

/** The classes that occur, with how many of the inputs that are shown are of each. */
function classOptions(
  filter: GalleryFilter,
  known: KnownInputs,
  labels: readonly string[],
): SelectOption<string>[] {
  const places = shownInputs(known, { ...filter, class: null, order: 'listed' });
  const of = (what: 'prediction' | 'truth', group: string): SelectOption<string>[] => {
    const counts = new Map<number, number>();
    if (filter.class?.of === what) counts.set(filter.class.index, 0);
    for (const at of places) {
      const index = (what === 'truth' ? known.truths[at] : known.predictions[at]?.index) ?? null;
      if (index !== null) counts.set(index, (counts.get(index) ?? 0) + 1);
    }
    return [...counts]
      .sort(([a], [b]) => a - b)
      .slice(0, MAX_CLASSES)
      .map(([index, count]) => ({
        value: `${what} ${index}`,
        label: `${className(labels, index)} (${formatCount(count)})`,
        group,
      }));
  };
  return [...of('prediction', l10n.t('Predicted as')), ...of('truth', l10n.t('Labelled as'))];
}
