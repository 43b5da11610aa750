import type { backend_util } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../../../../shared/model';
import type { TF } from '../../../../layers/kind';
import type { GraphWriter } from '../graphWriter';
import { type Asked, type KernelTable, operand, result } from '../kernel';
import type { Call, Value } from '../value';

type Info = backend_util.Conv2DInfo;

/** Pooling of images and its gradients. */
export function poolings(tf: TF): KernelTable {
  const infoOf = ({ attributes }: Asked, image: Value): Info => {
    const { filterSize, strides, pad, dimRoundingMode } = attributes;
    return tf.backend_util.computePool2DInfo(
      image.shape as [number, number, number, number],
      filterSize as [number, number],
      strides as [number, number],
      1,
      pad as 'same',
      dimRoundingMode as 'floor' | undefined,
    );
  };
  const forward = (op: string, attributes: Readonly<Record<string, number>>) => ({
    outputs: (call: Asked) => [
      { shape: infoOf(call, operand(call, 'x')).outShape, dtype: 'float32' as const },
    ],
    write(graph: GraphWriter, call: Call): void {
      const x = operand(call, 'x');
      const name = graph.add(op, [graph.first(x)], { ...windows(infoOf(call, x)), ...attributes });
      graph.defineFirst(result(call), name);
    },
  });
  return {
    MaxPool: forward('MaxPool', {}),
    AvgPool: forward('AveragePool', { count_include_pad: 0 }),
    MaxPoolGrad: {
      outputs: (call) => [{ shape: operand(call, 'input').shape, dtype: 'float32' }],
      write(graph, call) {
        const [dy, input] = [operand(call, 'dy'), operand(call, 'input')];
        const [batch = 0, height = 0, width = 0, channels = 0] = input.shape;
        const [, indices = ''] = graph.addMany(
          'MaxPool',
          [graph.first(input)],
          windows(infoOf(call, input)),
          2,
        );
        // The indices count through the whole image, channels first; a maximum of several windows gets the sum.
        const zeros = graph.add('ConstantOfShape', [graph.whole([sizeOf(input.shape)])]);
        const flat = graph.whole([-1]);
        const sums = graph.add(
          'ScatterElements',
          [zeros, graph.add('Reshape', [indices, flat]), graph.add('Reshape', [graph.first(dy), flat])],
          { axis: 0, reduction: 'add' },
        );
        graph.defineFirst(result(call), graph.reshape(sums, [batch, channels, height, width]));
      },
    },
    AvgPoolGrad: {
      outputs: (call) => [{ shape: operand(call, 'input').shape, dtype: 'float32' }],
      write(graph, call) {
        const [dy, input] = [operand(call, 'dy'), operand(call, 'input')];
        const info = infoOf(call, input);
        const [batch = 0, height = 0, width = 0, channels = 0] = input.shape;
        const { filterHeight, filterWidth, outHeight, outWidth, strideHeight, strideWidth, padInfo } = info;
        const area = filterHeight * filterWidth;
        const window = graph.floats(
          Array.from({ length: area }, () => 1 / area),
          [1, 1, filterHeight, filterWidth],
        );
        // Each channel is an image of its own, so that one kernel of one channel serves all.
        const planes = graph.reshape(graph.first(dy), [batch * channels, 1, outHeight, outWidth]);
        const far = [
          (outHeight - 1) * strideHeight + filterHeight - padInfo.top - height,
          (outWidth - 1) * strideWidth + filterWidth - padInfo.left - width,
        ].map((edge) => -edge) as [number, number];
        const spread = graph.add('ConvTranspose', [planes, window], {
          kernel_shape: [filterHeight, filterWidth],
          strides: [strideHeight, strideWidth],
          pads: [padInfo.top, padInfo.left, Math.max(0, -far[0]), Math.max(0, -far[1])],
        });
        // What no window reaches, at the far edge, is zero.
        const [rows, columns] = [Math.max(0, far[0]), Math.max(0, far[1])];
        const whole =
          rows + columns === 0
            ? spread
            : graph.add('Pad', [spread, graph.whole([0, 0, 0, 0, 0, 0, rows, columns])]);
        graph.defineFirst(result(call), graph.reshape(whole, [batch, channels, height, width]));
      },
    },
  };
}

function windows({ filterHeight, filterWidth, strideHeight, strideWidth, padInfo }: Info) {
  return {
    kernel_shape: [filterHeight, filterWidth],
    strides: [strideHeight, strideWidth],
    pads: [padInfo.top, padInfo.left, padInfo.bottom, padInfo.right],
  };
}
