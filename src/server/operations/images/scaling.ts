import * as l10n from '@vscode/l10n';
import { MAX_WEIGHTS } from '../../layers/support/resampling';
import { steps } from '../arithmetic/formulaSteps';
import { tensordot } from '../arithmetic/vectorProducts';
import { formula, type Value } from '../compound';
import { constant } from '../creation';
import { moveaxis } from '../manipulation/reshaping';
import { normalizeAxis, type Operation, operandAt, refuse } from '../operation';

/** The scaling of an axis: position p of x moves to `scale` p + `translation`; the result has `to` positions. */
export interface Scaling {
  readonly scale: number;
  readonly translation: number;
  readonly to: number;
}

type Curve = (distance: number) => number;

const lanczos =
  (radius: number): Curve =>
  (x) => {
    if (x > radius) return 0;
    if (x <= 1e-3) return 1;
    return (radius * Math.sin(Math.PI * x) * Math.sin((Math.PI * x) / radius)) / (Math.PI * x) ** 2;
  };

function cubic(x: number): number {
  if (x >= 2) return 0;
  return x >= 1 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : (1.5 * x - 2.5) * x * x + 1;
}

const linear: Curve = (x) => Math.max(0, 1 - x);

const CURVES: Readonly<Record<string, Curve>> = {
  linear,
  bilinear: linear,
  trilinear: linear,
  triangle: linear,
  cubic,
  bicubic: cubic,
  tricubic: cubic,
  lanczos3: lanczos(3),
  lanczos5: lanczos(5),
};

/** The weights [from, to] of `keras.ops.image.scale_and_translate` along one axis. */
export function scaleWeights(
  method: string,
  antialias: boolean,
  { scale, translation, to }: Scaling,
): (from: number) => Float32Array {
  const curve = Object.hasOwn(CURVES, method) ? CURVES[method] : undefined;
  if (curve === undefined)
    return refuse(l10n.t('"{0}" is not a method to scale images.', method.slice(0, 40)));
  return (from) => {
    if (!(to >= 0 && from * to <= MAX_WEIGHTS)) refuse(l10n.t('{0} values are not scaled to {1}.', from, to));
    const weights = new Float32Array(from * to);
    const inverse = 1 / scale;
    const wide = antialias ? Math.max(inverse, 1) : 1;
    for (let k = 0; k < to; k++) {
      const centre = (k + 0.5) * inverse - translation * inverse - 0.5;
      if (centre < -0.5 || centre > from - 0.5) continue;
      const own = Float64Array.from({ length: from }, (_, i) => curve(Math.abs(centre - i) / wide));
      const sum = own.reduce((a, b) => a + b, 0);
      if (Math.abs(sum) <= 1000 * 2 ** -23) continue;
      for (const [i, weight] of own.entries()) weights[i * to + k] = weight / sum;
    }
    return weights;
  };
}

/** A matrix along each axis: values [from, to]. */
export interface AxisWeights {
  readonly axis: number;
  readonly to: number;
  /** Weights [from, to], row-major. */
  weights(from: number): Float32Array;
}

/** Multiplies some axes by matrices of weights. */
export const weightedSums = (axes: readonly AxisWeights[]): Operation =>
  formula((apply, operands) => {
    const { of } = steps(apply);
    return axes.reduce<Value>(
      (x, { axis, to, weights }) => {
        const at = normalizeAxis(axis, x.shape.length);
        const from = x.shape[at] ?? refuse(l10n.t('the size of its images is unknown.'));
        const matrix = of(constant([from, to], (tf) => tf.tensor(weights(from), [from, to])));
        return of(moveaxis([-1], [at]), of(tensordot([[at], [0]]), x, matrix));
      },
      operandAt(operands, 0),
    );
  });
