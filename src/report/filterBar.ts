import * as l10n from '@vscode/l10n';
import type { BatchReport } from '../shared/batch/batchReport';
import { placeName } from '../shared/batch/evidence';
import { METHODS } from '../shared/methods';
import { el } from '../webview/dom';
import { formatCount } from '../webview/format';
import { button, type Choice, choiceField, searchField } from './controls';
import { className, partCount } from './data';
import { isShown, type ReportFilter, SHOWN, type Shown } from './filter';
import type { PictureChoice } from './picture';

const ANY = '';

const SHOWN_LABELS: Readonly<Record<Shown, string>> = {
  all: l10n.t('All'),
  wrong: l10n.t('Wrong'),
  right: l10n.t('Right'),
  unsure: l10n.t('Unsure'),
  failed: l10n.t('Failed'),
};

/** Which inputs are shown, in which order, and what of them. */
export function filterBar(
  report: BatchReport,
  onChange: (part: Partial<ReportFilter>) => void,
  onPicture: (choice: PictureChoice) => void,
  onClear: () => void,
): { readonly element: HTMLElement; show(filter: ReportFilter, choice: PictureChoice): void } {
  const index = (value: string): number | null => (value === ANY ? null : Number(value));
  const show = choiceField(
    l10n.t('Show'),
    SHOWN.flatMap((value): Choice[] => {
      const count = report.rows.filter((row) => isShown(row, value)).length;
      return count > 0 || value === 'all'
        ? [{ value, label: `${SHOWN_LABELS[value]} (${formatCount(count)})` }]
        : [];
    }),
    (value) => onChange({ show: SHOWN.find((one) => one === value) ?? 'all' }),
  );
  const anyClass = { value: ANY, label: l10n.t('Any class') };
  const predicted = choiceField(
    l10n.t('Predicted as'),
    [anyClass, ...classChoices(report, (row) => row.predictions[0]?.index ?? null)],
    (value) => onChange({ predicted: index(value) }),
  );
  const truth = choiceField(
    l10n.t('Labelled as'),
    [anyClass, ...classChoices(report, (row) => row.truth)],
    (value) => onChange({ truth: index(value) }),
  );
  const [method = null] = report.methods;
  const parts = partCount(report, method);
  const places = Array.from({ length: parts }, (_, i) => ({ value: String(i), label: placeName(i, parts) }));
  const place = choiceField(
    l10n.t('Evidence at'),
    [{ value: ANY, label: l10n.t('Anywhere') }, ...places],
    (value) => onChange({ place: index(value) }),
  );
  const order = choiceField(
    l10n.t('Order'),
    [
      { value: 'listed', label: l10n.t('As listed') },
      { value: 'unsure', label: l10n.t('Least sure first') },
    ],
    (value) => onChange({ order: value === 'unsure' ? 'unsure' : 'listed' }),
  );
  const picture = choiceField(
    l10n.t('Pictures'),
    [
      ...report.methods.map((id) => ({ value: id, label: METHODS[id].label })),
      { value: 'input', label: l10n.t('The inputs alone') },
    ],
    (value) => onPicture(report.methods.find((id) => id === value) ?? 'input'),
  );
  const search = searchField(l10n.t('Name'), (text) => onChange({ search: text }));
  const hasClasses = report.rows.some(({ kind }) => kind === 'class' || kind === 'positions');
  const hasTruths = report.rows.some((row) => row.truth !== null);
  const hasMargins = report.rows.some(({ margin }) => margin !== null);
  predicted.element.hidden = !hasClasses;
  truth.element.hidden = !hasTruths || !hasClasses;
  place.element.hidden = parts === 0;
  order.element.hidden = !hasMargins;
  picture.element.hidden = report.methods.length === 0;
  const clear = button(l10n.t('Show All'), onClear);
  const fields = [show, predicted, truth, place, order, picture, search].map(({ element }) => element);
  return {
    element: el(
      'div',
      { class: 'filters', role: 'group', 'aria-label': l10n.t('Filters') },
      ...fields,
      clear,
    ),
    show(filter, choice) {
      show.set(filter.show);
      predicted.set(String(filter.predicted ?? ANY));
      truth.set(String(filter.truth ?? ANY));
      place.set(String(filter.place ?? ANY));
      order.set(filter.order);
      picture.set(choice);
      search.set(filter.search);
    },
  };
}

/** The classes that occur, with how often. */
function classChoices(
  report: BatchReport,
  of: (row: BatchReport['rows'][number]) => number | null,
): Choice[] {
  const counts = new Map<number, number>();
  for (const row of report.rows) {
    const found = of(row);
    if (found !== null) counts.set(found, (counts.get(found) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([at, count]) => ({ value: String(at), label: `${className(report, at)} (${formatCount(count)})` }));
}
