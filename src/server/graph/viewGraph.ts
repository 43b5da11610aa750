import * as l10n from '@vscode/l10n';
import { rowLabel } from '../../shared/connections';
import type { ViewEdge, ViewGraph, ViewNode } from '../../shared/graphView/viewGraph';
import type { LayerRow } from '../../shared/model';
import type { Graph, GraphNode, TensorRef } from './graph';

/**
 * A model as the boxes of its graph and the values between them. The rows of the summary are the boxes; an input that has no
 * row (that of a Sequential model) and every output of the model have a box as well.
 */
export function viewGraph(graph: Graph): ViewGraph {
  const { summary } = graph;
  const nodes: ViewNode[] = [];
  const indices = new Map<string, number>();
  const rows = new Set(summary.layers.map(({ path }) => path));
  for (const path of graph.inputs) {
    const node = graph.nodes.get(path);
    if (node === undefined || rows.has(path)) continue;
    indices.set(path, nodes.length);
    nodes.push(hiddenInput(node));
  }
  const inputs = new Set(graph.inputs);
  const calls = callNumbers(graph, summary.layers);
  for (const row of summary.layers) {
    const parent = row.parent === null ? undefined : indices.get(row.parent);
    indices.set(row.path, nodes.length);
    nodes.push(boxOf(row, parent ?? null, inputs.has(row.path), calls.get(row.path)));
  }

  const edges: ViewEdge[] = [];
  const seen = new Set<string>();
  const connect = (ref: TensorRef, to: number): void => {
    const source = shownSource(graph, ref, indices);
    if (source === null) return;
    const edge = { from: indices.get(source.node) ?? 0, output: source.output, to };
    const key = `${edge.from} ${edge.output} ${to}`;
    // A layer that takes a value twice is connected to it once.
    if (!seen.has(key)) edges.push(edge);
    seen.add(key);
  };
  for (const [path, { inputs: refs }] of graph.nodes) {
    const to = indices.get(path);
    if (to !== undefined) for (const ref of refs) connect(ref, to);
  }
  for (const [i, ref] of graph.outputs.entries()) {
    nodes.push(outputBox(graph, i, ref));
    connect(ref, nodes.length - 1);
  }
  return { name: summary.name, nodes, edges };
}

/** The node with a box that a value comes from: the input of a nested Sequential model has none, and passes on what it gets. */
function shownSource(graph: Graph, ref: TensorRef, indices: ReadonlyMap<string, number>): TensorRef | null {
  let at: TensorRef | undefined = ref;
  while (at !== undefined && !indices.has(at.node)) at = graph.nodes.get(at.node)?.inputs[0];
  return at ?? null;
}

function boxOf(row: LayerRow, parent: number | null, isInput: boolean, call: ViewNode['call']): ViewNode {
  return {
    kind: row.isModel ? 'group' : isInput ? 'input' : 'layer',
    path: row.path,
    label: rowLabel(row),
    className: row.className,
    parent,
    activation: row.activation,
    outputShapes: row.outputShapes,
    params: row.params,
    ...(row.paramsAreLowerBound && { paramsAreLowerBound: true }),
    multiplyAdds: row.multiplyAdds,
    ...(call !== undefined && { call }),
    isUnknown: row.status === 'unknown' || row.unknownBecause !== undefined,
  };
}

function hiddenInput({ path, name, className, outputShapes }: GraphNode): ViewNode {
  const box = { kind: 'input', path, label: name, className, parent: null, activation: null } as const;
  return { ...box, outputShapes, params: 0, multiplyAdds: 0, isUnknown: false };
}

function outputBox(graph: Graph, index: number, ref: TensorRef): ViewNode {
  const { name, shape } = graph.summary.outputs[index] ?? { name: l10n.t('output {0}', index), shape: null };
  const isUnknown = graph.nodes.get(ref.node)?.unknownBecause !== undefined;
  const box = { kind: 'output', path: ref.node, label: name, className: '', parent: null } as const;
  return { ...box, activation: null, outputShapes: [shape], params: 0, multiplyAdds: 0, isUnknown };
}

/** By path: which of several calls of one layer a row is. */
function callNumbers(
  { nodes, models }: Graph,
  rows: readonly LayerRow[],
): ReadonlyMap<string, { readonly number: number; readonly of: number }> {
  const numbers = new Map<string, { readonly number: number; readonly of: number }>();
  const seen = new Map<string, number>();
  for (const { path, calls, parent } of rows) {
    if (calls < 2) continue;
    const layer = `${parent ?? ''} ${nodes.get(path)?.layerPath ?? models.get(path)?.layerPath ?? path}`;
    const number = (seen.get(layer) ?? 0) + 1;
    seen.set(layer, number);
    numbers.set(path, { number, of: calls });
  }
  return numbers;
}
