import * as l10n from '@vscode/l10n';
import type { CheckedMistake } from '../../shared/results/tracing';
import { resolveLayer } from '../explain/layerChoice';
import { plainName } from '../explain/maps/layerPlacement';
import { compareDescending } from '../explain/ranking';
import type { Tensor } from '../layers/kind';
import type { Control } from '../run/control';
import { livenessOf } from '../run/liveness';
import { runnableKind, type Trace } from '../run/trace';
import { type ConvolutionBehind, convolutionBehind } from './convolutionBehind';
import { Descent } from './descent';
import { type FeatureMap, featureMap, forEachIndex, maximaIn, wholeBox } from './featureMap';
import { forEachProduct, sumAt, windowStart } from './filter';
import { biasMistakes, type FilterMistake, kernelMistakes } from './mistakes';
import { WrongValues } from './wrongValues';

/** Float32 sums differ by this share of the sum of their terms' sizes when they are added in another order. */
const ROUNDING = 1e-6;

/** Other convolutions before the last one in which the mistake of the bias is tried. */
const MAX_EARLIER = 8;

/** The model's inputs as they were before preprocessing, by path; the tensors stay the caller's. */
export type RawInputs = ReadonlyMap<string, Tensor>;

/**
 * Compares a number, computed by hand for a unit, with the results of the usual mistakes: the best match first, of equal
 * matches the more common mistake. The mistakes are made in the last convolution before the unit, with the maximum taken anew
 * over the wrong values and with the right maximum.
 * @param raw for the mistake of leaving the preprocessing out; empty where nothing was preprocessed
 * @throws Failure `no-such-layer`, `no-such-target`, `unknown-layer`, `not-applicable`, `cancelled`.
 */
export async function checkNumber(
  trace: Trace,
  layer: string,
  unit: number,
  number: number,
  raw: RawInputs,
  control: Control,
): Promise<CheckedMistake[]> {
  const ref = resolveLayer(trace.graph, layer);
  const descent = new Descent(trace);
  const convolution = await convolutionBehind(descent, ref, unit);
  const map = await descent.map(ref);
  const right = maximaIn(map, unit, wholeBox(map), 0).value;
  const wrong = new WrongValues(trace, ref, unit, convolution, control);
  const size = termSize(convolution, number);
  const mistakes = [
    ...(await inTheFilter(trace, wrong, convolution, number)),
    ...wrongUnit(map, unit, number),
    ...(await inEarlierLayers(trace, wrong, convolution)),
    ...(await inTheInput(trace, wrong, convolution, raw)),
  ];
  // A mistake that does not change this unit explains nothing.
  const found = mistakes.filter(({ value }) => !(Math.abs(value - right) <= ROUNDING * size));
  return sorted(
    [{ mistake: l10n.t('No mistake: this is the value of the unit.'), value: right }, ...found],
    number,
    size,
  );
}

type Found = Omit<CheckedMistake, 'error'>;

/** The mistakes in the last convolution and in what follows it. */
async function inTheFilter(
  trace: Trace,
  wrong: WrongValues,
  convolution: ConvolutionBehind,
  number: number,
): Promise<Found[]> {
  const { filter, input, output, channel, position } = convolution;
  const before = await wrong.before();
  const values = new Float64Array(output.sizes.reduce((a, b) => a * b, 1));
  let place = 0;
  forEachIndex(output, channel, wholeBox(output), (index) => {
    values[place++] = before.data[index] ?? 0;
  });
  const right = sumAt(filter, input, windowStart(filter, input, position)) + (filter.bias ?? 0);
  const biases = biasMistakes(convolution, values, right, number);
  const activation = activationLayer(trace, convolution);
  const [common, rare] = [biases.slice(0, 2), biases.slice(2)];
  const found = await results(wrong, convolution, common);
  if (activation !== null) {
    const skipped = new Set([activation]);
    const plain = { clause: l10n.t('The activation is left out'), at: () => right };
    const alone = [{ ...plain, everywhere: () => ({ values, sizes: output.sizes }) }];
    found.push(...(await results(wrong, convolution, alone, skipped)));
    const both = common.map((mistake) => ({
      ...mistake,
      clause: l10n.t('{0}, and the activation is left out', mistake.clause),
    }));
    const known = found.map(({ value }) => value);
    const combined = await results(wrong, convolution, both, skipped);
    found.push(...combined.filter(({ value }) => !known.some((other) => isSame(value, other))));
  }
  const normalisation = convolution.steps.find(({ ref }) => isNormalisation(trace, ref.node))?.ref.node;
  if (normalisation !== undefined) {
    const value = await wrong.under({ skipped: new Set([normalisation]) });
    found.push({ mistake: l10n.t('The batch normalisation {0} is left out.', normalisation), value });
  }
  found.push(...(await results(wrong, convolution, kernelMistakes(convolution))));
  found.push(...(await results(wrong, convolution, rare)));
  return found;
}

const isNormalisation = (trace: Trace, path: string): boolean =>
  /batchnorm/.test(plainName(trace.graph.nodes.get(path) ?? { className: '' }));

/** The first layer from the convolution up that applies an activation; the convolution itself for its own. */
function activationLayer(trace: Trace, { steps }: ConvolutionBehind): string | null {
  const layers = steps.map(({ ref }) => trace.graph.nodes.get(ref.node)).reverse();
  const first = layers.find((node) => {
    const kind = node && runnableKind(node);
    return node && kind?.activationName?.(node.config, node.call);
  });
  return first?.path ?? null;
}

