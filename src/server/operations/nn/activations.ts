import type { LayerConfig } from '../../graph/layerConfig';
import { buildActivation } from '../../layers/activations/activations';
import { axisIn, type Operation, ofOne, refuse, shapeText } from '../operation';

/** `keras.ops.glu`: the first half of an axis times the sigmoid of the second. */
export function glu(axis: number, at: LayerConfig): Operation {
  const activation = buildActivation({ name: 'glu', args: at });
  return ofOne({
    shape(operand) {
      const place = axisIn(axis, operand.length);
      if ((operand[place] ?? 0) % 2 !== 0) refuse(`axis ${axis} of ${shapeText(operand)} has no halves.`);
      return operand.map((size, i) => (i === place && size !== null ? size / 2 : size));
    },
    value: ({ tf }, x) => activation.forward(tf, x),
    gradient: ({ tf }, gradient, x, y) => activation.backward(tf, x, y, gradient),
  });
}

/** A softmax of the last axis, as an operation inside others. */
export function softmax(at: LayerConfig): Operation {
  const activation = buildActivation({ name: 'softmax', args: at });
  return ofOne({
    shape: (operand) => operand,
    value: ({ tf }, x) => activation.forward(tf, x),
    gradient: ({ tf }, gradient, x, y) => activation.backward(tf, x, y, gradient),
  });
}
