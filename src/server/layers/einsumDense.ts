import type { Shape } from '../../shared/model';
import type { LayerConfig } from '../graph/layerConfig';
import { activationNameOf } from './activationSpelling';
import { activationOf, refuseUnknown } from './activations';
import type { KindTable, LayerKind } from './kind';
import { onlyShape } from './layerInputs';
import {
  type Projection,
  project,
  projectBack,
  projectionOf,
  projectionProducts,
  projectionWeights,
} from './projection';
import { refuseQuantized } from './quantized';
import { dropsMask, oneToOne, only, weight } from './single';

const projection = (config: LayerConfig, input: Shape): Projection =>
  projectionOf(
    config,
    {
      equation: config.string('equation'),
      outputShape: outputShapeOf(config),
      biasAxes: config.has('bias_axes') ? config.string('bias_axes') : null,
    },
    input,
  );

/** One size or a list of them, `null` where the input settles it. */
function outputShapeOf(config: LayerConfig): (number | null)[] {
  const raw = config.raw('output_shape');
  const list: unknown[] = Array.isArray(raw) ? raw : [raw];
  return list.map((size) =>
    size === null || (typeof size === 'number' && Number.isSafeInteger(size))
      ? size
      : config.bad('output_shape', 'sizes', raw),
  );
}

/** `keras.layers.EinsumDense`: an einsum of the input and a kernel, plus a bias along some axes. */
const einsumDense: LayerKind = {
  outputShapes(config, inputs) {
    refuseQuantized(config);
    refuseUnknown(config);
    return [projection(config, onlyShape(config, inputs)).output];
  },
  weights: (config, inputs) => projectionWeights(projection(config, onlyShape(config, inputs))),
  multiplyAdds: (config, [input = []]) => projectionProducts(projection(config, input), input),
  activationName: activationNameOf,
  activation: (config) => activationOf(config),
  forward(ctx, inputs) {
    const x = only(inputs, ctx);
    return [project(ctx.tf, projection(ctx.config, x.shape), x, [weight(ctx, 0), ctx.weights[1]])];
  },
  backward: oneToOne((ctx, gradient, { inputs }) => {
    const x = only(inputs, ctx);
    return projectBack(ctx.tf, projection(ctx.config, x.shape), gradient, weight(ctx, 0), x);
  }),
  mask: dropsMask,
};

export const einsumDenses: KindTable = { EinsumDense: einsumDense };
