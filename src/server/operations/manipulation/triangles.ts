import * as l10n from '@vscode/l10n';
import { binary } from '../arithmetic/binary';
import { formula } from '../compound';
import { type Operation, operandAt, refuse } from '../operation';

/** `keras.ops.tril` and `triu`: zeros above, or below, the diagonal `k` of the last two axes. */
export function triangle(part: 'lower' | 'upper', k: number): Operation {
  return formula((apply, operands) => {
    const x = operandAt(operands, 0);
    const [rows, columns] = x.shape.slice(-2);
    if (x.shape.length < 2 || typeof rows !== 'number' || typeof columns !== 'number') {
      return refuse(l10n.t('a triangle needs matrices of known size.'));
    }
    const mask: Operation = {
      outputShapes: () => [[rows, columns]],
      forward({ tf }) {
        const down = tf.add(tf.reshape(tf.range(0, rows, 1, 'int32'), [rows, 1]), tf.scalar(k, 'int32'));
        const across = tf.reshape(tf.range(0, columns, 1, 'int32'), [1, columns]);
        const kept = part === 'lower' ? tf.greaterEqual(down, across) : tf.lessEqual(down, across);
        return [tf.cast(kept, 'float32')];
      },
    };
    return apply(binary('multiply'), x, apply(mask)[0])[0];
  });
}
