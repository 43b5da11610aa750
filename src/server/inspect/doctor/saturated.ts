import * as l10n from '@vscode/l10n';
import { shareText } from '../../../shared/numberText';
import { isPassThrough } from '../../explain/scoreSource';
import type { Graph } from '../../graph/graph';
import type { Check } from './patient';

const MANY = 0.9;
const MIN_VALUES = 8;

/** The first layer inside the model almost all of whose values are where its activation is flat. An output may be sure of itself. */
export const saturated: Check = async ({ trace, nodes }) => {
  const outputs = outputNodes(trace.graph);
  for (const { node, saturated: share, activation, outputs: values } of nodes) {
    const count = values[0]?.stats.count ?? 0;
    if (share === null || share < MANY || count < MIN_VALUES || outputs.has(node.path)) continue;
    return {
      kind: 'saturated',
      layer: node.path,
      sentence:
        share === 1
          ? l10n.t(
              'All values of {0} are saturated: the slope of {1} is below 0.01 there.',
              ...[node.path, activation ?? ''],
            )
          : l10n.t(
              '{0} of the values of {1} are saturated: the slope of {2} is below 0.01 there.',
              ...[shareText(share), node.path, activation ?? ''],
            ),
    };
  }
  return null;
};

/** The nodes that give the outputs, also through layers that pass values on. */
function outputNodes(graph: Graph): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting = graph.outputs.map(({ node }) => node);
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const node = graph.nodes.get(path);
    if (!node || found.has(path)) continue;
    found.add(path);
    if (isPassThrough(graph, node)) waiting.push(...node.inputs.map((ref) => ref.node));
  }
  return found;
}
