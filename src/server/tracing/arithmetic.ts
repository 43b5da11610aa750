import type { Arithmetic, Product } from '../../shared/results/tracing';
import { resolveLayer } from '../explain/layerChoice';
import { topIndices } from '../explain/ranking';
import type { Trace } from '../run/trace';
import { activationOf, layerContext, runnableKind } from '../run/trace';
import { convolutionBehind } from './convolutionBehind';
import { Descent, type Value } from './descent';
import { featureMap, indexOf } from './featureMap';
import { forEachProduct, windowStart } from './filter';

/** Products that are listed; a window of 3 x 3 over 512 channels has 4,608. */
const MAX_PRODUCTS = 512;

/**
 * How a unit's value is computed: window * kernel, bias and activation of the last convolution before it, then its value in
 * each layer up to the unit.
 * @param position in the layer; `null` for the unit's (first) maximum
 * @throws Failure `no-such-layer`, `no-such-target`, `unknown-layer`, `not-applicable`.
 */
export async function arithmeticOf(
  trace: Trace,
  layer: string,
  unit: number,
  position: readonly number[] | null = null,
): Promise<Arithmetic> {
  const descent = new Descent(trace);
  const found = await convolutionBehind(descent, resolveLayer(trace.graph, layer), unit, position);
  const { node, filter, input, output } = found;
  const start = windowStart(filter, input, found.position);
  const all: Product[] = [];
  let sum = filter.bias ?? 0;
  forEachProduct(filter, input, start, (offset, channel, value, weight) => {
    sum += value * weight;
    all.push({ offset: [...offset], channel, value, weight, product: value * weight });
  });
  const listed = new Set(
    all.length <= MAX_PRODUCTS
      ? all.keys()
      : topIndices(
          all.map(({ product }) => Math.abs(product)),
          MAX_PRODUCTS,
        ),
  );
  const at = indexOf(output, { position: found.position, channel: found.channel });
  const { pre } = trace.at(node.path);
  const before = pre ? await featureMap(trace, output.ref, pre) : output;
  const kind = runnableKind(node);
  const activation = kind && activationOf(kind, layerContext(trace, node, await trace.weights.of(node)));
  return {
    convolution: node.path,
    filter: found.channel,
    position: found.position,
    window: start.map((from, i) => {
      const { window = 1, dilation = 1 } = filter.axes[i] ?? {};
      return [from, from + (window - 1) * dilation + 1] as const;
    }),
    reads: input.ref.node,
    products: all.filter((_, i) => listed.has(i)),
    others: all.length - listed.size,
    rest: all.reduce((rest, { product }, i) => (listed.has(i) ? rest : rest + product), 0),
    bias: filter.bias,
    sum,
    before: before.data[at] ?? Number.NaN,
    activation: activation?.name ?? null,
    after: output.data[at] ?? Number.NaN,
    steps: await stepsOf(descent, [...found.steps].reverse()),
  };
}

const stepsOf = (descent: Descent, values: readonly Value[]): Promise<Arithmetic['steps']> =>
  Promise.all(
    values.map(async ({ ref, index }) => ({
      layer: ref.node,
      className: descent.trace.graph.nodes.get(ref.node)?.className ?? '',
      value: (await descent.map(ref)).data[index] ?? Number.NaN,
    })),
  );
