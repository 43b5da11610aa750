import * as l10n from '@vscode/l10n';
import { isRecord } from '../../layers/support/records';
import { grayscale, hsvToRgb, rgbToHsv } from '../images/colours';
import { cropImages, type Edges, padImages } from '../images/cropping';
import { gaussianBlur, sobelEdges } from '../images/filters';
import { onChannelsLastBatches } from '../images/layout';
import { type AxisWeights, scaleWeights, weightedSums } from '../images/scaling';
import { psnr, ssim } from '../images/similarity';
import { affine, perspective } from '../images/transforms';
import { COORDINATE_MODES, FILL_MODES, mapCoordinates, type Warp } from '../images/warping';
import { type Operation, refuse } from '../operation';
import { constantOf } from './constants';
import { channels, refused } from './keras3Arguments';
import type { OperationArguments, Spelling } from './spelling';

const isFirst = (args: OperationArguments): boolean => channels(args).data_format === 'channels_first';

const ofImages = (operation: (args: OperationArguments) => Operation): Spelling => ({
  parameters: ['images'],
  operation,
});

const numberOr = (args: OperationArguments, key: string): number | null =>
  args.has(key) ? args.int(key) : null;

/** The four sides and the target of `pad_images` and `crop_images`. */
function edges(args: OperationArguments, what: 'padding' | 'cropping'): [Edges, Edges] {
  const side = (name: string): number | null => numberOr(args, `${name}_${what}`);
  return [
    { before: side('top'), after: side('bottom'), target: numberOr(args, 'target_height') },
    { before: side('left'), after: side('right'), target: numberOr(args, 'target_width') },
  ];
}

const warp = (args: OperationArguments, fillMode: Warp['fillMode']): Warp => ({
  interpolation: args.choice('interpolation', ['bilinear', 'nearest'], 'bilinear'),
  fillMode,
  fillValue: args.number('fill_value', 0),
});

/** Two numbers, one for each axis. */
function pair(args: OperationArguments, key: string, otherwise: number): [number, number] {
  if (!args.has(key)) return [otherwise, otherwise];
  const { values } = constantOf(args.raw(key)) ?? args.bad(key, l10n.t('two numbers'), args.raw(key));
  const [first = otherwise, second = first] = values;
  return [first, second];
}

/** The matrices of `scale_and_translate`, whose scale and translation have to be in the file. */
function scalings(args: OperationArguments): AxisWeights[] {
  const numbers = (key: string): readonly number[] => {
    const given = args.raw(key);
    if (isRecord(given) && 'input' in given) return refuse(l10n.t('its {0} is computed by the model.', key));
    return constantOf(given)?.values ?? args.bad(key, l10n.t('numbers'), given);
  };
  const [sizes, scale, translation] = [numbers('output_shape'), numbers('scale'), numbers('translation')];
  return args.intList('spatial_dims').map((axis, i) => {
    const to = sizes.at(axis) ?? refuse(l10n.t('its result has too few axes.'));
    const of = scaleWeights(args.string('method'), args.bool('antialias', true), {
      scale: scale[i] ?? 1,
      translation: translation[i] ?? 0,
      to,
    });
    return { axis, to, weights: of };
  });
}

/** `keras.ops.image` by class. */
export const keras3Images: Readonly<Record<string, Spelling>> = {
  RGBToGrayscale: ofImages((args) => grayscale(isFirst(args))),
  RGBToHSV: ofImages((args) => onChannelsLastBatches(rgbToHsv(), isFirst(args))),
  HSVToRGB: ofImages((args) => onChannelsLastBatches(hsvToRgb(), isFirst(args))),
  PadImages: { ...ofImages((args) => padImages(edges(args, 'padding'), isFirst(args))), role: 'padding' },
  CropImages: {
    ...ofImages((args) => cropImages(edges(args, 'cropping'), isFirst(args))),
    role: 'reshaping',
  },
  AffineTransform: {
    parameters: ['images', 'transform'],
    operation: (args) => affine(warp(args, args.choice('fill_mode', FILL_MODES, 'constant')), isFirst(args)),
  },
  PerspectiveTransform: {
    parameters: ['images', 'start_points', 'end_points'],
    operation: (args) => perspective(warp(args, 'constant'), isFirst(args)),
  },
  MapCoordinates: {
    parameters: ['inputs', 'coordinates'],
    operation: (args) =>
      mapCoordinates(
        args.int('order'),
        args.choice('fill_mode', COORDINATE_MODES, 'constant'),
        args.number('fill_value', 0),
      ),
  },
  GaussianBlur: ofImages((args) =>
    onChannelsLastBatches(
      gaussianBlur(pair(args, 'kernel_size', 3), pair(args, 'sigma', 1), args),
      isFirst(args),
    ),
  ),
  SobelEdges: ofImages((args) => sobelEdges(isFirst(args), args)),
  ScaleAndTranslate: {
    parameters: ['images', 'output_shape', 'scale', 'translation'],
    operands: ['images'],
    operation: (args) => weightedSums(scalings(args)),
  },
  ElasticTransform: refused(l10n.t('it moves pixels at random.')),
  PSNR: { parameters: ['x1', 'x2'], operation: (args) => psnr(args.number('max_val')) },
  SSIM: {
    parameters: ['image1', 'image2'],
    operation: (args) =>
      ssim(
        {
          largest: args.number('max_val', 1),
          size: args.int('filter_size', 11),
          sigma: args.number('filter_sigma', 1.5),
          k1: args.number('k1', 0.01),
          k2: args.number('k2', 0.03),
        },
        isFirst(args),
        args,
      ),
  },
};
