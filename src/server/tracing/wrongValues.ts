import type { TensorRef } from '../graph/graph';
import type { Tensor } from '../layers/kind';
import type { Control } from '../run/control';
import { tidy } from '../run/tidy';
import { activationOf, layerContext, runnableKind, type Trace } from '../run/trace';
import type { ConvolutionBehind } from './convolutionBehind';
import { type FeatureMap, featureMap, forEachIndex, maximaIn, resized, wholeBox } from './featureMap';
import { type Changes, recompute } from './recompute';

export interface WrongFilter {
  /** The filter's values before the activation, row-major over the positions; one number holds for all positions. */
  readonly values: Float64Array | number;
  /** Of the convolution's output, where they differ from those of the trace. */
  readonly sizes?: readonly number[];
  /** Layers that are left out; the convolution itself stands for its activation. */
  readonly skipped?: ReadonlySet<string>;
}

/** What a unit would be if something in the model were computed in another way. */
export class WrongValues {
  constructor(
    private readonly trace: Trace,
    private readonly layer: TensorRef,
    private readonly unit: number,
    private readonly convolution: ConvolutionBehind,
    private readonly control: Control,
  ) {}

  /** The unit under some changes. */
  async under(changes: Changes): Promise<number> {
    const tensor = await recompute(this.trace, this.layer, changes, this.control);
    try {
      const map = await featureMap(this.trace, this.layer, tensor);
      return maximaIn(map, this.unit, wholeBox(map), 0).value;
    } finally {
      tensor.dispose();
    }
  }

  /** The unit if the convolution's filter gave other values. */
  async withFilter(wrong: WrongFilter): Promise<number> {
    const { node } = this.convolution;
    const { tf } = this.trace.runtime;
    const kind = runnableKind(node);
    const ctx = layerContext(this.trace, node, await this.trace.weights.of(node));
    const isActive = wrong.skipped?.has(node.path) !== true;
    const pre = await this.preWith(wrong);
    const post = tidy(tf, () => {
      const activation = isActive && kind ? activationOf(kind, ctx) : null;
      return activation ? activation.forward(tf, pre) : tf.clone(pre);
    });
    pre.dispose();
    const outputs = new Map([[node.path, post]]);
    try {
      return await this.under({ outputs, ...(wrong.skipped && { skipped: wrong.skipped }) });
    } finally {
      post.dispose();
    }
  }

  /** The convolution's output before the activation, with other values in the filter's channel. */
  private async preWith({ values, sizes }: WrongFilter): Promise<Tensor> {
    const { output, channel } = this.convolution;
    const before = await this.before();
    const isSame = sizes === undefined || sizes.join() === output.sizes.join();
    const layout = resized(output, sizes ?? output.sizes);
    const count = layout.shape.reduce((a, b) => a * b, 1);
    const filled = new Float32Array(count);
    if (isSame) for (let i = 0; i < count; i++) filled[i] = before.data[i] ?? 0;
    let place = 0;
    forEachIndex(layout, channel, wholeBox(layout), (index) => {
      filled[index] = typeof values === 'number' ? values : (values[place++] ?? 0);
    });
    return this.trace.runtime.tf.tensor(filled, [...layout.shape], 'float32');
  }

  /** The convolution's values before its activation. */
  async before(): Promise<FeatureMap> {
    const { node, output } = this.convolution;
    const { pre } = this.trace.at(node.path);
    return pre ? featureMap(this.trace, output.ref, pre) : output;
  }
}
