import type { ViewGraph } from '../../shared/graphView/viewGraph';
import { savedState } from '../state';
import { COLOURINGS, type Colouring } from './amounts';

/** How the user left the page, before it was hidden or reloaded. The stored choice is read by the extension. */
export interface SavedView {
  /** Paths of unfolded groups; `null` for those that are unfolded at first. */
  readonly unfolded: readonly string[] | null;
  readonly colouring: Colouring;
  readonly list: boolean | null;
}

export function savedView(): SavedView {
  const { unfolded, colouring, list } = savedState();
  const paths = Array.isArray(unfolded)
    ? unfolded.filter((path): path is string => typeof path === 'string')
    : null;
  return {
    unfolded: paths,
    colouring: COLOURINGS.find((name) => name === colouring) ?? 'class',
    list: typeof list === 'boolean' ? list : null,
  };
}

/** The groups at these paths, as far as the model still has them. */
export function groupsAt({ nodes }: ViewGraph, paths: readonly string[]): Set<number> {
  const wanted = new Set(paths);
  return new Set(nodes.flatMap(({ kind, path }, i) => (kind === 'group' && wanted.has(path) ? [i] : [])));
}
