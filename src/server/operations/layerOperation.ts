import * as l10n from '@vscode/l10n';
import type { Shape } from '../../shared/model';
import { multiplyAddsOf, workOf } from '../graph/cost';
import { LayerConfig } from '../graph/layerConfig';
import { isSized } from '../graph/weightShapes';
import type { LayerContext, LayerKind, Tensor } from '../layers/kind';
import { shapesMatch, shapeText } from '../layers/support/shapeMatching';
import { type ComputeContext, type Operation, operandAt, refuse } from './operation';

/**
 * A layer kind as an operation, its arguments those of the layer: `nn.max_pool2d` is MaxPooling2D.
 * Operands are the layer's input and then its weights, which must be constants: they get no gradient.
 * @param values the layer's config, which may follow from the operands' shapes.
 */
export function layerOperation(
  kind: LayerKind,
  values: (operands: readonly Shape[]) => Readonly<Record<string, unknown>>,
  at: LayerConfig,
): Operation {
  const configFor = (operands: readonly Shape[]) => new LayerConfig(values(operands), at.path, 3);
  const context = ({ tf, backend }: ComputeContext, operands: readonly Tensor[]): LayerContext => ({
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
          refuse(l10n.t('its {0} {1} should be of the shape {2}.', name, shapeText(given), shapeText(shape)));
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
    workspace(operands) {
      const config = configFor(operands);
      const inputs = operands.slice(0, 1);
      return kind.workspace?.(config, inputs, kind.outputShapes(config, inputs)) ?? 0;
    },
    forward: (ctx, operands) => kind.forward(context(ctx, operands), operands.slice(0, 1)),
    backward(ctx, step) {
      if (step.inputs.some((_, i) => i > 0 && step.requested?.[i] !== false)) {
        refuse(l10n.t('the gradient of a kernel that the model computes is not supported.'));
      }
      const own = { ...step, inputs: step.inputs.slice(0, 1) };
      const [gradient = null] = kind.backward(context(ctx, step.inputs), own);
      return step.inputs.map((_, i) => (i === 0 ? gradient : null));
    },
  };
}
