import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import type { LayerConfig } from '../../graph/layerConfig';
import type { KindTable, LayerKind } from '../kind';

/** Keras 3 writes `batch_shape`, Keras 1 and 2 `batch_input_shape`. */
function batchShape(config: LayerConfig): Shape {
  const key = config.has('batch_shape') ? 'batch_shape' : 'batch_input_shape';
  const sizes: unknown = config.raw(key);
  if (!Array.isArray(sizes)) return config.bad(key, l10n.t('a shape'), sizes);
  return sizes.map((size: unknown) =>
    size === null || (typeof size === 'number' && Number.isSafeInteger(size) && size >= 0)
      ? size
      : config.bad(key, l10n.t('a shape'), sizes),
  );
}

/** `keras.layers.InputLayer`. At top level run/ feeds it; in a nested model it passes the arguments of the call through. */
export const inputLayer: LayerKind = {
  role: 'input',
  isPassThrough: () => true,
  outputShapes: (config, inputs) => [inputs[0] ?? batchShape(config)],
  forward: (ctx, inputs) => inputs.map((input) => ctx.tf.clone(input)),
  backward: (ctx, { gradients }) =>
    gradients.map((gradient) => (gradient === null ? null : ctx.tf.clone(gradient))),
};

export const inputLayers: KindTable = { InputLayer: inputLayer };
