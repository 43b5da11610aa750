import * as l10n from '@vscode/l10n';
import { byteText, shortCount } from '../../shared/amounts';
import type { DeadChannels, RunGradients } from '../../shared/graphView/graphPage';
import type { ViewGraph, ViewNode } from '../../shared/graphView/viewGraph';
import type { MaybeShape } from '../../shared/model';
import type { LayerGradient } from '../../shared/results/layerGradients';
import { formatNumber } from '../format';

export const COLOURINGS = ['class', 'params', 'multiplyAdds', 'memory', 'dead', 'gradient'] as const;
export type Colouring = (typeof COLOURINGS)[number];
/** Those that need an input and a run. */
export type RunColouring = Extract<Colouring, 'dead' | 'gradient'>;

/** What was found for a colouring; `null` as long as no input was chosen. */
export type OfRun =
  | { readonly by: 'dead'; readonly value: DeadChannels | null }
  | { readonly by: 'gradient'; readonly value: RunGradients | null };

export const COLOURING_LABELS: Readonly<Record<Colouring, string>> = {
  class: l10n.t('Class'),
  params: l10n.t('Parameters'),
  multiplyAdds: l10n.t('Multiply-adds'),
  memory: l10n.t('Activation memory'),
  dead: l10n.t('Dead channels'),
  gradient: l10n.t('Gradient'),
};

export const COLOURING_MESSAGES: Readonly<Record<RunColouring, string>> = {
  dead: l10n.t('Looking for dead channels'),
  gradient: l10n.t('Computing the gradient at each layer'),
};

export const needsRun = (by: Colouring): by is RunColouring => by === 'dead' || by === 'gradient';

/**
 * How a value becomes a colour: a count on a logarithmic scale from 1, a share of 1 on a linear one, a size on a logarithmic one from the
 * smallest to the largest that is shown.
 */
export type AmountScale = 'count' | 'share' | 'size';

/** What the boxes are coloured by, where that is a number. */
export interface Amounts {
  readonly by: Colouring;
  readonly title: string;
  /** What the amounts are of, where the title does not say it; else `null`. */
  readonly note: string | null;
  /** By the index of the box; `null` where it is unknown or the box has none. */
  readonly values: readonly (number | null)[];
  readonly scale: AmountScale;
  /** In the legend, what a box without a value is; `null` where an unknown amount is an unknown size. */
  readonly none: string | null;
  /** A value of the legend. */
  text(value: number): string;
  /** That of a box; empty where there is none. */
  of(node: number): string;
}

const BYTES = 4;

/** @param ofRun `null` as long as nothing is known of an input */
export function amountsOf(by: Colouring, graph: ViewGraph, ofRun: OfRun | null): Amounts | null {
  const counted = (
    title: string,
    values: readonly (number | null)[],
    text: (value: number | null) => string,
  ): Amounts => ({
    ...{ by, title, values, text, scale: 'count', none: null, note: null },
    of: (node) => (graph.nodes[node]?.kind === 'output' ? '' : text(values[node] ?? null)),
  });
  if (by === 'class') return null;
  if (by === 'dead') return deadShares(graph, ofRun?.by === 'dead' ? ofRun.value : null);
  if (by === 'gradient') return gradientSizes(graph, ofRun?.by === 'gradient' ? ofRun.value : null);
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
    note: null,
    values: deadOf.map((count, node) => (channels[node] ? (count ?? 0) / channels[node] : null)),
    scale: 'share',
    none: l10n.t('0 % or no rectifier'),
    text: (value) => value.toLocaleString('en-US', { style: 'percent' }),
    of: (node) => (channels[node] ? l10n.t('{0} of {1}', deadOf[node] ?? 0, channels[node]) : ''),
  };
}

/** The RMS of the gradient at the outputs; of a group that over all values in it. */
function gradientSizes(graph: ViewGraph, found: RunGradients | null): Amounts {
  const layers = new Map(found?.layers.map((layer) => [layer.path, layer]));
  const sum = (of: (layer: LayerGradient) => number) =>
    summed(graph, ({ path, kind }) => {
      const layer = kind === 'output' ? undefined : layers.get(path);
      return layer === undefined ? 0 : of(layer);
    });
  const squares = sum((layer) => layer.squares);
  const counts = sum((layer) => layer.count);
  const values = counts.map((count, node) => (count ? Math.sqrt((squares[node] ?? 0) / count) : null));
  return {
    by: 'gradient',
    title: l10n.t('Gradient (RMS)'),
    note: found && l10n.t('Gradient of the score of {0}, root mean square', found.target),
    values,
    scale: 'size',
    none: l10n.t('0 or no gradient'),
    text: formatNumber,
    of: (node) => {
      const value = values[node] ?? null;
      return value === null ? '' : formatNumber(value);
    },
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
