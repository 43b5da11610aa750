import * as l10n from '@vscode/l10n';
import type { ModelConfig } from '../../shared/results/modelConfig';
import type { Graph, LayerEntry } from '../graph/graph';
import { noSuchLayer } from '../graph/noSuchLayer';
import type { OpenModel } from '../session/openModels';

/** Bounds of what is sent; a config that is larger is cut, and says where. */
const MAX_VALUES = 4000;
const MAX_TEXT = 4000;
const MAX_DEPTH = 64;

/** The config of a layer as the file has it. @throws Failure `no-such-layer`. */
export function layerConfig({ graph }: Pick<OpenModel, 'graph'>, layer: string): ModelConfig {
  return bounded(valuesOf(graph, layer));
}

/** How the model was compiled: optimizer, loss, metrics. `null` where the file does not say. */
export function trainingConfig({ file: { training } }: Pick<OpenModel, 'file'>): ModelConfig {
  // Keras writes an empty object for a model that was never compiled.
  const isEmpty = typeof training === 'object' && training !== null && Object.keys(training).length === 0;
  return bounded(isEmpty ? null : (training ?? null));
}

function valuesOf(graph: Graph, layer: string): unknown {
  const node = graph.nodes.get(layer);
  if (node) return node.config.values;
  const model = graph.models.get(layer);
  const found = entryAt(graph.layers, model?.layerPath ?? layer);
  if (found) return found.config.values;
  // A name scope of a graph has no config of its own.
  if (model) return null;
  return noSuchLayer(graph, layer);
}

function entryAt(layers: readonly LayerEntry[], path: string): LayerEntry | undefined {
  for (const layer of layers) {
    if (layer.path === path) return layer;
    const inner = layer.layers && path.startsWith(`${layer.path}/`) ? entryAt(layer.layers, path) : undefined;
    if (inner) return inner;
  }
  return undefined;
}

/** A copy of a JSON value with bounded size. Where something is left out, a text says how much. */
export function bounded(value: unknown): ModelConfig {
  let left = MAX_VALUES;
  let isCut = false;
  const cut = (text: string): string => {
    isCut = true;
    return text;
  };
  const copy = (one: unknown, depth: number): unknown => {
    left -= 1;
    if (typeof one === 'string') {
      return one.length <= MAX_TEXT
        ? one
        : cut(l10n.t('{0}… ({1} characters)', one.slice(0, MAX_TEXT), one.length));
    }
    if (typeof one !== 'object' || one === null) return one;
    if (depth === 0) return cut(l10n.t('… (nested deeper)'));
    const entries = Object.entries(one);
    const kept: [string, unknown][] = [];
    for (const [key, inner] of entries) {
      if (left <= 0) break;
      kept.push([key, copy(inner, depth - 1)]);
    }
    const omitted = entries.length - kept.length;
    if (Array.isArray(one)) {
      const list = kept.map(([, inner]) => inner);
      return omitted > 0 ? [...list, cut(l10n.t('… ({0} more)', omitted))] : list;
    }
    return Object.fromEntries(omitted > 0 ? [...kept, ['…', cut(l10n.t('{0} more', omitted))]] : kept);
  };
  const config = copy(value, MAX_DEPTH);
  return { config, isCut };
}
