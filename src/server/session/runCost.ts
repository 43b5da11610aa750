import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { byteText, durationText } from '../../shared/amounts';
import { fail } from '../../shared/errors';
import type { BackendName, Shape } from '../../shared/model';
import { activationBytesOf, workOf, workspaceBytesOf } from '../graph/cost';
import type { Graph, GraphNode } from '../graph/graph';
import { findKind } from '../kinds/registry';

/** The estimated cost of one forward pass, from shapes alone. */
export interface RunCost {
  /** Elementary steps: multiply-adds, comparisons of pooling windows, values. */
  readonly work: number;
  /** Bytes of the values that a trace keeps, and of what the most demanding layer needs besides. */
  readonly bytes: number;
  /** Paths of the node with the most work and of the one with the most bytes. */
  readonly slowest: string;
  readonly largest: string;
}

/**
 * Elementary steps per second, rounded down from VGG16 (15.5e9 multiply-adds) on two cores: 0.12 s native, 0.8 s wasm, 14 s cpu.
 * Steps that are not products are slower and mostly bound by memory: the estimate only decides whether to ask the user.
 */
const WORK_PER_SECOND: Readonly<Record<BackendName, number>> = {
  native: 1e10,
  onnx: 1e10,
  wasm: 4e9,
  cpu: 4e8,
};

/** A run that is estimated to take longer needs the user's confirmation. */
export const MAX_SECONDS = 60;

/** The cost of the last shapes that were asked for: a model is mostly asked about inputs of one shape. */
const latest = new WeakMap<Graph, { readonly inputs: string; readonly cost: RunCost }>();

/** The estimated time of a forward pass. */
export const secondsOf = ({ work }: RunCost, backend: BackendName): number => work / WORK_PER_SECOND[backend];

/** @param inputs shapes of the values that the model is given, batch axis first. */
export function costOf(graph: Graph, inputs: readonly Shape[]): RunCost {
  const key = JSON.stringify(inputs);
  const known = latest.get(graph);
  if (known?.inputs === key) return known.cost;
  const cost = sumOfCosts(graph, inputs);
  latest.set(graph, { inputs: key, cost });
  return cost;
}

function sumOfCosts(graph: Graph, inputs: readonly Shape[]): RunCost {
  const shapes = new Map<string, readonly Shape[]>();
  const most = { work: 0, slowest: '', bytes: 0, largest: '' };
  let [work, kept, workspace] = [0, 0, 0];
  for (const node of graph.nodes.values()) {
    const found = nodeCost(graph, node, inputs, shapes);
    if (!found) continue;
    shapes.set(node.path, found.outputs);
    const ownBytes = activationBytesOf(found.outputs) ?? 0;
    work += found.work;
    kept += ownBytes;
    workspace = Math.max(workspace, found.workspace);
    if (found.work > most.work) Object.assign(most, { work: found.work, slowest: node.path });
    const needed = ownBytes + found.workspace;
    if (needed > most.bytes) Object.assign(most, { bytes: needed, largest: node.path });
  }
  return { work, bytes: kept + workspace, slowest: most.slowest, largest: most.largest };
}

/** Shapes, work and workspace (bytes) of one node; `null` if they are unknown before it runs. */
function nodeCost(
  graph: Graph,
  node: GraphNode,
  inputs: readonly Shape[],
  shapes: ReadonlyMap<string, readonly Shape[]>,
): { outputs: readonly Shape[]; work: number; workspace: number } | null {
  const fed = graph.inputs.indexOf(node.path);
  if (fed >= 0) {
    const own = inputs[fed];
    return own ? { outputs: [own], work: 0, workspace: 0 } : null;
  }
  const kind = node.unknownBecause === undefined ? findKind(node.className) : undefined;
  const taken = node.inputs.map((ref) => shapes.get(ref.node)?.[ref.output]);
  const known = taken.filter((shape) => shape !== undefined);
  if (!kind || known.length < taken.length) return null;
  try {
    const outputs = kind.outputShapes(node.config, known, node.call, node.inputValues);
    return {
      outputs,
      work: workOf(kind, node.config, known, outputs, node.call) ?? 0,
      workspace: workspaceBytesOf(kind, node.config, known, outputs, node.call),
    };
  } catch {
    // A contradiction with the input's shape is reported when the layer runs.
    return null;
  }
}

/**
 * Refuses a run that would take very long or very much memory.
 * @param maxBytes of kept values.
 * @throws Failure `too-costly`; a request with `insist` skips this check.
 */
export function checkCost(path: string, cost: RunCost, backend: BackendName, maxBytes: number): void {
  const seconds = secondsOf(cost, backend);
  const slow = seconds > MAX_SECONDS;
  const large = cost.bytes > maxBytes;
  if (!slow && !large) return;
  const parts = [
    ...(slow
      ? [l10n.t('about {0}, most of it in layer "{1}"', durationText(seconds * 1000), cost.slowest)]
      : []),
    ...(large
      ? [l10n.t('about {0} of memory, most of it for layer "{1}"', byteText(cost.bytes), cost.largest)]
      : []),
  ];
  fail('too-costly', l10n.t('A run of {0} on this input would take {1}.', basename(path), parts.join('; ')), {
    subject: slow ? cost.slowest : cost.largest,
    remedy: l10n.t('Choose a smaller input, or run it anyway.'),
  });
}
