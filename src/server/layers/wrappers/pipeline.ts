import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import type { LayerConfig } from '../../graph/layerConfig';
import type { FindKind, KindTable } from '../kind';
import { onlyShape } from '../support/layerInputs';
import { withValues } from '../support/records';
import { onlyTensor } from '../support/singleInput';
import { modelLayer } from './modelLayer';

/**
 * `Pipeline`: runs its layers one after the other, as a Sequential model with a given input shape.
 * @param find finds a layer kind by class name; a parameter, since the registry also lists this kind.
 */
export function pipelineLayers(find: FindKind): KindTable {
  const model = modelLayer(find);
  return {
    Pipeline: {
      outputShapes(config, inputs) {
        const shape = onlyShape(config, inputs);
        return model.outputShapes(sequential(config, shape), [shape]);
      },
      weights(config, inputs) {
        const shape = onlyShape(config, inputs);
        return model.weights?.(sequential(config, shape), [shape]) ?? [];
      },
      forward(ctx, inputs) {
        return model.forward(
          { ...ctx, config: sequential(ctx.config, onlyTensor(inputs, ctx).shape) },
          inputs,
        );
      },
      backward(ctx, step) {
        const config = sequential(ctx.config, onlyTensor(step.inputs, ctx).shape);
        return model.backward({ ...ctx, config }, step);
      },
      mask: () => undefined,
    },
  };
}

function sequential(config: LayerConfig, shape: Shape): LayerConfig {
  const layers = config.raw('layers');
  if (!Array.isArray(layers) || layers.length === 0)
    return config.bad('layers', l10n.t('a list of layers'), layers);
  const input = { class_name: 'InputLayer', config: { name: 'pipeline_input', batch_shape: shape } };
  return withValues(config, { name: 'pipeline', layers: [input, ...layers] });
}
