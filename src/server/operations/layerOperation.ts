import type { Shape } from '../../shared/model';
import { multiplyAddsOf, workOf } from '../graph/cost';
import { LayerConfig } from '../graph/layerConfig';
import { isSized } from '../graph/weightShapes';
import type { LayerContext, LayerKind, Tensor } from '../layers/kind';
import { shapesMatch, shapeText } from '../layers/support/shapeMatching';
import { type Computing, type Operation, operandAt, refuse } from './operation';

/**
 * What a layer kind does as an operation, its arguments given as those of the layer: `nn.max_pool2d` is MaxPooling2D.
 * Operands are the layer's one input and then its weights, which have to be constants: no gradient of theirs is computed.
 * @param values the layer's config, which may follow from the operands' shapes.
 */
export function throughKind(
  kind: LayerKind,
  values: (operands: readonly Shape[]) => Readonly<Record<string, unknown>>,
  at: LayerConfig,
): Operation {
  const configFor = (operands: readonly Shape[]) => new LayerConfig(values(operands), at.path, 3);
  const context = ({ tf, backend }: Computing, operands: readonly Tensor[]): LayerContext => ({
    tf,
    backend,
    config: configFor(operands.map(({ shape }) => shape)),
    call: { args: [], kwargs: {} },
    weights: operands.slice(1),
    masks: [],
  });
  return {
    outputShapes(operands) {
      const [config, inputs] = [configFor(operands), operands.slice(0, 1)];
      const shapes = kind.outputShapes(config, inputs);
      const wanted = isSized(inputs) ? (kind.weights?.(config, inputs) ?? []) : [];
      for (const [i, { name, shape }] of wanted.entries()) {
        const given = operandAt(operands, i + 1);
        if (!shapesMatch(given, shape))
          refuse(`its ${name} ${shapeText(given)} should be of the shape ${shapeText(shape)}.`);
      }
      return shapes;
    },
    multiplyAdds(operands) {
      const config = configFor(operands);
      const inputs = operands.slice(0, 1);
      return multiplyAddsOf(kind, config, inputs, kind.outputShapes(config, inputs));
    },
    work(operands) {
      const config = configFor(operands);
      const inputs = operands.slice(0, 1);
      return workOf(kind, config, inputs, kind.outputShapes(config, inputs));
    },
    forward: (on, operands) => kind.forward(context(on, operands), operands.slice(0, 1)),
    backward(on, step) {
      if (step.inputs.some((_, i) => i > 0 && step.wanted?.[i] !== false)) {
        refuse('the gradient to a kernel that the model computes itself is not known.');
      }
      const own = { ...step, inputs: step.inputs.slice(0, 1) };
      const [gradient = null] = kind.backward(context(on, step.inputs), own);
      return step.inputs.map((_, i) => (i === 0 ? gradient : null));
    },
  };
}
