import * as l10n from '@vscode/l10n';
import type { PreprocessingGuess, PreprocessingName } from '../../shared/inputs';
import type { Graph, GraphNode } from '../graph/graph';
import { OpConfig } from '../graph/opConfig';
import { applicationOf } from './applications';

/**
 * What the pixels of images probably have to be for a model, and why. Nothing in a file states it: a model that scales its input itself
 * gets the bytes, a network of keras.applications what its `preprocess_input` gives, any other model of images 0..1. Inputs that are
 * no images stay as they are.
 */
export function guessPreprocessing(graph: Graph): PreprocessingGuess {
  if (imagesOf(graph).length === 0) return { name: 'none', why: l10n.t('the model takes no images') };
  const scaler = scalerOf(graph);
  if (scaler !== null)
    return { name: 'none', why: l10n.t('the model scales its input itself, in layer {0}', scaler.path) };
  if (imagesOf(graph).some((path) => rescalesBytes(graph, path))) {
    return { name: 'none', why: l10n.t('the model scales its input itself') };
  }
  const application = applicationOf(graph);
  if (application !== null && (!COLOUR.has(application.preprocessing) || takesColour(graph))) {
    return {
      name: application.preprocessing,
      why: l10n.t('this is what keras.applications trained {0} with', application.family),
    };
  }
  return {
    name: '0..1',
    why: l10n.t('most models of images are trained with it, and the file does not say'),
  };
}

/** Preprocessings of three channels. */
const COLOUR: ReadonlySet<PreprocessingName> = new Set(['caffe', 'torch']);

const takesColour = (graph: Graph): boolean =>
  graph.inputs.every((path) => {
    const shape = graph.nodes.get(path)?.outputShapes[0];
    return shape?.length !== 4 || shape.at(-1) === 3 || shape[1] === 3;
  });

const SCALERS: ReadonlySet<string> = new Set(['Rescaling', 'Normalization']);
/** Arithmetic of Keras 3 (`ops.TrueDivide`) and of functions that Keras 2 wraps (`tf.math.truediv`). */
const ARITHMETIC = /^(ops\.|tf\.([a-z_]+\.)*)(true_?divide|truediv|divide|div|realdiv|multiply|subtract)$/i;
/** Operations of a TensorFlow graph, which `rescalesBytes` judges by their constants. */
const GRAPH_OPERATION = /^tf\.[A-Z]/;

const imagesOf = (graph: Graph): string[] =>
  graph.inputs.filter((path) => graph.nodes.get(path)?.outputShapes[0]?.length === 4);

/** The first layer that scales a whole image before any layer with weights; `null` where there is none. */
export function scalerOf(graph: Graph): Pick<GraphNode, 'path' | 'className'> | null {
  const weighted = new Set(
    graph.summary.layers.flatMap(({ path, params, className }) =>
      params > 0 && !SCALERS.has(className) ? [path] : [],
    ),
  );
  const pixels = new Set(imagesOf(graph));
  // The nodes are in topological order, so that one pass follows a chain of any length.
  for (const { path, className, inputs } of graph.nodes.values()) {
    if (!inputs.some(({ node }) => pixels.has(node))) continue;
    if (SCALERS.has(className)) return { path, className };
    if (ARITHMETIC.test(className) && !GRAPH_OPERATION.test(className)) return { path, className };
    if (!weighted.has(path)) pixels.add(path);
  }
  return null;
}

/** Whether a graph first scales an input down from bytes (Keras's Rescaling, as operations). */
function rescalesBytes(graph: Graph, path: string): boolean {
  // The nodes are in topological order, so that one pass follows a chain of casts of any length.
  const same = new Set([path]);
  for (const { path: user, className, config, inputs } of graph.nodes.values()) {
    if (!inputs.some((ref) => same.has(ref.node))) continue;
    if (className === 'tf.Cast') same.add(user);
    const factor = factorOf(config);
    if (factor === null) continue;
    if (className === 'tf.Mul' && factor < 0.02) return true;
    if (className === 'tf.RealDiv' && factor > 50) return true;
  }
  return false;
}

function factorOf(config: GraphNode['config']): number | null {
  if (!(config instanceof OpConfig)) return null;
  return config.operands.find(({ from }) => from === 'value')?.values?.[0] ?? null;
}
