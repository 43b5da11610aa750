import * as l10n from '@vscode/l10n';
import type { LayerConfig } from '../../graph/layerConfig';
import { steps } from '../arithmetic/formulaSteps';
import { formula, type Value } from '../compound';
import { constant } from '../creation';
import { pad } from '../manipulation/padding';
import { reshape, transpose } from '../manipulation/reshaping';
import { depthwiseConvolution } from '../nn/layerFunctions';
import { type Operation, operandAt, refuse } from '../operation';
import type { ChannelsFirst } from './layout';

/** A constant from `make`, which needs the number of channels. */
function kernelFor(
  x: Value,
  make: (channels: number) => { shape: number[]; values: Float32Array },
): Operation {
  const channels = x.shape.at(-1) ?? refuse(l10n.t('its number of channels is unknown.'));
  const { shape, values } = make(channels);
  return constant(shape, (tf) => tf.tensor(values, shape));
}

/** Values of a Gaussian, normalized to the sum 1. */
export function gaussianWindow(size: number, sigma: number): Float64Array {
  const values = Float64Array.from({ length: size }, (_, i) =>
    Math.exp(-0.5 * ((i - (size - 1) / 2) / sigma) ** 2),
  );
  const sum = values.reduce((a, b) => a + b, 0);
  return values.map((value) => value / sum);
}

/** More pixels than in any image. */
export const MAX_KERNEL = 10_000;

/** `keras.ops.image.gaussian_blur`. */
export function gaussianBlur(
  size: readonly [number, number],
  sigma: readonly [number, number],
  at: LayerConfig,
): Operation {
  if (size.some((n) => n < 1) || size[0] * size[1] > MAX_KERNEL)
    refuse(l10n.t('a blur of {0} is not computed.', size.join(' x ')));
  const [across, down] = [gaussianWindow(size[0], sigma[0]), gaussianWindow(size[1], sigma[1])];
  return formula((apply, operands) => {
    const { of } = steps(apply);
    const x = operandAt(operands, 0);
    const kernel = kernelFor(x, (channels) => ({
      shape: [...size, channels, 1],
      values: Float32Array.from({ length: size[0] * size[1] * channels }, (_, i) => {
        // Keras computes the outer product with both sizes exchanged and reshapes it.
        const place = Math.floor(i / channels);
        return (down[Math.floor(place / size[0])] ?? 0) * (across[place % size[0]] ?? 0);
      }),
    }));
    return of(depthwiseConvolution({ strides: 1, padding: 'same' }, at), x, of(kernel));
  });
}

const SOBEL = [
  [-1, -2, -1, 0, 0, 0, 1, 2, 1],
  [-1, 0, 1, -2, 0, 2, -1, 0, 1],
] as const;

/** `keras.ops.image.sobel_edges`: the vertical and the horizontal derivative of every channel, as a last axis. */
export function sobelEdges(isFirst: ChannelsFirst, at: LayerConfig): Operation {
  return formula((apply, operands) => {
    const { of } = steps(apply);
    const given = operandAt(operands, 0);
    if (given.shape.length !== 4) return refuse(l10n.t('its images have no batch.'));
    const x = isFirst ? of(transpose([0, 2, 3, 1]), given) : given;
    const edges: [number, number][] = [
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ];
    const kernel = kernelFor(x, (channels) => ({
      shape: [3, 3, channels, 2],
      values: Float32Array.from(
        { length: 9 * channels * 2 },
        (_, i) => SOBEL[i % 2]?.[Math.floor(i / (2 * channels))] ?? 0,
      ),
    }));
    const both = of(
      depthwiseConvolution({ strides: 1, padding: 'valid' }, at),
      of(pad(edges, 'reflect'), x),
      of(kernel),
    );
    const apart = of(reshape([...x.shape, 2]), both);
    return isFirst ? of(transpose([0, 3, 1, 2, 4]), apart) : apart;
  });
}