/** The unit under each mistake: with the maximum taken anew and at the right position, once where these agree. */
async function results(
  wrong: WrongValues,
  { isMixed }: ConvolutionBehind,
  mistakes: readonly FilterMistake[],
  skipped: ReadonlySet<string> = new Set(),
): Promise<Found[]> {
  const found: Found[] = [];
  for (const { clause, at, everywhere } of mistakes) {
    const all = everywhere();
    const one = isMixed ? null : at();
    const anew = all && (await wrong.withFilter({ ...all, skipped }));
    const here = one === null ? null : await wrong.withFilter({ values: one, skipped });
    const isOne = anew !== null && here !== null && isSame(anew, here);
    if (anew !== null) {
      const isAnew = here !== null && !isOne;
      found.push({
        mistake: isAnew ? l10n.t('{0} (the maximum is taken anew).', clause) : l10n.t('{0}.', clause),
        value: anew,
      });
    }
    if (here !== null && !isOne) {
      found.push({
        mistake: anew === null ? l10n.t('{0}.', clause) : l10n.t('{0} (at the right position).', clause),
        value: here,
      });
    }
  }
  return found;
}

const isSame = (a: number, b: number): boolean => Math.abs(a - b) <= ROUNDING * Math.abs(b);

/** The other unit whose value is nearest. */
function wrongUnit(map: FeatureMap, unit: number, number: number): Found[] {
  let best: { other: number; value: number } | null = null;
  for (let other = 0; other < map.channels; other++) {
    if (other === unit) continue;
    const { value } = maximaIn(map, other, wholeBox(map), 0);
    if (best === null || Math.abs(value - number) < Math.abs(best.value - number)) best = { other, value };
  }
  if (best === null) return [];
  return [
    {
      mistake: l10n.t('The filter is another one: this is the value of unit {0}.', best.other),
      value: best.value,
    },
  ];
}

/** The mistake of the bias in the convolutions before the last one: in each of them, and in all of them. */
async function inEarlierLayers(
  trace: Trace,
  wrong: WrongValues,
  { node: last }: ConvolutionBehind,
): Promise<Found[]> {
  const { tf } = trace.runtime;
  const { needed } = livenessOf(trace.graph, new Set([last.path]));
  const changed = new Map<string, readonly Tensor[]>();
  const times = new Map<string, number>();
  for (const node of trace.graph.nodes.values()) {
    if (!needed.has(node.path) || !/^(depthwise)?conv(olution)?[123]d$/.test(plainName(node))) continue;
    const [kernel, bias, ...more] = await trace.weights.of(node);
    if (!kernel || !bias || more.length > 0) continue;
    const products = kernel.size / bias.size;
    times.set(node.path, products);
    changed.set(node.path, [kernel, tf.mul(bias, products)]);
  }
  try {
    const found: Found[] = [];
    const earlier = [...changed].filter(([path]) => path !== last.path);
    if (earlier.length === 0 || earlier.length > MAX_EARLIER) return [];
    for (const [path, weights] of earlier) {
      const value = await wrong.under({ weights: new Map([[path, weights]]) });
      const count = times.get(path) ?? 1;
      found.push({
        mistake: l10n.t('The bias of {0} is counted {1} times instead of once.', path, count),
        value,
      });
    }
    const mistake = l10n.t('The bias of every convolution is counted once for each product instead of once.');
    found.push({ mistake, value: await wrong.under({ weights: changed }) });
    return found;
  } finally {
    for (const [, bias] of changed.values()) bias?.dispose();
  }
}

/** The mistakes in the input: without its preprocessing, or with its channels in reversed order. */
async function inTheInput(
  trace: Trace,
  wrong: WrongValues,
  { input }: ConvolutionBehind,
  raw: RawInputs,
): Promise<Found[]> {
  const found: Found[] = [];
  if (raw.size > 0) {
    const value = await wrong.under({ outputs: raw });
    found.push({ mistake: l10n.t('The preprocessing of the input is left out.'), value });
  }
  // In a convolution of the input itself, this is the reversed kernel.
  if (trace.graph.inputs.includes(input.ref.node)) return found;
  for (const path of trace.graph.inputs) {
    const tensor = trace.at(path).outputs[0];
    if (!tensor || tensor.rank < 3 || tensor.dtype === 'string') continue;
    const { channels, channelAxis } = await featureMap(trace, { node: path, output: 0 });
    if (channels < 2) continue;
    const reversed = trace.runtime.tf.reverse(tensor, channelAxis);
    const value = await wrong.under({ outputs: new Map([[path, reversed]]) });
    reversed.dispose();
    found.push({ mistake: l10n.t('The order of the channels of the input "{0}" is reversed.', path), value });
  }
  return found;
}

/** The largest of the numbers that are added up. */
function termSize({ filter, input, position }: ConvolutionBehind, number: number): number {
  let size = Math.max(Math.abs(number), Math.abs(filter.bias ?? 0));
  forEachProduct(filter, input, windowStart(filter, input, position), (_offset, _channel, value, weight) => {
    size = Math.max(size, Math.abs(value * weight));
  });
  return size;
}

/** By error, which is 0 within float32 rounding of the sum; equal errors keep their order. */
function sorted(found: readonly Found[], number: number, size: number): CheckedMistake[] {
  return found
    .map(({ mistake, value }) => {
      const error = Math.abs(number - value);
      return { mistake, value, error: error <= ROUNDING * size ? 0 : error };
    })
    .sort((a, b) => (a.error === b.error ? 0 : compareDescending(-a.error, -b.error)));
}
