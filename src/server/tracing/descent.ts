import type { Span } from '../../shared/results/tracing';
import { isElementwise, plainName } from '../explain/maps/layerPlacement';
import { ownPlacement } from '../explain/maps/placement';
import { shapesOf, spatialSizes } from '../explain/shapedGraph';
import type { GraphNode, TensorRef } from '../graph/graph';
import type { Trace } from '../run/trace';
import { cellAt, type FeatureMap, featureMap, indexOf, wholeBox } from './featureMap';

/** One value of a layer: its index in the row-major values of the first example. */
export interface Value {
  readonly ref: TensorRef;
  readonly index: number;
}

/** One step from a value to what it is computed from. */
export type Step =
  /** It depends on one value of the layer before: unchanged, or through a function of that value alone. */
  | { readonly kind: 'one'; readonly value: Value }
  /** It is the largest, or the average, of the values of one channel in a box of the layer before. */
  | {
      readonly kind: 'max' | 'average';
      readonly map: FeatureMap;
      readonly channel: number;
      readonly box: readonly Span[];
    }
  /** It is the zero of a padding. */
  | { readonly kind: 'padding' }
  /** It depends on several values in another way, or it is an input. */
  | { readonly kind: 'many' };

const MANY: Step = { kind: 'many' };
const GLOBAL = /^global_?(max|average|avg)_?pool(ing)?[123]d$/;
const WINDOWED = /^max_?pool(ing)?([123]d)?(v2)?$/;
const SHIFTED = /^(zeropadding|cropping)[123]d$/;

/** Goes down from values to what they are computed from, and keeps the maps that it reads. */
export class Descent {
  private readonly maps = new Map<string, Promise<FeatureMap>>();

  constructor(readonly trace: Trace) {}

  map(ref: TensorRef): Promise<FeatureMap> {
    const key = `${ref.output}/${ref.node}`;
    const found = this.maps.get(key) ?? featureMap(this.trace, ref);
    this.maps.set(key, found);
    return found;
  }

  async step({ ref, index }: Value): Promise<Step> {
    const node = this.trace.graph.nodes.get(ref.node);
    const [from, ...others] = node?.inputs ?? [];
    if (!node || !from || ref.output !== 0) return MANY;
    const name = plainName(node);
    if (name.startsWith('concat')) return this.concatenated(node, index);
    if (others.length > 0) return MANY;
    const [before, after] = [this.shapeOf(from), this.shapeOf(ref)];
    if (before === null || after === null || before.length < 2) return MANY;
    if (isElementwise(node) && sameShape(before, after)) return { kind: 'one', value: { ref: from, index } };
    if (isReshaping(node)) return { kind: 'one', value: { ref: from, index } };
    const global = GLOBAL.exec(name)?.[1];
    if (global !== undefined) {
      const map = await this.map(from);
      const { channel } = cellAt(await this.map(ref), index);
      return { kind: global === 'max' ? 'max' : 'average', map, channel, box: wholeBox(map) };
    }
    if (WINDOWED.test(name)) return this.window(node, from, ref, index);
    return SHIFTED.test(name) ? this.shifted(node, from, ref, index) : MANY;
  }

  private shapeOf = ({ node, output }: TensorRef): readonly number[] | null =>
    this.trace.values.get(node)?.outputs[output]?.shape ?? null;

  /** Boxes of one value in the layer before, not clipped; `null` where the layer's placement is unknown. */
  private boxBefore(node: GraphNode, from: TensorRef, position: readonly number[]): Span[] | null {
    const shapes = shapesOf(this.trace);
    const input = spatialSizes(shapes, from);
    const output = spatialSizes(shapes, { node: node.path, output: 0 });
    const placement = input && output && ownPlacement(shapes, node, from, { input, output });
    if (placement?.length !== position.length) return null;
    const box = placement.map(({ centre, stride, window }, i): Span | null => {
      if (window === null) return null;
      const start = centre + (position[i] ?? 0) * stride - (window - 1) / 2;
      return [start, start + window];
    });
    const known = box.filter((range) => range !== null);
    return known.length === box.length ? known : null;
  }

  private async window(node: GraphNode, from: TensorRef, ref: TensorRef, index: number): Promise<Step> {
    const { position, channel } = cellAt(await this.map(ref), index);
    const map = await this.map(from);
    const box = this.boxBefore(node, from, position);
    if (!box) return MANY;
    const clipped = box.map(
      ([start, end], i): Span => [Math.max(start, 0), Math.min(end, map.sizes[i] ?? 0)],
    );
    return { kind: 'max', map, channel, box: clipped };
  }

  private async shifted(node: GraphNode, from: TensorRef, ref: TensorRef, index: number): Promise<Step> {
    const { position, channel } = cellAt(await this.map(ref), index);
    const map = await this.map(from);
    const moved = this.boxBefore(node, from, position)?.map(([start]) => start);
    if (!moved) return MANY;
    const isInside = moved.every((at, i) => at >= 0 && at < (map.sizes[i] ?? 0));
    if (!isInside) return { kind: 'padding' };
    return { kind: 'one', value: { ref: from, index: indexOf(map, { position: moved, channel }) } };
  }

  /** The branch that a channel of a concatenation comes from. */
  private async concatenated(node: GraphNode, index: number): Promise<Step> {
    const joined = await this.map({ node: node.path, output: 0 });
    const { position, channel } = cellAt(joined, index);
    let first = 0;
    for (const from of node.inputs) {
      const shape = this.shapeOf(from);
      if (shape === null || shape.length < 2) return MANY;
      const map = await this.map(from);
      if (!sameShape(map.sizes, joined.sizes)) return MANY;
      if (channel < first + map.channels) {
        const cell = { position, channel: channel - first };
        return { kind: 'one', value: { ref: from, index: indexOf(map, cell) } };
      }
      first += map.channels;
    }
    return MANY;
  }
}

/** Whether a layer only changes the shape and leaves the order of the values as it is. */
const isReshaping = (node: GraphNode): boolean =>
  ['flatten', 'reshape'].includes(plainName(node)) && node.config.raw('data_format') !== 'channels_first';

const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, i) => size === b[i]);
