import * as l10n from '@vscode/l10n';
import type { LayerConfig } from '../../graph/layerConfig';
import { steps } from '../arithmetic/formulaSteps';
import { formula, type Value } from '../compound';
import { constant } from '../creation';
import { expandDims, reshape, squeeze, transpose } from '../manipulation/reshaping';
import { convolution } from '../nn/layerFunctions';
import { type Operation, operandAt, refuse } from '../operation';
import { gaussianWindow, MAX_KERNEL } from './filters';
import type { ChannelsFirst } from './layout';

/** `keras.ops.psnr`: one number for both tensors. */
export const psnr = (largest: number): Operation =>
  formula((apply, operands) => {
    const { one, two, reduce } = steps(apply);
    const difference_ = two('subtract', operandAt(operands, 0), operandAt(operands, 1));
    const error = reduce('mean', one('square', difference_), { axes: null, keepdims: false });
    return two('subtract', 20 * Math.log10(largest), two('multiply', one('log10', error), 10));
  });

/** The constants of `keras.ops.image.ssim`. */
export interface Similarity {
  readonly largest: number;
  readonly size: number;
  readonly sigma: number;
  readonly k1: number;
  readonly k2: number;
}

/** `keras.ops.image.ssim`: the structural similarity of two images, one number per pair. */
export function ssim(
  { largest, size, sigma, k1, k2 }: Similarity,
  isFirst: ChannelsFirst,
  at: LayerConfig,
): Operation {
  if (size < 1 || size * size > MAX_KERNEL) refuse(l10n.t('windows of {0} are not compared.', size));
  const curve = gaussianWindow(size, sigma);
  const kernel = constant([size, size, 1, 1], (tf) =>
    tf.tensor(
      Float32Array.from(
        { length: size * size },
        (_, i) => (curve[Math.floor(i / size)] ?? 0) * (curve[i % size] ?? 0),
      ),
      [size, size, 1, 1],
    ),
  );
  const [c1, c2] = [(k1 * largest) ** 2, (k2 * largest) ** 2];
  return formula((apply, operands) => {
    const { of, one, two, reduce } = steps(apply);
    const isSingle = operandAt(operands, 0).shape.length === 3;
    const rows = (x: Value): Value => {
      const batch = isSingle ? of(expandDims([0]), x) : x;
      const first = isFirst ? batch : of(transpose([0, 3, 1, 2]), batch);
      const [, , height = null, width = null] = first.shape;
      return of(reshape([-1, height, width, 1]), first);
    };
    const images = operandAt(operands, 0).shape;
    const channels = images[isFirst ? images.length - 3 : images.length - 1] ?? null;
    const [a, b] = [rows(operandAt(operands, 0)), rows(operandAt(operands, 1))];
    const weights = of(kernel);
    const blurred = (x: Value): Value => of(convolution({ strides: 1, padding: 'valid' }, at), x, weights);
    const [meanA, meanB] = [blurred(a), blurred(b)];
    const [squareA, squareB, both] = [
      one('square', meanA),
      one('square', meanB),
      two('multiply', meanA, meanB),
    ];
    const varianceA = two('subtract', blurred(one('square', a)), squareA);
    const varianceB = two('subtract', blurred(one('square', b)), squareB);
    const common = two('subtract', blurred(two('multiply', a, b)), both);
    const above = two(
      'multiply',
      two('add', two('multiply', both, 2), c1),
      two('add', two('multiply', common, 2), c2),
    );
    const below = two(
      'multiply',
      two('add', two('add', squareA, squareB), c1),
      two('add', two('add', varianceA, varianceB), c2),
    );
    const alike = reduce('mean', two('divide', above, below), { axes: [1, 2, 3], keepdims: false });
    const found = reduce('mean', of(reshape([isSingle ? 1 : (images[0] ?? -1), channels]), alike), {
      axes: [-1],
      keepdims: false,
    });
    return isSingle ? of(squeeze([0]), found) : found;
  });
}
