import type { UnitPlane, UnitWindow } from '../../../shared/results/unit';
import { plainName } from '../../explain/maps/layerPlacement';
import { topIndices } from '../../explain/ranking';
import { channelsLast, type FeatureMap, featureMap } from '../featureMap';
import { filterOf, forEachProduct, windowStart } from '../filter';
import { type Terms, termAt } from './terms';
import { type Found, indexWithoutBatch, sourceIn, type UnitAt } from './unitAt';

/** Of a window in place: channels and numbers that are sent. */
const MAX_PLANES = 64;
const MAX_PLACES = 4096;

/** Dense, convolution and depthwise convolution: the column or the filter of the kernel times what it reads. */
export async function weightedSum(at: UnitAt): Promise<Found | null> {
  const { trace, node, flat } = at;
  const [from, ...others] = node.inputs;
  if (!from || others.length > 0 || flat === null) return null;
  const isDense = plainName(node) === 'dense';
  const input = isDense ? await lastAxis(at) : await featureMap(trace, from);
  // A Dense layer works on the last axis, wherever the channels of its layer are.
  const index = indexWithoutBatch(at.map.shape, flat);
  const channel = isDense ? (index.at(-1) ?? 0) : at.unit;
  const position = isDense ? index.slice(0, -1) : at.position;
  const filter = await filterOf(trace, node, input, channel);
  if (!filter) return null;
  const start = windowStart(filter, input, position);
  const inputs: number[] = [];
  const read: { readonly channel: number; readonly position: readonly number[] | null }[] = [];
  forEachProduct(filter, input, start, (offset, reads, value) => {
    const place = start.map((first, i) => first + (offset[i] ?? 0) * (filter.axes[i]?.dilation ?? 1));
    const isInside = place.every((one, i) => one >= 0 && one < (input.sizes[i] ?? 0));
    inputs.push(value);
    read.push({ channel: reads, position: isInside ? place : null });
  });
  const terms: Terms = {
    inputs,
    weights: filter.kernel,
    describe(term) {
      const { channel: reads, position: place } = read[term] ?? { channel: 0, position: null };
      return place === null ? { from: null, name: 'padding' } : { from: sourceIn(input, reads, place) };
    },
  };
  return {
    form: 'sum',
    bias: filter.bias,
    terms,
    window: filter.window.some((size) => size > 1) ? windowOf(filter.window, filter.reads, terms) : null,
  };
}

async function lastAxis({ trace, node }: UnitAt): Promise<FeatureMap> {
  const [from = { node: '', output: 0 }] = node.inputs;
  const tensor = trace.tensorAt(from);
  return { ref: from, data: await tensor.data(), ...channelsLast(tensor.shape) };
}

/** The terms by channel, each in the order of the window. The terms run over the window, then over the channels. */
function windowOf(sizes: readonly number[], reads: readonly number[], terms: Terms): UnitWindow {
  const places = sizes.reduce((a, b) => a * b, 1);
  const sumOf = (channel: number): number => {
    let sum = 0;
    for (let place = 0; place < places; place++) {
      const term = place * reads.length + channel;
      sum += (terms.inputs[term] ?? Number.NaN) * (terms.weights[term] ?? Number.NaN);
    }
    return sum;
  };
  const sums = reads.map((_, channel) => sumOf(channel));
  const limit = Math.min(MAX_PLANES, Math.max(1, Math.floor(MAX_PLACES / places)));
  const listed = places > MAX_PLACES ? [] : topIndices(sums.map(Math.abs), limit);
  const planes = listed.map((channel): UnitPlane => {
    const own = Array.from({ length: places }, (_, place) => termAt(terms, place * reads.length + channel));
    return { channel: reads[channel] ?? 0, sum: sums[channel] ?? Number.NaN, terms: own };
  });
  return { sizes, planes, others: reads.length - planes.length };
}
