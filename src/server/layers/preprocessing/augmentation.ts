import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { Shape } from '../../../shared/model';
import type { LayerConfig } from '../../graph/layerConfig';
import type { KindTable, LayerContext, LayerKind, Tensor } from '../kind';
import { isChannelsFirst } from '../support/dataFormat';
import { onlyShape } from '../support/layerInputs';
import { identity, noMask, onlyTensor } from '../support/singleInput';

/**
 * The shape of an augmentation layer's image; Keras also accepts a dictionary with boxes, labels or masks.
 * @throws Failure `not-applicable` that names the layer when it is called with more than an image.
 */
export function imageShape(config: LayerConfig, inputs: readonly Shape[]): Shape {
  if (inputs.length > 1) {
    fail(
      'not-applicable',
      l10n.t(
        'Layer "{0}" is called with an image and its boxes, labels or masks; Layerglass supports the image only.',
        config.path,
      ),
      {
        subject: config.path,
        remedy: l10n.t('Save the model without its augmentation. Layers before this one can be explained.'),
      },
    );
  }
  return onlyShape(config, inputs);
}

/** Acts in training only: in inference (`transform_images` with `training=False`) the image passes through. */
const noOp: LayerKind = {
  role: 'dropout',
  isPassThrough: () => true,
  outputShapes: (config, inputs) => [imageShape(config, inputs)],
  ...identity,
  mask: noMask,
};

/** The same, but integers become floats: Keras casts before it checks for training. */
const castToFloat: LayerKind = {
  ...noOp,
  forward: (ctx: LayerContext, inputs: readonly Tensor[]) => [
    ctx.tf.cast(onlyTensor(inputs, ctx), 'float32'),
  ],
};

/** Keras declares the cropped shape, but in inference (`training=False`) the whole image passes through. */
const randomCrop: LayerKind = {
  ...noOp,
  outputShapes(config, inputs) {
    const shape = [...imageShape(config, inputs)];
    const height = shape.length - (isChannelsFirst(config) ? 2 : 3);
    shape[height] = config.int('height');
    shape[height + 1] = config.int('width');
    return [shape];
  },
};

export const augmentationLayers: KindTable = {
  AugMix: castToFloat,
  CutMix: castToFloat,
  Equalization: noOp,
  MaxNumBoundingBoxes: noOp,
  MixUp: noOp,
  RandAugment: castToFloat,
  RandomBrightness: noOp,
  RandomColorDegeneration: noOp,
  RandomColorJitter: noOp,
  RandomContrast: noOp,
  RandomCrop: randomCrop,
  RandomElasticTransform: castToFloat,
  RandomErasing: castToFloat,
  RandomFlip: castToFloat,
  RandomGaussianBlur: castToFloat,
  RandomGrayscale: noOp,
  RandomHeight: noOp,
  RandomHue: noOp,
  RandomInvert: noOp,
  RandomPerspective: castToFloat,
  RandomPosterization: noOp,
  RandomRotation: castToFloat,
  RandomSaturation: noOp,
  RandomSharpness: castToFloat,
  RandomShear: castToFloat,
  RandomTranslation: castToFloat,
  RandomWidth: noOp,
  RandomZoom: castToFloat,
  Solarization: castToFloat,
};
