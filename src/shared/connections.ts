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

/** A sum may take thousands: in a row or a tooltip the first are named. */
export const MAX_NAMED_INPUTS = 50;

/** `a, b, c`, and how many more where there are too many to name. */
export function listed(names: readonly string[]): string {
  const rest = names.length - MAX_NAMED_INPUTS;
  const first = names.slice(0, MAX_NAMED_INPUTS).join(', ');
  return rest > 0 ? `${first} and ${rest} more` : first;
}

/** Labels of the calls that take one output of a call. */
export const takersOf = (path: string, output: number, rows: readonly LayerRow[]): string[] =>
  rows
    .filter(({ inbound, inboundOutputs }) =>
      inbound.some((from, i) => from === path && (inboundOutputs[i] ?? 0) === output),
    )
    .map(rowLabel);
