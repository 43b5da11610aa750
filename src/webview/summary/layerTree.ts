import type { LayerRow } from '../../shared/model';

/** A row of the table and the rows inside it. */
export interface TreeRow {
  readonly layer: LayerRow;
  /** 1 at the top, as `aria-level` counts. */
  readonly level: number;
  readonly children: readonly TreeRow[];
}

/** Nests the flat list by `parent` in order; rows whose parent is not listed are at the top level. */
export function layerTree(layers: readonly LayerRow[]): readonly TreeRow[] {
  const paths = new Set(layers.map(({ path }) => path));
  const inside = new Map<string | null, LayerRow[]>();
  for (const layer of layers) {
    const parent = layer.parent !== null && paths.has(layer.parent) ? layer.parent : null;
    const siblings = inside.get(parent);
    if (siblings) siblings.push(layer);
    else inside.set(parent, [layer]);
  }
  const build = (parent: string | null, level: number): readonly TreeRow[] =>
    (inside.get(parent) ?? []).map((layer) => ({
      layer,
      level,
      children: layer.path === parent ? [] : build(layer.path, level + 1),
    }));
  return build(null, 1);
}

/**
 * The visible rows, in order. Without a filter: the children of expanded models; with a filter: all matches and the models
 * that contain them.
 * @param words all must occur in the path, class or activation; in lower case
 */
export function visibleRows(
  rows: readonly TreeRow[],
  expanded: ReadonlySet<string>,
  words: readonly string[],
): readonly TreeRow[] {
  return rows.flatMap((row) => {
    if (words.length === 0) {
      return [row, ...(expanded.has(row.layer.path) ? visibleRows(row.children, expanded, words) : [])];
    }
    const below = visibleRows(row.children, expanded, words);
    return matches(row.layer, words) || below.length > 0 ? [row, ...below] : [];
  });
}

export function matches({ path, className, activation }: LayerRow, words: readonly string[]): boolean {
  const text = `${path} ${className} ${activation ?? ''}`.toLowerCase();
  return words.every((word) => text.includes(word));
}
