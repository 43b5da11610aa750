import type { Asset } from '../../shared/asset';
import type { GraphNode } from '../graph/graph';
import { findKind } from '../kinds/registry';
import { numbering, vocabularyOf } from '../layers/categorical/vocabulary';
import { objectPaths } from '../run/weights/weightKeys';
import type { OpenModel } from '../session/openModels';

/** The names that a lookup inside a model gives to indices, the special tokens included. */
export interface LookupNames {
  readonly layer: string;
  readonly names: readonly string[];
}

/**
 * The names of the StringLookup layers with `invert`, which turn a class index into its name. Other lookups turn the strings of an input
 * into indices, so that their tokens are not classes.
 * @throws Failure where the vocabulary is missing or damaged.
 */
export async function lookupNames(model: OpenModel): Promise<LookupNames[]> {
  const layers = [...model.graph.nodes.values()].filter(
    ({ className, config }) => className === 'StringLookup' && config.bool('invert', false),
  );
  return Promise.all(layers.map((node) => namesOf(model, node)));
}

async function namesOf({ graph, file }: OpenModel, node: GraphNode): Promise<LookupNames> {
  const { config, layerPath: path } = node;
  const assets = new Map<string, Asset>();
  const place = { path, folder: objectPaths(graph.layers).get(path) ?? '' };
  for (const name of findKind(node.className)?.assets?.(config) ?? []) {
    const asset = (await file.weights.asset?.(name, place)) ?? null;
    if (asset !== null) assets.set(name, asset);
  }
  const names = numbering(config, 'int', 'string');
  const { tokens } = vocabularyOf(config, assets, names, 'string');
  // At most as many special tokens as there are tokens: a config may claim any number.
  const special = Array.from({ length: Math.min(names.start, tokens.length + 2) }, (_, i) =>
    i < names.oovStart ? names.maskToken : names.oovToken,
  );
  return { layer: path, names: [...special, ...tokens].map(String) };
}
