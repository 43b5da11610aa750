import * as l10n from '@vscode/l10n';
import type { BatchReport } from '../shared/batch/batchReport';
import { placeName } from '../shared/batch/evidence';
import { METHODS, type MethodId } from '../shared/methods';
import { el } from '../webview/dom';
import { formatCount } from '../webview/format';
import { button } from './controls';
import { type PlaceCounts, placesOf } from './figures';

/**
 * Where most of the evidence lies, of the mistakes if there are any, else of all inputs; null where the maps have no places.
 * @param onChoose shows the inputs of a part
 */
export function placesSection(
  report: BatchReport,
  method: MethodId | null,
  onChoose: (place: number, isMistake: boolean) => void,
): HTMLElement | null {
  const counts = placesOf(report, method);
  const total = (of: keyof PlaceCounts): number => counts.reduce((sum, one) => sum + one[of], 0);
  if (method === null || total('all') === 0) return null;
  const hasMistakes = total('wrong') > 0;
  const of = hasMistakes ? 'wrong' : 'all';
  const most = Math.max(...counts.map((one) => one[of]));
  const cells = counts.map((one, place) => {
    const name = placeName(place, counts.length);
    const text = formatCount(one[of]);
    const label = hasMistakes
      ? l10n.t('{0} of {1} mistakes: {2}', text, formatCount(total('wrong')), name)
      : l10n.t('{0} of {1} inputs: {2}', text, formatCount(total('all')), name);
    const content =
      one[of] === 0
        ? el('span', { 'aria-label': label, role: 'img' }, '0')
        : button(text, () => onChoose(place, hasMistakes), label);
    const cell = el('div', { class: 'part', title: label }, content);
    if (total('right') > 0 && hasMistakes) {
      cell.append(
        el('span', { class: 'quiet' }, l10n.t('{0} of the right ones', shareOf(one.right, total('right')))),
      );
    }
    cell.style.setProperty('--share', String(most === 0 ? 0 : one[of] / most));
    return cell;
  });
  const strongest = counts.findIndex((one) => one[of] === most);
  return el(
    'section',
    { 'aria-label': l10n.t('Where the evidence lies') },
    el('h2', {}, l10n.t('Where the evidence lies')),
    el(
      'p',
      { class: 'sentence' },
      sentence(most, total(of), placeName(strongest, counts.length), hasMistakes),
    ),
    el(
      'p',
      { class: 'quiet' },
      l10n.t(
        'By the largest share of the heat map of {0}. Choose a number to see its inputs.',
        METHODS[method].label,
      ),
    ),
    el('div', { class: counts.length === 9 ? 'parts image' : 'parts' }, ...cells),
  );
}

const shareOf = (count: number, total: number): string => `${Math.round((count / total) * 100)} %`;

const sentence = (count: number, total: number, place: string, hasMistakes: boolean): string =>
  hasMistakes
    ? l10n.t('{0} of {1} mistakes look at this place: {2}.', formatCount(count), formatCount(total), place)
    : l10n.t(
        '{0} of {1} inputs are explained by this place: {2}.',
        formatCount(count),
        formatCount(total),
        place,
      );
