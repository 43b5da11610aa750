import * as l10n from '@vscode/l10n';
import type { LayerWeights, WeightStatistics } from '../../../shared/results/weights';
import { el, fill } from '../../dom';
import { formatExtent, formatNumber } from '../../format';
import { rowKeys } from '../../rowKeys';

const NUMBERS = [l10n.t('Min'), l10n.t('Max'), l10n.t('Mean'), l10n.t('Std'), l10n.t('Norm')] as const;

/** The weights of a layer, one row each. A click, Enter or Space selects one; arrow keys move between rows. */
export function weightList(onSelect: (weight: number) => void): {
  readonly element: HTMLElement;
  show(weights: LayerWeights): void;
  /** Fills the numbers of one row. */
  setStatistics(weight: number, statistics: WeightStatistics): void;
  select(weight: number): void;
} {
  const body = el('tbody');
  const keys = rowKeys(body);
  const head = (text: string, className?: string) => el('th', { scope: 'col', class: className }, text);
  return {
    element: el(
      'div',
      { class: 'table-frame' },
      el(
        'table',
        { class: 'units weight-list', role: 'grid', 'aria-label': l10n.t('Weights. Enter selects a row.') },
        el(
          'thead',
          {},
          el(
            'tr',
            {},
            ...[l10n.t('Weight'), l10n.t('Shape'), l10n.t('Type')].map((text) => head(text)),
            ...NUMBERS.map((text) => head(text, 'number')),
            head(l10n.t('Findings')),
          ),
        ),
        body,
      ),
    ),
    show({ layer, weights }) {
      fill(
        body,
        ...weights.map((weight, i) => {
          const row = el(
            'tr',
            { tabindex: -1, 'aria-selected': 'false' },
            el('th', { scope: 'row' }, labelOf(layer, weight)),
            el('td', {}, weight.shape.length === 0 ? l10n.t('scalar') : formatExtent(weight.shape)),
            el('td', {}, weight.dtype),
            ...NUMBERS.map(() => el('td', { class: 'number' })),
            el('td', {}),
          );
          row.addEventListener('click', () => onSelect(i));
          return row;
        }),
      );
    },
    setStatistics(weight, { stats, norm, filters }) {
      const cells = [...(body.rows[weight]?.cells ?? [])].slice(3);
      const numbers = [stats?.min, stats?.max, stats?.mean, stats?.std, norm ?? undefined];
      for (const [i, number] of numbers.entries()) {
        const cell = cells[i];
        if (cell) cell.textContent = number === undefined ? '' : formatNumber(number);
      }
      const found = [
        stats && stats.nan > 0 ? `${stats.nan} NaN` : null,
        stats && stats.infinite > 0 ? l10n.t('{0} infinite', stats.infinite) : null,
        filters && filters.deadCount > 0 ? l10n.t('{0} dead', filters.deadCount) : null,
        filters && filters.duplicateCount > 0 ? l10n.t('{0} duplicate pairs', filters.duplicateCount) : null,
      ].filter((text) => text !== null);
      const last = cells.at(-1);
      if (last) last.textContent = found.join(', ');
    },
    select(weight) {
      for (const [i, row] of [...body.rows].entries())
        row.setAttribute('aria-selected', String(i === weight));
      keys.setHome(body.rows[weight]);
    },
  };
}

/** A weight's name; below a nested model with the layer in it. */
export const labelOf = (
  layer: string,
  { path, name }: { readonly path: string; readonly name: string },
): string =>
  path === layer || !path.startsWith(`${layer}/`) ? name : `${path.slice(layer.length + 1)}/${name}`;
