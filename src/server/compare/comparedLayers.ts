import type { ConfigDifference, LayerComparison, LayerStatus } from '../../shared/compare/comparison';
import type { MaybeShape } from '../../shared/model';
import type { Graph, GraphNode, LayerEntry, TensorRef } from '../graph/graph';
import type { StoredWeight } from '../run/weights/storedWeights';
import { configDifferences, quantizationOf } from './configDifferences';
import { type LayerMatch, type Matchable, matchLayers } from './matchLayers';
import type { WeightDifference } from './weightDifferences';

/** A call of a layer, or a layer of which a file has the weights alone. */
export interface ComparedLayer extends Matchable {
  readonly node: GraphNode | null;
  readonly params: number;
  readonly weights: readonly StoredWeight[];
  /** Where its values are in a run. */
  readonly values: readonly TensorRef[];
}

export type LayerPair = LayerMatch<ComparedLayer>;

/** The calls of all layers of a model in the order of its graph, then the layers that only the weights of its file name. */
export function comparedLayers(graph: Graph, weights: readonly StoredWeight[]): ComparedLayer[] {
  const entries = new Map(flat(graph.layers).map((entry) => [entry.path, entry]));
  const params = new Map(graph.summary.layers.map((row) => [row.path, row.params]));
  const stored = new Map<string, StoredWeight[]>();
  for (const weight of weights) {
    const own = stored.get(weight.layer);
    if (own === undefined) stored.set(weight.layer, [weight]);
    else own.push(weight);
  }
  const calls = [...graph.nodes.values()].filter(isCompared).map((node): ComparedLayer => {
    const own = stored.get(node.layerPath) ?? [];
    const specs = entries.get(node.layerPath)?.weights ?? own;
    return {
      path: node.path,
      className: node.className,
      shapes: node.outputShapes,
      weightShapes: specs.map(({ shape }) => shape),
      node,
      params: params.get(node.path) ?? 0,
      weights: own,
      values: node.outputShapes.map((_, output) => ({ node: node.path, output })),
    };
  });
  const called = new Set([...graph.nodes.values()].map(({ layerPath }) => layerPath));
  const others = [...stored].filter(([path]) => !called.has(path));
  return [
    ...calls,
    ...others.map(([path, own]): ComparedLayer => {
      const shapes = own.map(({ shape }) => shape);
      const count = shapes.reduce((sum, shape) => sum + shape.reduce((size, one) => size * one, 1), 0);
      const className = own[0]?.className ?? '';
      const bare = { node: null, shapes: [], values: [] };
      return { path, className, weightShapes: shapes, params: count, weights: own, ...bare };
    }),
  ];
}

/** The input of a nested model passes on what the model gets: a flat twin has none. */
const isCompared = ({ className, inputs }: GraphNode): boolean =>
  className !== 'InputLayer' || inputs.length === 0;

const flat = (layers: readonly LayerEntry[]): LayerEntry[] =>
  layers.flatMap((layer) => [layer, ...flat(layer.layers ?? [])]);

export const pairLayers = (a: readonly ComparedLayer[], b: readonly ComparedLayer[]): LayerPair[] =>
  matchLayers(a, b);

/** The values of a pair, as `LayerComparison` has them. */
export type ComparedValues = Pick<LayerComparison, 'valueChange' | 'valuesPart'>;
export const NO_VALUES: ComparedValues = { valueChange: null, valuesPart: null };

/** @param wiring what `wiringDifferences` found */
export function comparisonOf(
  pair: LayerPair,
  { weights, change }: WeightDifference,
  values: ComparedValues,
  wiring: readonly ConfigDifference[],
): LayerComparison {
  const { a, b, by } = pair;
  const layer = a ?? b;
  const path = layer?.path ?? '';
  const config = a && b ? [...ownDifferences(a, b), ...wiring] : [];
  return {
    path,
    otherPath: a && b && b.path !== path ? b.path : null,
    className: layer?.className ?? '',
    status: statusOf(pair, config.length > 0 || weights.some(hasChanged) || isOtherScope(pair, values)),
    matchedBy: by,
    config,
    shapes: layer?.shapes ?? [],
    params: layer?.params ?? 0,
    weightChange: change,
    weights,
    ...values,
  };
}

