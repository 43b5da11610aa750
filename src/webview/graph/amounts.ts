import * as l10n from '@vscode/l10n';
import { byteText, shortCount } from '../../shared/amounts';
import type { ViewGraph, ViewNode } from '../../shared/graphView/viewGraph';
import type { MaybeShape } from '../../shared/model';
import type { DeadChannels } from '../../shared/view';

export const COLOURINGS = ['class', 'params', 'multiplyAdds', 'memory', 'dead'] as const;
export type Colouring = (typeof COLOURINGS)[number];

export const COLOURING_LABELS: Readonly<Record<Colouring, string>> = {
  class: l10n.t('Class'),
  params: l10n.t('Parameters'),
  multiplyAdds: l10n.t('Multiply-adds'),
  memory: l10n.t('Activation memory'),
  dead: l10n.t('Dead channels'),
};

/** What the boxes are coloured by, where that is a number. */
export interface Amounts {
  readonly by: Colouring;
  readonly title: string;
  /** By the index of the box; `null` where it is unknown or the box has none. */
  readonly values: readonly (number | null)[];
  /** Whether the values are shares of 1; otherwise the scale is logarithmic. */
  readonly isShare: boolean;
  /** A value of the legend. */
  text(value: number): string;
  /** That of a box; empty where there is none. */
  of(node: number): string;
}

const BYTES = 4;

/** @param dead `null` as long as no input was chosen */
export function amountsOf(by: Colouring, graph: ViewGraph, dead: DeadChannels | null): Amounts | null {
  const counted = (
    title: string,
    values: readonly (number | null)[],
    text: (value: number | null) => string,
  ): Amounts => ({
    ...{ by, title, values, text, isShare: false },
    of: (node) => (graph.nodes[node]?.kind === 'output' ? '' : text(values[node] ?? null)),
  });
  if (by === 'class') return null;
  if (by === 'dead') return deadShares(graph, dead);
  if (by === 'memory') return counted(l10n.t('Activation memory'), memory(graph), byteText);
  const take = by === 'params' ? 'params' : 'multiplyAdds';
  const title = by === 'params' ? l10n.t('Parameters') : l10n.t('Multiply-adds');
  return counted(
    title,
    graph.nodes.map((node) => node[take]),
    shortCount,
  );
}

/** Bytes of the outputs for one example, as float32; of a group those of all layers in it, `null` where a size is unknown. */
const memory = (graph: ViewGraph): (number | null)[] =>
  summed(graph, ({ kind, outputShapes }) =>
    kind === 'output' ? 0 : outputShapes.reduce<number | null>((sum, shape) => add(sum, bytesOf(shape)), 0),
  );

function bytesOf(shape: MaybeShape): number | null {
  const sizes = shape?.[0] === null ? shape.slice(1) : shape;
  return (
    sizes?.reduce<number | null>((bytes, size) => (size === null ? null : bytes && bytes * size), BYTES) ??
    null
  );
}

function deadShares(graph: ViewGraph, dead: DeadChannels | null): Amounts {
  const found = new Map(dead?.layers.map((layer) => [layer.path, layer]));
  const deadOf = summed(graph, ({ path, kind }) => (kind === 'output' ? 0 : (found.get(path)?.dead ?? 0)));
  const channels = summed(graph, ({ path, kind }) =>
    kind === 'output' ? 0 : (found.get(path)?.channels ?? 0),
  );
  return {
    by: 'dead',
    title: l10n.t('Dead channels'),
    values: deadOf.map((count, node) => (channels[node] ? (count ?? 0) / channels[node] : null)),
    isShare: true,
    text: (value) => value.toLocaleString('en-US', { style: 'percent' }),
    of: (node) => (channels[node] ? l10n.t('{0} of {1}', deadOf[node] ?? 0, channels[node]) : ''),
  };
}

/** An amount of each box; of a group the sum of what is in it. */
function summed({ nodes }: ViewGraph, of: (node: ViewNode) => number | null): (number | null)[] {
  const sums = nodes.map((node) => (node.kind === 'group' ? 0 : of(node)));
  // A group comes before what is in it.
  for (const [i, { parent }] of [...nodes.entries()].reverse())
    if (parent !== null) sums[parent] = add(sums[parent] ?? null, sums[i] ?? null);
  return sums;
}

const add = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);
