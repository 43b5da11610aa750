import type { LayerRow } from './model';
import { rowLabel } from './rowLabel';

/** How many outputs each row has, by path. */
export const outputCounts = (rows: readonly LayerRow[]): ReadonlyMap<string, number> =>
  new Map(rows.map(({ path, outputShapes }) => [path, outputShapes.length]));

/**
 * What a call takes, in order: `conv1`, and `embed[14]` where the layer that gives it has several outputs.
 * @param counts of all rows, from `outputCounts`
 */
export function takenBy(
  { inbound, inboundOutputs, parent }: LayerRow,
  counts: ReadonlyMap<string, number>,
): string[] {
  return inbound.map((path, i) => {
    const output = inboundOutputs[i] ?? 0;
    const label = rowLabel({ path, parent });
    return output > 0 || (counts.get(path) ?? 1) > 1 ? `${label}[${output}]` : label;
  });
}

/** Labels of the calls that take one output of a call. */
export const takersOf = (path: string, output: number, rows: readonly LayerRow[]): string[] =>
  rows
    .filter(({ inbound, inboundOutputs }) =>
      inbound.some((from, i) => from === path && (inboundOutputs[i] ?? 0) === output),
    )
    .map(rowLabel);
