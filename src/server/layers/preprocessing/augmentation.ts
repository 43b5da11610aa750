import { fail } from '../../../shared/errors';
import type { Shape } from '../../../shared/model';
import type { LayerConfig } from '../../graph/layerConfig';
import type { KindTable, LayerContext, LayerKind, Tensor } from '../kind';
import { isChannelsFirst } from '../support/dataFormat';
import { onlyShape } from '../support/layerInputs';
import { identity, noMask, onlyTensor } from '../support/singleInput';

/**
 * The image of an augmentation layer; Keras also takes a dictionary with boxes, labels or masks.
 * @throws Failure `not-applicable` that names the layer when it is called with more than an image.
 */
export function imageShape(config: LayerConfig, inputs: readonly Shape[]): Shape {
  if (inputs.length > 1) {
    fail(
      'not-applicable',
      `Layer "${config.path}" is called with an image and its boxes, labels or masks, of which Layerglass computes the image only.`,
      { subject: config.path, remedy: 'Save the model without its augmentation; what comes before works.' },
    );
  }
  return onlyShape(config, inputs);
}

/** Acts in training only (`transform_images` with `training=False`): at inference the image is handed on. */
const still: LayerKind = {
  role: 'dropout',
  isPassThrough: () => true,
  outputShapes: (config, inputs) => [imageShape(config, inputs)],
  ...identity,
  mask: noMask,
};

/** The same, but whole numbers become float, as Keras casts before it asks whether it is training. */
const stillFloat: LayerKind = {
  ...still,
  forward: (ctx: LayerContext, inputs: readonly Tensor[]) => [
    ctx.tf.cast(onlyTensor(inputs, ctx), 'float32'),
  ],
};

/** Keras states the cropped shape, but at inference (`training=False`) it hands on the whole image. */
const randomCrop: LayerKind = {
  ...still,
  outputShapes(config, inputs) {
    const shape = [...imageShape(config, inputs)];
    const height = shape.length - (isChannelsFirst(config) ? 2 : 3);
    shape[height] = config.int('height');
    shape[height + 1] = config.int('width');
    return [shape];
  },
};

export const augmentationLayers: KindTable = {
  AugMix: stillFloat,
  CutMix: stillFloat,
  Equalization: still,
  MaxNumBoundingBoxes: still,
  MixUp: still,
  RandAugment: stillFloat,
  RandomBrightness: still,
  RandomColorDegeneration: still,
  RandomColorJitter: still,
  RandomContrast: still,
  RandomCrop: randomCrop,
  RandomElasticTransform: stillFloat,
  RandomErasing: stillFloat,
  RandomFlip: stillFloat,
  RandomGaussianBlur: stillFloat,
  RandomGrayscale: still,
  RandomHeight: still,
  RandomHue: still,
  RandomInvert: still,
  RandomPerspective: stillFloat,
  RandomPosterization: still,
  RandomRotation: stillFloat,
  RandomSaturation: still,
  RandomSharpness: stillFloat,
  RandomShear: stillFloat,
  RandomTranslation: stillFloat,
  RandomWidth: still,
  RandomZoom: stillFloat,
  Solarization: stillFloat,
};
