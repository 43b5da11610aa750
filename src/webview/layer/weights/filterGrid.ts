import * as l10n from '@vscode/l10n';
import type { LayerglassError, Result } from '../../../shared/errors';
import type { FilterFindings, FilterTiles } from '../../../shared/results/weights';
import { el } from '../../dom';
import { formatNumber } from '../../format';
import { pagedItems } from './pages';
import { virtualRows } from './virtualRows';

type Tile = FilterTiles['filters'][number];

const PAGE = 48;
/** In pixels, as in the style sheet. */
const TILE_WIDTH = 104;
const ROW_HEIGHT = 148;

/** All filters of a weight as images, of which only those in view are fetched and drawn. */
export function filterGrid(host: {
  fetch(from: number, count: number): Promise<Result<FilterTiles>>;
  onError(error: LayerglassError): void;
}): {
  readonly element: HTMLElement;
  /** Shows the filters of a weight, or the same in another order or scale. */
  reset(total: number): void;
  /** Marks dead, duplicate and non-finite filters. */
  mark(findings: FilterFindings | null): void;
} {
  let total = 0;
  let columns = 1;
  let marks: ReadonlyMap<number, string> = new Map();

  const tiles = pagedItems<Tile>({
    size: PAGE,
    async fetch(from, count) {
      const answer = await host.fetch(from, count);
      return answer.ok ? { ok: true, value: answer.value.filters } : answer;
    },
    onItems: () => rows.redraw(),
    onError: host.onError,
  });
  const rows = virtualRows({
    label: l10n.t('Filters'),
    role: 'list',
    rowHeight: ROW_HEIGHT,
    onWidth(width) {
      const next = Math.max(1, Math.floor(width / TILE_WIDTH));
      if (next === columns) return;
      columns = next;
      rows.reset(Math.ceil(total / columns));
    },
    render: (row) =>
      el(
        'div',
        { class: 'filter-row', role: 'presentation' },
        ...Array.from({ length: Math.min(columns, total - row * columns) }, (_, column) =>
          tileItem(row * columns + column),
        ),
      ),
  });
  const tileItem = (place: number): HTMLElement => {
    const tile = tiles.at(place);
    const position = { role: 'listitem', 'aria-setsize': total, 'aria-posinset': place + 1 };
    if (tile === undefined) return el('div', { ...position, class: 'filter waiting' });
    const { filter, norm, png, width, height } = tile;
    const mark = marks.get(filter);
    const text = filterText(tile, mark);
    return el(
      'div',
      { ...position, class: mark === undefined ? 'filter' : 'filter marked', title: text },
      el('img', {
        src: `data:image/png;base64,${png}`,
        alt: text,
        class: height === 1 && width > 1 ? 'strip' : null,
      }),
      el(
        'div',
        { class: 'filter-caption', 'aria-hidden': 'true' },
        el('span', {}, String(filter)),
        el('span', { class: 'quiet' }, mark ?? l10n.t('norm {0}', formatNumber(norm))),
      ),
    );
  };

  return {
    element: rows.element,
    reset(next) {
      total = next;
      tiles.clear();
      rows.reset(Math.ceil(total / columns));
    },
    mark(findings) {
      marks = findings === null ? new Map() : marksOf(findings);
      rows.redraw();
    },
  };
}

function filterText({ filter, norm, min, max }: Tile, mark: string | undefined): string {
  const text = l10n.t(
    'Filter {0}: norm {1}, {2} to {3}',
    ...[filter, formatNumber(norm), formatNumber(min), formatNumber(max)],
  );
  return mark === undefined ? text : `${text}, ${mark}`;
}

function marksOf({ dead, nonFinite, duplicates }: FilterFindings): ReadonlyMap<number, string> {
  const marks = new Map<number, string>();
  for (const { first, second, negated } of duplicates) {
    const sign = negated ? '= -' : '= ';
    if (!marks.has(first)) marks.set(first, `${sign}${second}`);
    if (!marks.has(second)) marks.set(second, `${sign}${first}`);
  }
  for (const filter of dead) marks.set(filter, l10n.t('all 0'));
  for (const filter of nonFinite) marks.set(filter, l10n.t('NaN or infinite'));
  return marks;
}
