import * as l10n from '@vscode/l10n';
import type { LayerConfig } from '../../graph/layerConfig';
import { buildActivation } from '../../layers/activations/activations';
import { normalizeAxis, type Operation, refuse, shapeText, singleOperand } from '../operation';

/** `keras.ops.glu`: the first half of an axis times the sigmoid of the second. */
export function glu(axis: number, at: LayerConfig): Operation {
  const activation = buildActivation({ name: 'glu', args: at });
  return singleOperand({
    shape(operand) {
      const place = normalizeAxis(axis, operand.length);
      if ((operand[place] ?? 0) % 2 !== 0)
        refuse(l10n.t('axis {0} of {1} cannot be halved.', axis, shapeText(operand)), 'wrong-shape');
      return operand.map((size, i) => (i === place && size !== null ? size / 2 : size));
    },
    value: ({ tf }, x) => activation.forward(tf, x),
    gradient: ({ tf }, gradient, x, y) => activation.backward(tf, x, y, gradient),
  });
}

/** The softmax of the last axis, for use in formulas. */
export function softmax(at: LayerConfig): Operation {
  const activation = buildActivation({ name: 'softmax', args: at });
  return singleOperand({
    shape: (operand) => operand,
    value: ({ tf }, x) => activation.forward(tf, x),
    gradient: ({ tf }, gradient, x, y) => activation.backward(tf, x, y, gradient),
  });
}
