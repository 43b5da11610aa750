import type { LayerRow } from '../../shared/model';
import type { TreeRow } from './layerTree';

/** What rows are sorted by; an unknown value comes last in both directions. */
export type SortKey =
  | 'name'
  | 'className'
  | 'shape'
  | 'params'
  | 'multiplyAdds'
  | 'activationBytes'
  | 'activation';

export interface Sorting {
  readonly key: SortKey;
  readonly direction: 'ascending' | 'descending';
}

const VALUES: Readonly<Record<SortKey, (row: LayerRow) => number | string | null>> = {
  name: ({ name }) => name,
  className: ({ className }) => className,
  shape: ({ outputShapes }) => sizeOf(outputShapes[0] ?? null),
  params: ({ params }) => params,
  multiplyAdds: ({ multiplyAdds }) => multiplyAdds,
  activationBytes: ({ activationBytes }) => activationBytes,
  activation: ({ activation }) => activation,
};

/** Values of one example. */
const sizeOf = (shape: readonly (number | null)[] | null): number | null =>
  shape === null ? null : shape.reduce<number>((size, length) => size * (length ?? 1), 1);

/** The next order of a column: numbers largest first, then smallest first, then the order of the model. */
export function nextSorting(current: Sorting | null, key: SortKey): Sorting | null {
  const isText = key === 'name' || key === 'className' || key === 'activation';
  const [first, second] = isText
    ? (['ascending', 'descending'] as const)
    : (['descending', 'ascending'] as const);
  if (current?.key !== key) return { key, direction: first };
  return current.direction === first ? { key, direction: second } : null;
}

/** Sorts the rows of each model among themselves; equal ones stay in the order of the model. */
export function sorted(rows: readonly TreeRow[], sorting: Sorting | null): readonly TreeRow[] {
  if (sorting === null) return rows;
  const value = VALUES[sorting.key];
  const sign = sorting.direction === 'ascending' ? 1 : -1;
  const compare = (a: TreeRow, b: TreeRow): number => {
    const [x, y] = [value(a.layer), value(b.layer)];
    if (x === y) return 0;
    if (x === null || y === null) return x === null ? 1 : -1;
    return (typeof x === 'string' || typeof y === 'string' ? compareText(x, y) : x - y) * sign;
  };
  return [...rows].sort(compare).map((row) => ({ ...row, children: sorted(row.children, sorting) }));
}

/** `conv2` before `conv10`. */
const compareText = (a: string | number, b: string | number): number =>
  String(a).localeCompare(String(b), 'en', { numeric: true });
