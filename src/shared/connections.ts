import * as l10n from '@vscode/l10n';
import type { LayerRow } from './model';

/** Number of outputs of each row, by path. */
export const outputCounts = (rows: readonly LayerRow[]): ReadonlyMap<string, number> =>
  new Map(rows.map(({ path, outputShapes }) => [path, outputShapes.length]));

/**
 * Labels of a call's inputs, in order: `conv1`, or `embed[14]` where the source has several outputs.
 * @param counts of all rows, from `outputCounts`
 */
export function inputLabels(
  { inbound, inboundOutputs, parent }: LayerRow,
  counts: ReadonlyMap<string, number>,
): string[] {
  return inbound.map((path, i) => {
    const output = inboundOutputs[i] ?? 0;
    const label = rowLabel({ path, parent });
    return output > 0 || (counts.get(path) ?? 1) > 1 ? `${label}[${output}]` : label;
  });
}

/** An Add may have thousands of inputs; a row or a tooltip names the first. */
export const MAX_NAMED_INPUTS = 50;

/** `a, b, c`, with `and 7 more` beyond `MAX_NAMED_INPUTS`. */
export function joinNames(names: readonly string[]): string {
  const rest = names.length - MAX_NAMED_INPUTS;
  const first = names.slice(0, MAX_NAMED_INPUTS).join(', ');
  return rest > 0 ? l10n.t('{0} and {1} more', first, rest) : first;
}

/** Labels of the calls that use one output of a call. */
export const consumersOf = (path: string, output: number, rows: readonly LayerRow[]): string[] =>
  rows
    .filter(({ inbound, inboundOutputs }) =>
      inbound.some((from, i) => from === path && (inboundOutputs[i] ?? 0) === output),
    )
    .map(rowLabel);

/** A row's name relative to the model or scope that contains it: `block5_conv3`, `embed@2`, `Conv1/Relu`. */
export const rowLabel = ({ path, parent }: Pick<LayerRow, 'path' | 'parent'>): string =>
  parent !== null && path.startsWith(`${parent}/`) ? path.slice(parent.length + 1) : path;

/** Whether a row is an operation of a TensorFlow graph; its notice says why it is not computed. */
export const isOperation = ({ className }: Pick<LayerRow, 'className'>): boolean =>
  className.startsWith('tf.');
