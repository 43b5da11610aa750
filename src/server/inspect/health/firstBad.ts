import * as l10n from '@vscode/l10n';
import { nonFiniteText, numberText } from '../../../shared/numberText';
import type { FirstBad } from '../../../shared/results/health';
import type { GraphNode } from '../../graph/graph';
import type { Tensor } from '../../layers/kind';
import { nonFiniteWeight } from '../../run/nonFinite';
import { runnableKind, type Trace } from '../../run/trace';
import type { ExaminedNode } from './examine';

/** The first layer in graph order with NaN or an infinity, as a sentence needs it. */
export interface NonFiniteStart {
  readonly node: GraphNode;
  /** `NaN`, `+∞`, `-∞`. */
  readonly words: readonly string[];
  /** `channel 2, moving_variance = -1`. */
  readonly cause: string;
}

export const firstBadOf = ({ node, words, cause }: NonFiniteStart): FirstBad => ({
  path: node.path,
  why: l10n.t(
    '{0}: {1}',
    words.reduce((some, word) => l10n.t('{0} and {1}', some, word)),
    cause,
  ),
});

/** Where the first NaN or infinity arises, with its cause. All inputs of that layer are finite. */
export async function nonFiniteStart(
  trace: Trace,
  examined: readonly ExaminedNode[],
): Promise<NonFiniteStart | null> {
  const first = examined.find(hasNonFiniteValues);
  if (!first) return null;
  const { pre, outputs } = trace.at(first.node.path);
  for (const [stage, tensor] of [
    ['pre', pre] as const,
    ...outputs.map((output) => ['post', output] as const),
  ]) {
    if (tensor === null || tensor.dtype === 'string') continue;
    const found = await firstOf(tensor, (value) => !Number.isFinite(value));
    if (!found) continue;
    const words = await wordsOf(tensor);
    return { node: first.node, words, cause: await causeOf(trace, first.node, { ...found, stage, tensor }) };
  }
  return null;
}

const hasNonFiniteValues = ({ pre, outputs }: ExaminedNode): boolean =>
  [pre, ...outputs.map((output) => output?.stats)].some((stats) => stats && stats.nan + stats.infinite > 0);

/** One value of a tensor. */
interface Element {
  readonly value: number;
  /** Position in row-major order. */
  readonly flat: number;
  readonly index: readonly number[];
}

interface BadElement extends Element {
  readonly stage: 'pre' | 'post';
  readonly tensor: Tensor;
}

async function causeOf(trace: Trace, node: GraphNode, bad: BadElement): Promise<string> {
  const place = `[${bad.index.slice(1).join(', ')}]`;
  const value = numberText(bad.value);
  if (node.inputs.length === 0) return l10n.t('the input holds {0} at {1}', value, place);
  const weights = await trace.weights.of(node);
  const names = weightNames(trace, node);
  const weight = await nonFiniteWeight(trace, node);
  if (weight !== null) {
    const tensor = weights[weight.position];
    const found = tensor && (await firstOf(tensor, (one) => !Number.isFinite(one)));
    const at = found ? `[${found.index.join(', ')}] = ${numberText(found.value)}` : '';
    return l10n.t('weight {0}', `${names[weight.position] ?? weight.position}${at}`);
  }
  const variance = await badVariance(node, weights, names);
  if (variance !== null) return variance;
  const { pre } = trace.at(node.path);
  if (bad.stage === 'post' && pre !== null) {
    const before = (await pre.data())[bad.flat];
    return before === undefined
      ? l10n.t('its activation gives {0} at {1}', value, place)
      : l10n.t('its activation gives {0} at {1} from {2}', value, place, numberText(before));
  }
  return operationText(trace, node, bad, place);
}

/** A variance that is negative, or 0 without epsilon: the root of it, or the division by it, is not finite. */
async function badVariance(
  node: GraphNode,
  weights: readonly Tensor[],
  names: readonly string[],
): Promise<string | null> {
  const epsilon = node.className === 'BatchNormalization' ? node.config.number('epsilon', 1e-3) : 0;
  for (const [i, name] of names.entries()) {
    const weight = weights[i];
    if (!/(^|\/|_)variance$/.test(name) || !weight) continue;
    const found = await firstOf(weight, (value) => value + epsilon <= 0);
    if (found)
      return l10n.t('channel {0}, {1}', found.index.at(-1) ?? 0, `${name} = ${numberText(found.value)}`);
  }
  return null;
}

/** `Log gives -∞ from 0`, or the range of the inputs where no single values are known to be the cause. */
async function operationText(trace: Trace, node: GraphNode, bad: BadElement, place: string): Promise<string> {
  const given = [node.className.split('.').at(-1) ?? '', numberText(bad.value), place];
  const inputs = node.inputs.flatMap((ref) => trace.values.get(ref.node)?.outputs[ref.output] ?? []);
  const operands: string[] = [];
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const input of inputs) {
    if (input.dtype === 'string') continue;
    const values = await input.data();
    const at = input.size === bad.tensor.size ? bad.flat : input.size === 1 ? 0 : null;
    const operand = at === null ? undefined : values[at];
    if (operand !== undefined) operands.push(numberText(operand));
    for (const value of values) [min, max] = [Math.min(min, value), Math.max(max, value)];
  }
  const isElementwise = operands.length === inputs.length && operands.length > 0;
  if (isElementwise && (await trace.weights.of(node)).length === 0)
    return l10n.t('{0} gives {1} from {3} at {2}', ...given, operands.join(', '));
  return l10n.t(
    'its inputs ({3} to {4}) and weights are finite, {0} gives {1} at {2}',
    ...[...given, numberText(min), numberText(max)],
  );
}

/** Names of the weights of a node's layer, in their order. */
export function weightNames(trace: Trace, node: GraphNode): readonly string[] {
  const shapes = node.inputs.map((ref) => trace.values.get(ref.node)?.outputs[ref.output]?.shape ?? []);
  const specs = runnableKind(node)?.weights?.(node.config, shapes, node.call) ?? [];
  return specs.map(({ name }) => name);
}

/** The first value in row-major order that satisfies a condition. */
export async function firstOf(
  tensor: Tensor,
  condition: (value: number) => boolean,
): Promise<Element | null> {
  const values = await tensor.data();
  for (let flat = 0; flat < values.length; flat++) {
    const value = values[flat] ?? 0;
    if (condition(value)) return { value, flat, index: indexOf(flat, tensor.shape) };
  }
  return null;
}

function indexOf(flat: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  let rest = flat;
  for (const length of [...shape].reverse()) {
    index.unshift(rest % Math.max(1, length));
    rest = Math.floor(rest / Math.max(1, length));
  }
  return index;
}

async function wordsOf(tensor: Tensor): Promise<string[]> {
  const found = new Set<string>();
  for (const value of await tensor.data()) {
    const word = nonFiniteText(value);
    if (word !== null) found.add(word);
  }
  return [...found];
}
