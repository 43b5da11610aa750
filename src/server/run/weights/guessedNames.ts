/** The weights of a class in Keras's order; those from `optional` on may be missing. */
interface ClassWeights {
  readonly className: string;
  readonly names: readonly string[];
  readonly optional?: number;
}

const kernelAndBias = (className: string): ClassWeights => ({
  className,
  names: ['kernel', 'bias'],
  optional: 1,
});
const recurrent = (className: string): ClassWeights => ({
  className,
  names: ['kernel', 'recurrent_kernel', 'bias'],
  optional: 2,
});

/** By the name that Keras 3 gives the objects of a class in a file. */
const CLASSES: Readonly<Record<string, ClassWeights>> = {
  dense: kernelAndBias('Dense'),
  conv1d: kernelAndBias('Conv1D'),
  conv2d: kernelAndBias('Conv2D'),
  conv3d: kernelAndBias('Conv3D'),
  conv1d_transpose: kernelAndBias('Conv1DTranspose'),
  conv2d_transpose: kernelAndBias('Conv2DTranspose'),
  conv3d_transpose: kernelAndBias('Conv3DTranspose'),
  depthwise_conv1d: kernelAndBias('DepthwiseConv1D'),
  depthwise_conv2d: kernelAndBias('DepthwiseConv2D'),
  separable_conv1d: {
    className: 'SeparableConv1D',
    names: ['depthwise_kernel', 'pointwise_kernel', 'bias'],
    optional: 2,
  },
  separable_conv2d: {
    className: 'SeparableConv2D',
    names: ['depthwise_kernel', 'pointwise_kernel', 'bias'],
    optional: 2,
  },
  batch_normalization: {
    className: 'BatchNormalization',
    names: ['gamma', 'beta', 'moving_mean', 'moving_variance'],
  },
  layer_normalization: { className: 'LayerNormalization', names: ['gamma', 'beta'] },
  embedding: { className: 'Embedding', names: ['embeddings'] },
  lstm: recurrent('LSTM'),
  gru: recurrent('GRU'),
  simple_rnn: recurrent('SimpleRNN'),
};

const BY_CLASS: ReadonlyMap<string, ClassWeights> = new Map(
  Object.values(CLASSES).map((one) => [one.className, one]),
);

/** The class of an object by its name in a Keras 3 file, such as `conv2d_1`; `null` where it does not tell. */
export const classOfObject = (object: string): string | null =>
  CLASSES[object.replace(/_\d+$/, '')]?.className ?? null;

/** The names of the `count` weights that a layer of a class has, in Keras's order; `null` where it does not have so many. */
export function namesOfClass(className: string, count: number): readonly string[] | null {
  const found = BY_CLASS.get(className);
  if (found === undefined) return null;
  const { names, optional = names.length } = found;
  return count >= optional && count <= names.length ? names.slice(0, count) : null;
}
