import * as l10n from '@vscode/l10n';
import { BYTE_LEVELS } from '../../shared/edits/paint';
import { fail } from '../../shared/errors';
import type { Preprocessing } from '../../shared/inputs';
import { mulberry32, normal } from '../../shared/random';
import { editedPixels, editedValues } from './editedInput';
import { imageSpec, toChannelsFirst } from './images/channels';
import { displayImage } from './images/displayImage';
import { boundedCount } from './inputLimits';
import { type InputSpec, isInteger, type LoadedInput, shapeText } from './loadedInput';
import { preprocess } from './preprocess';

/** Height and width where an image model leaves them open. */
const DEFAULT_SPATIAL_SIZE = 224;
/** Length of every other open axis. */
const DEFAULT_LENGTH = 16;

function fillShape(spec: InputSpec): { readonly shape: number[]; readonly notice: string | null } {
  if (spec.shape === null) {
    return fail(
      'wrong-shape',
      l10n.t('Input "{0}" takes any shape, so none can be made up for it.', spec.name),
      {
        remedy: l10n.t('Choose a .npy array.'),
        subject: spec.name,
      },
    );
  }
  const channelAxis = spec.channelsFirst ? 1 : 3;
  const open = (axis: number): number => {
    if (spec.shape?.length !== 4) return DEFAULT_LENGTH;
    return axis === channelAxis ? 3 : DEFAULT_SPATIAL_SIZE;
  };
  const sizes = spec.shape.slice(1);
  const shape = [1, ...sizes.map((size, i) => size ?? open(i + 1))];
  if (!sizes.includes(null)) return { shape, notice: null };
  return {
    shape,
    notice: l10n.t(
      'Input "{0}" {1} was given the size {2}.',
      spec.name,
      shapeText(spec.shape),
      shapeText(shape),
    ),
  };
}

/**
 * Random values for a model's input, the same for the same seed (mulberry32): whole numbers 0..255 for images (rank 4,
 * one or three channels), then preprocessed; 0..9 for other integer inputs, 0 or 1 for bool; else standard normal. Open sizes become 224
 * (height, width), 3 (channels) or 16 (anything else), and a notice says so.
 *
 * @throws Failure `wrong-shape` for an input of unknown rank, `too-large`, and what `preprocess` throws.
 */
export function randomInput(
  seed: number,
  spec: InputSpec,
  preprocessing: Preprocessing,
): Omit<LoadedInput, 'source'> {
  const { shape, notice } = fillShape(spec);
  const count = boundedCount(shape, spec.name);
  const uniform = mulberry32(seed);
  const notices = notice === null ? [] : [notice];
  const image = shape.length === 4 ? imageSpec({ ...spec, shape }) : null;
  const { height = null, width = null, channels = 4 } = image ?? {};
  if (height !== null && width !== null && channels !== 4) {
    const pixels = Float32Array.from({ length: count }, () => Math.floor(uniform() * 256));
    const edited = editedPixels({ values: pixels, height, width, channels }, BYTE_LEVELS, spec);
    const image = displayImage(edited, height, width, channels, BYTE_LEVELS);
    const prepared = preprocess(edited, channels, preprocessing);
    return {
      values: spec.channelsFirst ? toChannelsFirst(prepared, channels) : prepared,
      shape,
      image,
      notices,
    };
  }
  const whole = (below: number) => () => Math.floor(uniform() * below);
  const draw = spec.dtype === 'bool' ? whole(2) : isInteger(spec.dtype) ? whole(10) : normal(uniform);
  const values = editedValues(Float32Array.from({ length: count }, draw), shape, spec);
  return { values, shape, image: null, notices };
}
