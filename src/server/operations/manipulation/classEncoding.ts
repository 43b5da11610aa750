import * as l10n from '@vscode/l10n';
import { mapInto } from '../../../shared/mapInto';
import type { Shape } from '../../../shared/model';
import { steps } from '../arithmetic/formulaSteps';
import { reduction } from '../arithmetic/reductions';
import { formula } from '../compound';
import { type ComputedDtype, cast } from '../dtypes';
import { hostOperation } from '../hostOperation';
import { normalizeAxis, type Operation, operandAt, refuse, singleOperand } from '../operation';

/** `keras.ops.one_hot`: 1 at each index along a new axis of size `classes`; indices out of range give zeros. No gradient. */
export function oneHot(classes: number, axis = -1, { on: hot = 1, off: cold = 0 } = {}): Operation {
  if (!Number.isSafeInteger(classes) || classes < 0) refuse(l10n.t('{0} classes are impossible.', classes));
  const shape = (operand: Shape): Shape => {
    const sizes = [...operand];
    sizes.splice(normalizeAxis(axis, operand.length + 1), 0, classes);
    return sizes;
  };
  return singleOperand({
    shape,
    value({ tf }, x) {
      // By comparison, because backends differ for indices that are out of range.
      const places = tf.expandDims(tf.cast(x, 'int32'), normalizeAxis(axis, x.rank + 1));
      const at = normalizeAxis(axis, x.rank + 1);
      const which = tf.reshape(
        tf.range(0, classes, 1, 'int32'),
        places.shape.map((_, i) => (i === at ? classes : 1)),
      );
      const hits = tf.cast(tf.equal(places, which), 'float32');
      return hot === 1 && cold === 0 ? hits : tf.add(tf.mul(hits, hot - cold), cold);
    },
  });
}

/** `keras.ops.multi_hot`: 1 at each class in the second axis (of a vector: the only one). */
export const multiHot = (classes: number, axis: number, dtype: ComputedDtype): Operation =>
  formula((apply, operands) => {
    const { of } = steps(apply);
    const x = operandAt(operands, 0);
    const hot = of(oneHot(classes, axis), x);
    const any = of(reduction('max', { axes: [x.shape.length > 1 ? 1 : 0], keepdims: false }), hot);
    return of(cast(dtype), any);
  });

/** `keras.ops.in_top_k`: whether fewer than `k` predictions are larger than that of the target. */
export const inTopK = (k: number): Operation =>
  hostOperation({
    outputShapes: (operands) => [operandAt(operands, 0)],
    forward(operands) {
      const [targets, predictions] = [operandAt(operands, 0), operandAt(operands, 1)];
      const classes = predictions.shape.at(-1) ?? 0;
      const hits = mapInto(new Uint8Array(targets.values.length), targets.values, (target, row) => {
        const own = (i: number): number => predictions.values[row * classes + i] ?? Number.NaN;
        if (!(target >= 0 && target < classes)) return 0;
        let larger = 0;
        for (let i = 0; i < classes; i++) {
          if (!Number.isFinite(own(i))) return 0;
          if (own(i) > own(target)) larger++;
        }
        return Number(larger < k);
      });
      return [{ shape: targets.shape, values: hits, dtype: 'bool' }];
    },
  });