const hasChanged = ({ change }: { readonly change: number | null }): boolean => change !== 0;

/** Of operations and a layer, only values can tell. */
const isOtherScope = ({ a, b }: LayerPair, { valuesPart }: ComparedValues): boolean =>
  valuesPart === true && (a?.node === null || b?.node === null);

function statusOf({ a, b }: LayerPair, isChanged: boolean): LayerStatus {
  if (a === null) return 'added';
  if (b === null) return 'removed';
  return isChanged ? 'changed' : 'same';
}

/** Class, arguments and output shapes, where both models describe the layer. */
function ownDifferences(a: ComparedLayer, b: ComparedLayer): ConfigDifference[] {
  if (a.node === null || b.node === null) return [];
  const isSameClass = a.className === b.className;
  const config = isSameClass ? configDifferences(configOf(a.node), configOf(b.node)) : [];
  const [from, to] = [quantizationOf(configOf(a.node)), quantizationOf(configOf(b.node))];
  const quoted = (text: string | null): string | null => (text === null ? null : JSON.stringify(text));
  return [
    ...(isSameClass ? [] : [{ key: 'class_name', a: quoted(a.className), b: quoted(b.className) }]),
    ...config,
    ...(from === to ? [] : [{ key: 'quantization', a: quoted(from), b: quoted(to) }]),
    ...(JSON.stringify(a.shapes) === JSON.stringify(b.shapes)
      ? []
      : [{ key: 'output_shape', a: shapesText(a.shapes), b: shapesText(b.shapes) }]),
  ];
}

const configOf = (node: GraphNode): Readonly<Record<string, unknown>> => node.config.values;
const shapesText = (shapes: readonly MaybeShape[]): string =>
  JSON.stringify(shapes.length === 1 ? shapes[0] : shapes);

/**
 * How the inputs of two calls differ: where the nearest layers before them that both models have are not the same. A layer between
 * that only one model has is told at its own place.
 */
export function wiringDifferences(
  { a, b }: LayerPair,
  graphs: { readonly a: Graph; readonly b: Graph },
  partners: Partners,
): ConfigDifference[] {
  if (!a?.node || !b?.node) return [];
  const fromA = sourcesOf(graphs.a, a.node, (path) => partners.ofA.has(path));
  const fromB = sourcesOf(graphs.b, b.node, (path) => partners.inB.has(path));
  const seen = fromA.map((source) => {
    const [path = '', output] = source;
    return `${partners.ofA.get(path) ?? path}:${output}`;
  });
  if (JSON.stringify(seen) === JSON.stringify(fromB.map(([path, output]) => `${path}:${output}`))) return [];
  const text = (sources: readonly Source[]): string => JSON.stringify(sources.map(([path]) => path));
  return [{ key: 'inputs', a: text(fromA), b: text(fromB) }];
}

/** Paths in B by those in A, and all of them. */
export interface Partners {
  readonly ofA: ReadonlyMap<string, string>;
  readonly inB: ReadonlySet<string>;
}

export function partnersOf(pairs: readonly LayerPair[]): Partners {
  const ofA = new Map(pairs.flatMap(({ a, b }) => (a && b ? [[a.path, b.path] as const] : [])));
  return { ofA, inB: new Set(ofA.values()) };
}

type Source = readonly [path: string, output: number];

/** The layers that a call takes values from, through those that have no partner. */
function sourcesOf(graph: Graph, node: GraphNode, isMatched: (path: string) => boolean): Source[] {
  const seen = new Set<string>();
  const sources: Source[] = [];
  const visit = (from: GraphNode): void => {
    for (const { node: path, output } of from.inputs) {
      const before = graph.nodes.get(path);
      if (before === undefined || isMatched(path)) sources.push([path, output]);
      else if (!seen.has(path)) {
        seen.add(path);
        visit(before);
      }
    }
  };
  visit(node);
  return sources;
}
