import type { backend_util } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../../../../shared/model';
import type { TF } from '../../../../layers/kind';
import type { GraphWriter } from '../graphWriter';
import { type Asked, areFloats, type KernelTable, operand, result } from '../kernel';
import type { Call, Value } from '../value';

type Info = backend_util.Conv2DInfo;
type Shape4d = [number, number, number, number];

/** The convolutions of images and their gradients; kernels are [height, width, channels, filters or multiplier]. */
export function convolutions(tf: TF): KernelTable {
  const infoOf = (call: Asked, image: readonly number[], filter: Value, isDepthwise: boolean): Info => {
    const { strides, pad, dilations = 1, dimRoundingMode } = call.attributes;
    return tf.backend_util.computeConv2DInfo(
      image as Shape4d,
      filter.shape as Shape4d,
      strides as [number, number],
      dilations as [number, number],
      pad as 'same',
      dimRoundingMode as 'floor' | undefined,
      isDepthwise,
    );
  };
  const forward = (isDepthwise: boolean) => ({
    outputs: (call: Asked) => [
      {
        shape: infoOf(call, operand(call, 'x').shape, operand(call, 'filter'), isDepthwise).outShape,
        dtype: 'float32' as const,
      },
    ],
    work: (call: Call) => workOf(operand(call, 'filter'), sizeOf(result(call).shape), isDepthwise),
    write(graph: GraphWriter, call: Call): void {
      const [x, filter] = [operand(call, 'x'), operand(call, 'filter')];
      const info = infoOf(call, x.shape, filter, isDepthwise);
      const { top, left, bottom, right } = info.padInfo;
      const kernel = isDepthwise ? depthwiseKernel(graph, filter) : firstKernel(graph, filter);
      graph.defineFirst(
        result(call),
        graph.add('Conv', [graph.first(x), kernel], {
          kernel_shape: [info.filterHeight, info.filterWidth],
          strides: [info.strideHeight, info.strideWidth],
          dilations: [info.dilationHeight, info.dilationWidth],
          pads: [top, left, bottom, right],
          group: isDepthwise ? info.inChannels : 1,
        }),
      );
    },
  });
  const backward = (isDepthwise: boolean) => ({
    accepts: (call: Asked) => areFloats(call) && (!isDepthwise || operand(call, 'filter').shape[3] === 1),
    outputs: ({ attributes: { inputShape } }: Asked) => [
      { shape: (inputShape as number[]).slice(), dtype: 'float32' as const },
    ],
    work: (call: Call) => workOf(operand(call, 'filter'), sizeOf(operand(call, 'dy').shape), isDepthwise),
    write(graph: GraphWriter, call: Call): void {
      const [dy, filter] = [operand(call, 'dy'), operand(call, 'filter')];
      const info = infoOf(call, result(call).shape, filter, isDepthwise);
      graph.defineFirst(result(call), writeGradient(graph, dy, filter, info, isDepthwise));
    },
  });
  return {
    Conv2D: forward(false),
    DepthwiseConv2dNative: forward(true),
    Conv2DBackpropInput: backward(false),
    DepthwiseConv2dNativeBackpropInput: backward(true),
  };
}

/** Multiply-adds: each value of the output (of the gradient, for the way back) meets a window of one or all channels. */
function workOf(
  { shape: [height = 1, width = 1, channels = 1] }: Value,
  values: number,
  isDepthwise: boolean,
): number {
  return values * height * width * (isDepthwise ? 1 : channels);
}

const firstKernel = (graph: GraphWriter, filter: Value): string =>
  graph.kernel(filter, { lead: 'filters', isFlipped: false });

/** [height, width, channels, multiplier] -> [channels * multiplier, 1, height, width] */
function depthwiseKernel(graph: GraphWriter, filter: Value, isFlipped = false): string {
  const [height = 0, width = 0, channels = 0, multiplier = 0] = filter.shape;
  return graph.kernel(filter, { lead: 'channels', isFlipped }, [channels * multiplier, 1, height, width]);
}

