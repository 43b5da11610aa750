import type { GraphNode } from '../graph';

const NAMED = 3;

/** What layer kinds say about calls (`LayerRule.notice`), one sentence for all the calls of which it is the same. */
export function callNotices(nodes: Iterable<GraphNode>): string[] {
  const bySentence = new Map<string, string[]>();
  for (const { path, notice, unknownBecause } of nodes) {
    if (notice === undefined || unknownBecause !== undefined) continue;
    const paths = bySentence.get(notice) ?? [];
    paths.push(path);
    bySentence.set(notice, paths);
  }
  return [...bySentence].map(([sentence, paths]) => {
    const rest = paths.length - NAMED;
    return `${paths.slice(0, NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}: ${sentence}`;
  });
}
