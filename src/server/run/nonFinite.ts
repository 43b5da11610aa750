import * as l10n from '@vscode/l10n';
import { nonFiniteText } from '../../shared/numberText';
import type { GraphNode, TensorRef } from '../graph/graph';
import type { Tensor } from '../layers/kind';
import type { Walk } from './backward';
import type { Control } from './control';
import type { Trace } from './trace';

/** Whether a list contains a NaN or an infinity. */
export function hasNonFinite(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return true;
  return false;
}

/** `NaN`, `+∞`, `-∞` as they occur in the values of a tensor; empty for finite values and for strings. */
async function nonFiniteKinds(tensor: Tensor | null | undefined): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  if (tensor?.dtype !== 'float32') return found;
  for (const value of await tensor.data()) {
    const word = nonFiniteText(value);
    if (word !== null) found.add(word);
  }
  return found;
}

/**
 * A sentence about the first layer before `refs` whose values are not all finite although its inputs are; `null` if all
 * values of `refs` are finite, also before the activation. The search only follows values that are not finite: a -∞ that a
 * later layer turns into a number is not a cause. Reads whole tensors: call it only after a non-finite value was found.
 */
export async function nonFiniteOrigin(trace: Trace, refs: readonly TensorRef[]): Promise<string | null> {
  const known = new Map<string, ReadonlySet<string>>();
  const kindsOf = async ({ node, output }: TensorRef): Promise<ReadonlySet<string>> => {
    const key = `${output} ${node}`;
    const kinds = known.get(key) ?? (await nonFiniteKinds(trace.values.get(node)?.outputs[output]));
    known.set(key, kinds);
    return kinds;
  };
  const origins = new Map<string, ReadonlySet<string>>();
  const seen = new Set(refs.map((ref) => ref.node));
  const waiting: TensorRef[] = [...refs];
  for (let ref = waiting.pop(); ref !== undefined; ref = waiting.pop()) {
    const after = await kindsOf(ref);
    // Only at the start: a non-finite pre-activation that became finite does not affect later layers.
    const isStart = refs.includes(ref);
    const kinds = after.size === 0 && isStart ? await nonFiniteKinds(trace.values.get(ref.node)?.pre) : after;
    if (kinds.size === 0) continue;
    let isOrigin = true;
    for (const input of trace.graph.nodes.get(ref.node)?.inputs ?? []) {
      if ((await kindsOf(input)).size === 0) continue;
      isOrigin = false;
      if (!seen.has(input.node)) waiting.push(input);
      seen.add(input.node);
    }
    if (isOrigin) origins.set(ref.node, kinds);
  }
  for (const node of trace.graph.nodes.values()) {
    const kinds = origins.get(node.path);
    if (kinds) return originSentence(trace, node, [...kinds]);
  }
  return null;
}

/** Kinds of values as a list in a sentence: "NaN and +∞". */
const inWords = (kinds: readonly string[]): string =>
  kinds.reduce((list, kind) => l10n.t('{0} and {1}', list, kind));

async function originSentence(trace: Trace, node: GraphNode, words: readonly string[]): Promise<string> {
  const what = inWords(words);
  if (node.inputs.length === 0) return l10n.t('The input "{0}" holds {1}.', node.path, what);
  const weight = await nonFiniteWeight(trace, node);
  return weight === null
    ? l10n.t('Layer "{0}" is the first to give {1}; its inputs and weights are finite.', node.path, what)
    : l10n.t(
        'Layer "{0}" is the first to give {1}: its weights hold {2}.',
        node.path,
        what,
        inWords([...weight.words]),
      );
}

/** A weight of a layer that contains NaN or an infinity. */
export interface NonFiniteWeight {
  /** Its place among the weights of the layer. */
  readonly position: number;
  readonly words: ReadonlySet<string>;
}

/** The first weight of a node's layer that contains NaN or an infinity; `null` if all are finite. */
export async function nonFiniteWeight(trace: Trace, node: GraphNode): Promise<NonFiniteWeight | null> {
  for (const [position, weight] of (await trace.weights.of(node)).entries()) {
    const words = await nonFiniteKinds(weight);
    if (words.size > 0) return { position, words };
  }
  return null;
}

/**
 * A sentence about the layer where the gradient stops being finite on the way back to `path`, for a trace of finite values;
 * `null` if it stays finite. The walk must have reached `path`.
 */
export async function nonFiniteGradient(
  walk: Walk,
  path: string,
  scoredAt: string,
  control: Control,
): Promise<string | null> {
  const nodes = [...walk.trace.graph.nodes.keys()];
  for (const node of nodes.slice(nodes.indexOf(path)).reverse()) {
    if (node === scoredAt) continue;
    const words = [...(await nonFiniteKinds(await walk.at(node, 0, control)))];
    if (words.length > 0)
      return l10n.t(
        'On the way back from the score, the gradient is {0} from layer "{1}" on.',
        inWords(words),
        node,
      );
  }
  return null;
}
