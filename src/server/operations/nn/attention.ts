import * as l10n from '@vscode/l10n';
import type { LayerConfig } from '../../graph/layerConfig';
import { einsum } from '../arithmetic/einsum';
import { steps } from '../arithmetic/formulaSteps';
import { where } from '../arithmetic/selection';
import { formula, type Value } from '../compound';
import { constant } from '../creation';
import { repeat } from '../manipulation/tiling';
import { type Operation, operandAt, refuse } from '../operation';
import { softmax } from './activations';

/** The logit of a masked position; Keras uses 0.7 times the lowest float32. */
const MASKED = -0.7 * 3.4028234663852886e38;

export interface AttentionOptions {
  /** Indices of the operands bias and mask, `null` if there is none. */
  readonly bias: number | null;
  readonly mask: number | null;
  readonly isCausal: boolean;
  /** `null` for 1 / sqrt(size of a head). */
  readonly scale: number | null;
}

/**
 * `keras.ops.dot_product_attention`: operands query [batch, T, heads, size], key and value [batch, S, key heads, size], and
 * then, optionally, bias and mask, which broadcast to [batch, heads, T, S].
 */
export function dotProductAttention(options: AttentionOptions, at: LayerConfig): Operation {
  return formula((apply, operands) => {
    const { of, two } = steps(apply);
    const [query, key, value] = [operandAt(operands, 0), operandAt(operands, 1), operandAt(operands, 2)];
    const [, length = null, heads = null, size = null] = query.shape;
    const [, places = null, keyHeads = null] = key.shape;
    if (query.shape.length !== 4 || size === null || heads === null || keyHeads === null) {
      return refuse(l10n.t('attention needs a query of four axes, its heads and their size known.'));
    }
    // Each key serves a group of queries.
    const shared = (x: Value): Value => (heads === keyHeads ? x : of(repeat(heads / keyHeads, 2), x));
    const scale = options.scale ?? 1 / Math.sqrt(size);
    let logits = two('multiply', of(einsum('btnh,bsnh->bnts'), query, shared(key)), scale);
    if (options.bias !== null) logits = two('add', logits, operandAt(operands, options.bias));
    const keep = (mask: Value): Value =>
      of(where(), mask, logits, of(constant([], (tf) => tf.scalar(MASKED))));
    if (options.mask !== null) logits = keep(operandAt(operands, options.mask));
    if (options.isCausal) {
      if (length === null || places === null) return refuse(l10n.t('a causal mask needs known lengths.'));
      logits = keep(of(causal(length, places)));
    }
    return of(einsum('bnts,bsnh->btnh'), of(softmax(at), logits), shared(value));
  });
}

/** True where a query may attend: to itself and earlier positions. */
const causal = (rows: number, columns: number): Operation => ({
  outputShapes: () => [[rows, columns]],
  forward({ tf }) {
    const down = tf.reshape(tf.range(0, rows, 1, 'int32'), [rows, 1]);
    return [tf.greaterEqual(down, tf.reshape(tf.range(0, columns, 1, 'int32'), [1, columns]))];
  },
});
