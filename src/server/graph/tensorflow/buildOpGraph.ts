import type { ModelSummary } from '../../../shared/model';
import { sumOf } from '../cost';
import type { Graph } from '../graph';
import { withExampleInputs } from './exampleInputs';
import { parseGraphDef } from './graphDef';
import { withWhileLoops } from './loopFrames';
import type { OpGraphSource } from './opGraphSource';
import { OpNodes } from './opNodes';
import { OpRows } from './opRows';
import type { OpRuleLookup } from './opRule';
import { scopesOf } from './scopes';

/**
 * Turns a TensorFlow graph into a `Graph` like that of a Keras model: every operation is a node with static shapes,
 * constants are the weights or arguments of the operations that take them, name scopes the models around them.
 * Operations that `rules` does not know stay in the graph; what follows them is unknown because of them.
 * @throws Failure `bad-config` or `too-large`.
 */
export function buildOpGraph(source: OpGraphSource, rules: OpRuleLookup): Graph {
  const parsed = parseGraphDef(source.topology, source.signature, source.path);
  const { def, notices } = withExampleInputs(withWhileLoops(parsed));
  const ops = new OpNodes(def, source, rules);
  ops.addAll();
  const inputs = ops.inputs();
  const outputs = ops.outputs();
  const maker = new OpRows(ops, scopesOf([...ops.nodes.keys()]), outputs, rules);
  const rows = maker.all();
  const operations = rows.filter((row) => !row.isModel);
  const params = ops.params();
  const summary: ModelSummary = {
    format: source.format,
    name: source.path,
    className: 'GraphModel',
    kerasVersion: null,
    inputs: inputs.map((path) => ({ name: path, ...ops.tensor({ node: path, output: 0 }) })),
    outputs: outputs.map((ref) => ({ name: ref.name, ...ops.tensor(ref) })),
    params,
    multiplyAdds: sumOf(operations.map((row) => row.multiplyAdds)),
    activationBytes: sumOf(operations.map((row) => row.activationBytes)),
    layers: rows,
    foreignCode: source.foreignCode ?? [],
    notices: [...(source.notices ?? []), ...notices],
  };
  const refs = outputs.map(({ node, output }) => ({ node, output }));
  const layers = ops.entries();
  return { summary, nodes: ops.nodes, models: maker.scopes, inputs, outputs: refs, layers, params };
}
