import type { ForeignCode, LayerRow, ModelFormat, ModelSummary } from '../../../shared/model';
import { sumOf } from '../cost';
import { foreignInConfig } from '../foreignCode';
import type { Graph } from '../graph';
import type { RuleLookup } from '../layerRule';
import { Parameters } from '../parameters';
import { checkCallCount } from './callCount';
import { callNotices } from './callNotices';
import { KerasRows } from './kerasRows';
import { toKeras2 } from './legacyConfig';
import { parseModel } from './parseModel';
import { precisionNotices } from './precision';
import { isOperationClass, Unfolding } from './unfold';

export interface GraphSource {
  readonly topology: unknown;
  readonly format: ModelFormat;
  readonly kerasVersion: string | null;
  /** What the functions that a SavedModel keeps beside its layers would run. */
  readonly foreignCode?: readonly ForeignCode[];
  /** For messages. */
  readonly path: string;
}

/**
 * Unfolds a model config into one flat graph with static shapes, parameters and the rows of `inspect`.
 * Layers that `rules` does not know stay in the graph; what follows them is unknown because of them.
 * @throws Failure `bad-config` or `too-large`.
 */
export function buildGraph(source: GraphSource, rules: RuleLookup): Graph {
  const major = kerasMajor(source.kerasVersion);
  checkCallCount(source.topology, source.path);
  const topology = major < 3 ? toKeras2(source.topology, source.kerasVersion ?? '1') : source.topology;
  const spec = parseModel(topology, source.path);
  const unfolding = new Unfolding(rules, major);
  const outputs = unfolding.addModel(spec, { callPrefix: '', layerPrefix: '', outer: null });
  const layers = unfolding.entries(spec, '', spec.trainable);
  const parameters = new Parameters(layers);
  const maker = new KerasRows(unfolding, parameters, rules);
  const rows = maker.rows(spec);
  const skipped = maker.skippedBranch('', '', outputs);
  const top = rows.filter((row) => row.parent === null);
  const params = parameters.total;
  const inputs = spec.inputs.map((ref) => ref.layer);
  const { nodes, models } = unfolding;
  const summary: ModelSummary = {
    format: source.format,
    name: spec.name,
    className: spec.className,
    kerasVersion: source.kerasVersion,
    inputs: inputs.map((path) => maker.named(path, { node: path, output: 0 })),
    outputs: outputs.map((ref, i) => maker.named(spec.outputs[i]?.layer ?? ref.node, ref)),
    params,
    multiplyAdds: sumOf(top.map((row) => row.multiplyAdds)),
    activationBytes: sumOf(top.map((row) => row.activationBytes)),
    layers: rows,
    foreignCode: [
      ...foreignInConfig(source.topology, unattributed(rows, source.format)),
      ...(source.foreignCode ?? []),
    ],
    notices: [
      ...precisionNotices(rows),
      ...callNotices(nodes.values()),
      ...(skipped === null ? [] : [skipped]),
    ],
  };
  return { summary, nodes, models, inputs, outputs, layers, params };
}

/** Rows of unknown classes in files that do not state where a class is from; `.keras` files do. */
const unattributed = (rows: readonly LayerRow[], format: ModelFormat): LayerRow[] =>
  rows.filter(
    ({ status, className }) =>
      format !== 'keras' && status === 'unknown' && !isOperationClass(className) && className !== 'Lambda',
  );

/** Keras 1, 2 or 3; files without a version are of Keras 1. */
function kerasMajor(version: string | null): number {
  const major = Number.parseInt(version ?? '1', 10);
  return Number.isNaN(major) ? 2 : major;
}
