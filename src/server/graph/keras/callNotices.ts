import * as l10n from '@vscode/l10n';
import type { GraphNode } from '../graph';

/** Calls named before "and ... more". */
const MAX_NAMED = 3;

/** The notices of calls (`LayerRule.notice`), one sentence for all calls that share a notice. */
export function callNotices(nodes: Iterable<GraphNode>): string[] {
  const bySentence = new Map<string, string[]>();
  for (const { path, notice, unknownBecause } of nodes) {
    if (notice === undefined || unknownBecause !== undefined) continue;
    const paths = bySentence.get(notice) ?? [];
    paths.push(path);
    bySentence.set(notice, paths);
  }
  return [...bySentence].map(([sentence, paths]) => {
    const rest = paths.length - MAX_NAMED;
    const named = paths.slice(0, MAX_NAMED).join(', ');
    return l10n.t('{0}: {1}', rest > 0 ? l10n.t('{0} and {1} more', named, rest) : named, sentence);
  });
}
