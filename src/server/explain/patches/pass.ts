import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import { sizeOf } from '../../../shared/model';
import type { TensorRef } from '../../graph/graph';
import type { Tensor } from '../../layers/kind';
import { withFallback } from '../../run/backends/fallback';
import { type Control, checkpoint, pacer } from '../../run/control';
import { withLayerErrors } from '../../run/layerErrors';
import { computeNode, layerContext, type Trace } from '../../run/trace';
import { type PatchedLayer, type PatchPlan, sizesAt } from './plan';
import { areEqual, cellsIn, type Regions } from './regions';

/** The examples of a pass. */
export interface PatchedExamples {
  /** Which of the plan's boxes holds the changes of each. */
  readonly boxes: readonly number[];
  /** The changed value at the place of the plan: [..., channels], flattened. Need not last beyond the next call. */
  values(row: number): Float32Array;
}

/** The values of the layers of a plan for some examples, inside their boxes. The caller disposes it. */
export interface PatchPass {
  /** What a layer gives for all examples, with the values of the trace beyond the boxes: [examples, ..., channels]. The caller disposes it. */
  whole(path: string): Tensor;
  dispose(): void;
}

/** Runs a plan; reads the values of a trace once. */
export class Patches {
  private readonly known = new Map<string, Float32Array>();

  constructor(
    readonly plan: PatchPlan,
    private readonly trace: Trace,
  ) {}

  /** @throws Failure as a run does, and `internal` where a layer does not give what the plan expects. */
  async run(examples: PatchedExamples, control: Control): Promise<PatchPass> {
    const { plan, trace } = this;
    const { runtime } = trace;
    await this.readKnown();
    const { boxes: rows } = examples;
    const changed = this.cropsOfChanged(examples);
    const patches = new Map<string, { readonly value: Tensor; readonly regions: Regions }>();
    const dispose = (): void => {
      for (const { value } of patches.values()) value.dispose();
    };
    const crop = (ref: TensorRef, seen: Regions, outside: number): Tensor => {
      const part = { seen, rows, outside };
      const own = changed.get(seen);
      if (own) return this.tensorOf(own, ref, part);
      const patch = patches.get(ref.node);
      // A layer that works on each position alone sees the boxes of the layer before.
      if (patch && areEqual(patch.regions, seen)) return patch.value;
      return patch ? this.cropPatched(ref, patch, part) : this.cropKnown(ref, part);
    };
    const isDue = pacer(runtime.lazy !== undefined);
    try {
      for (const [i, layer] of plan.layers.entries()) {
        const { node, inputs, outside, regions } = layer;
        if (isDue()) await checkpoint(control, i / plan.layers.length, l10n.t('Computing {0}', node.path));
        const weights = await trace.weights.of(node);
        const value = withLayerErrors(node, () =>
          withFallback(runtime, () =>
            runtime.tf.tidy(() =>
              this.computed(
                layer,
                inputs.map(({ ref, seen }) => crop(ref, seen, outside)),
                weights,
              ),
            ),
          ),
        );
        patches.set(node.path, { value, regions });
      }
    } catch (thrown) {
      dispose();
      throw thrown;
    }
    return {
      whole: (path) => {
        const ref = { node: path, output: 0 };
        const patch = patches.get(path) ?? fail('internal', l10n.t('No values for "{0}".', path));
        const sizes = sizesAt(trace, ref) ?? [];
        const all = { size: sizes, starts: patch.regions.starts.map(() => sizes.map(() => 0)) };
        return withFallback(runtime, () =>
          runtime.tf.tidy(() => this.cropPatched(ref, patch, { seen: all, rows, outside: 0 })),
        );
      },
      dispose,
    };
  }

  private computed(layer: PatchedLayer, crops: readonly Tensor[], weights: readonly Tensor[]): Tensor {
    const { node, kind, config, isShift, regions } = layer;
    const [first] = crops;
    const ctx = { ...layerContext(this.trace, node, weights), config, masks: crops.map(() => undefined) };
    const value = isShift ? first?.clone() : computeNode(kind, ctx, crops).outputs[0];
    const wanted = [first?.shape[0], ...regions.size, this.channels({ node: node.path, output: 0 })];
    return value && String(value.shape) === String(wanted)
      ? value
      : fail('internal', l10n.t('Layer "{0}" gives another size on a part of its input.', node.path));
  }