/**
 * The gradient of a convolution with respect to its image: a convolution of the spread gradient with the flipped kernel, which
 * the runtime computes faster than a transposed convolution. Of one with many channels in long steps, most of the spread
 * gradient would be zeros: it is a transposed convolution.
 */
function writeGradient(
  graph: GraphWriter,
  dy: Value,
  filter: Value,
  info: Info,
  isDepthwise: boolean,
): string {
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, padInfo } = info;
  const [height = 0, width = 0, channels = 0] = filter.shape;
  const isStrided = strideHeight > 1 || strideWidth > 1;
  const dilations = [dilationHeight, dilationWidth];
  const kernelShape = [height, width];
  const reach = [info.effectiveFilterHeight - 1, info.effectiveFilterWidth - 1] as const;
  const [, inHeight, inWidth] = info.inShape;
  if (isStrided && !isDepthwise) {
    // What no window reaches, at the far edge, is zero.
    const size = [
      (info.outHeight - 1) * strideHeight + reach[0] + 1 - padInfo.top,
      (info.outWidth - 1) * strideWidth + reach[1] + 1 - padInfo.left,
    ] as const;
    const kernel = firstKernel(graph, filter);
    const short = [Math.max(0, inHeight - size[0]), Math.max(0, inWidth - size[1])] as const;
    const name = graph.add('ConvTranspose', [graph.first(dy), kernel], {
      kernel_shape: kernelShape,
      strides: [strideHeight, strideWidth],
      dilations,
      pads: [padInfo.top, padInfo.left, Math.max(0, size[0] - inHeight), Math.max(0, size[1] - inWidth)],
    });
    return short[0] + short[1] === 0
      ? name
      : graph.add('Pad', [name, graph.whole([0, 0, 0, 0, 0, 0, short[0], short[1]])]);
  }
  const spread = isStrided ? spreadRows(graph, dy, [strideHeight, strideWidth]) : graph.first(dy);
  const spreadHeight = (info.outHeight - 1) * strideHeight + 1;
  const spreadWidth = (info.outWidth - 1) * strideWidth + 1;
  const before = [reach[0] - padInfo.top, reach[1] - padInfo.left] as const;
  const after = [
    inHeight + reach[0] - spreadHeight - before[0],
    inWidth + reach[1] - spreadWidth - before[1],
  ] as const;
  const isFlipped = height * width > 1;
  const kernel = isDepthwise
    ? depthwiseKernel(graph, filter, isFlipped)
    : graph.kernel(filter, { lead: 'channels', isFlipped });
  const edges = [...before, ...after];
  // A window may lie in the padding altogether, so that part of the gradient is cut off.
  const isCut = edges.some((edge) => edge < 0);
  const image = isCut
    ? graph.add('Pad', [spread, graph.whole([0, 0, before[0], before[1], 0, 0, after[0], after[1]])])
    : spread;
  return graph.add('Conv', [image, kernel], {
    kernel_shape: kernelShape,
    dilations,
    pads: isCut ? [0, 0, 0, 0] : edges,
    group: isDepthwise ? channels : 1,
  });
}

/** Zeros between neighbouring values: step - 1 of them along rows and columns, none after the last. */
function spreadRows(graph: GraphWriter, dy: Value, [rows, columns]: readonly [number, number]): string {
  const [batch = 0, height = 0, width = 0, channels = 0] = dy.shape;
  const apart = graph.reshape(graph.first(dy), [batch, channels, height, 1, width, 1]);
  const padded = graph.add('Pad', [
    apart,
    graph.whole([0, 0, 0, 0, 0, 0, 0, 0, 0, rows - 1, 0, columns - 1]),
  ]);
  const wide = graph.reshape(padded, [batch, channels, height * rows, width * columns]);
  return graph.add('Slice', [
    wide,
    graph.whole([0, 0]),
    graph.whole([(height - 1) * rows + 1, (width - 1) * columns + 1]),
    graph.whole([2, 3]),
  ]);
}
