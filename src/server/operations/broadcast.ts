import * as l10n from '@vscode/l10n';
import type { Shape } from '../../shared/model';
import { allNames } from '../../shared/texts/nameList';
import type { Tensor, TF } from '../layers/kind';
import { refuse, shapeText } from './operation';

/**
 * NumPy's broadcasting: axes are aligned from the last one on. An unknown size stays unknown unless another operand determines it.
 * @throws Refusal when two sizes differ and neither is 1.
 */
export function broadcastShapes(shapes: readonly Shape[]): Shape {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, i) => {
    const sizes = shapes.map((shape) => {
      const at = i - rank + shape.length;
      return at < 0 ? 1 : (shape[at] ?? null);
    });
    const settled = sizes.find((size) => size !== null && size !== 1);
    if (sizes.some((size) => size !== null && size !== 1 && size !== settled)) {
      return refuse(
        l10n.t('shapes {0} do not fit together.', allNames(shapes.map(shapeText))),
        'wrong-shape',
      );
    }
    return settled ?? (sizes.includes(null) ? null : 1);
  });
}

/** The transpose of broadcasting: sums over the axes along which a value of `shape` was repeated. */
export function sumTo(tf: TF, gradient: Tensor, shape: readonly number[]): Tensor {
  const lead = gradient.rank - shape.length;
  const repeated = gradient.shape.flatMap((size, axis) =>
    axis < lead || (shape[axis - lead] === 1 && size !== 1) ? [axis] : [],
  );
  return tf.reshape(repeated.length > 0 ? tf.sum(gradient, repeated) : gradient, [...shape]);
}

/** `x` repeated to `shape`, which its own shape broadcasts to. */
export function expandTo(tf: TF, x: Tensor, shape: readonly number[]): Tensor {
  const aligned = [...new Array<number>(Math.max(0, shape.length - x.rank)).fill(1), ...x.shape];
  const times = shape.map((size, axis) => (aligned[axis] === size ? 1 : size));
  const raised = x.rank === shape.length ? x : tf.reshape(x, aligned);
  return times.every((n) => n === 1) ? tf.clone(raised) : tf.tile(raised, times);
}