  /** Has the values of the trace that are read computed together. */
  private async readKnown(): Promise<void> {
    if (this.known.size > 0) return;
    const { plan, trace } = this;
    const regions = new Map(plan.layers.map((layer) => [layer.node.path, layer.regions]));
    const refs = plan.layers.flatMap(({ node, inputs }) => [
      ...inputs.flatMap(({ ref, seen }) => {
        const own = regions.get(ref.node);
        return ref.node === plan.place.node || (own && areEqual(own, seen)) ? [] : [ref];
      }),
      ...(plan.ends.has(node.path) ? [{ node: node.path, output: 0 }] : []),
    ]);
    const tensors = new Map(refs.map((ref) => [ref.node, trace.tensorAt(ref)]));
    await trace.runtime.lazy?.computeAlong(async () => [...tensors.values()], true);
    for (const [path, tensor] of tensors) this.known.set(path, await tensor.data<'float32'>());
  }

  /** What the layers see of the changed value: a copy of each example's part. */
  private cropsOfChanged({ boxes, values }: PatchedExamples): ReadonlyMap<Regions, Float32Array> {
    const { place, layers } = this.plan;
    const [sizes, channels] = [sizesAt(this.trace, place) ?? [], this.channels(place)];
    const crops = new Map<Regions, { readonly all: Float32Array; readonly outside: number }>();
    for (const { inputs, outside } of layers) {
      for (const { ref, seen } of inputs) {
        if (ref.node !== place.node) continue;
        crops.set(seen, { all: new Float32Array(boxes.length * sizeOf(seen.size) * channels), outside });
      }
    }
    for (const [row, box] of boxes.entries()) {
      const example = values(row);
      for (const [seen, { all, outside }] of crops) {
        const places = cellsIn(seen.size, seen.starts[box] ?? [], sizes);
        copyCells(all, row * sizeOf(seen.size), example, places, channels, outside);
      }
    }
    return new Map([...crops].map(([seen, { all }]) => [seen, all]));
  }

  /** Of a value that does not depend on what changes. */
  private cropKnown(ref: TensorRef, part: Part): Tensor {
    return this.tensorOf(this.knownCells(ref, part), ref, part);
  }

  private tensorOf(values: Float32Array, ref: TensorRef, { seen, rows }: Part): Tensor {
    return this.trace.runtime.tf.tensor(values, [rows.length, ...seen.size, this.channels(ref)], 'float32');
  }

  /** Of a value that is known beyond its boxes. */
  private cropPatched(
    ref: TensorRef,
    patch: { readonly value: Tensor; readonly regions: Regions },
    part: Part,
  ): Tensor {
    const { tf } = this.trace.runtime;
    const { seen, rows } = part;
    const channels = this.channels(ref);
    const [cells, patchCells] = [sizeOf(seen.size), sizeOf(patch.regions.size)];
    // A row for each cell: those of the trace, then those of the patches.
    const table = tf.concat([
      tf.tensor(this.knownCells(ref, part), [rows.length * cells, channels], 'float32'),
      tf.reshape(patch.value, [rows.length * patchCells, channels]),
    ]);
    const places = new Int32Array(rows.length * cells);
    for (const [row, box] of rows.entries()) {
      const start = seen.starts[box] ?? [];
      const from = (patch.regions.starts[box] ?? []).map((own, axis) => (start[axis] ?? 0) - own);
      const inPatch = cellsIn(seen.size, from, patch.regions.size);
      for (const [i, cell] of inPatch.entries()) {
        places[row * cells + i] = cell < 0 ? row * cells + i : rows.length * cells + row * patchCells + cell;
      }
    }
    const gathered = tf.gather(table, tf.tensor(places, [places.length], 'int32'));
    return tf.reshape(gathered, [rows.length, ...seen.size, channels]);
  }

  private knownCells(ref: TensorRef, { seen, rows, outside }: Part): Float32Array {
    const sizes = sizesAt(this.trace, ref) ?? [];
    const channels = this.channels(ref);
    const known = this.known.get(ref.node) ?? fail('internal', l10n.t('No values for "{0}".', ref.node));
    const cells = sizeOf(seen.size);
    const values = new Float32Array(rows.length * cells * channels);
    for (const [row, box] of rows.entries()) {
      const places = cellsIn(seen.size, seen.starts[box] ?? [], sizes);
      copyCells(values, row * cells, known, places, channels, outside);
    }
    return values;
  }

  private channels(ref: TensorRef): number {
    return this.trace.tensorAt(ref).shape.at(-1) ?? 1;
  }
}

interface Part {
  readonly seen: Regions;
  /** The box of each example. */
  readonly rows: readonly number[];
  /** The value beyond the border. */
  readonly outside: number;
}

function copyCells(
  to: Float32Array,
  first: number,
  from: Float32Array,
  places: Int32Array,
  channels: number,
  outside: number,
): void {
  for (const [i, place] of places.entries()) {
    const at = (first + i) * channels;
    if (place >= 0) to.set(from.subarray(place * channels, (place + 1) * channels), at);
    else if (outside !== 0) to.fill(outside, at, at + channels);
  }
}
