import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import type { MethodContext, RawMap } from './method';
import { inputValue, textOption } from './method';
import { type InputPlace, layoutAt, type PlaceLayout } from './places';

/** Of the Gaussian that blurs an input, as a share of the length of each axis. */
const BLUR_SHARE = 0.05;
/** Standard deviations after which the Gaussian is cut off. */
const BLUR_REACH = 3;

/**
 * What stands for a missing value at a place on the input, by the option `baseline`: zeros as the model receives them, the mean
 * of each channel over all positions, the blurred input, or an .npy file with the shape of the input, one number per channel or one
 * number for all.
 * @returns one example, of the shape of the place without the batch.
 * @throws Failure `not-applicable` for the mean of a table, `wrong-shape` for a file that does not fit, and what reading it throws.
 */
export async function baselineAt(
  ctx: Pick<MethodContext, 'trace' | 'options' | 'readArray'>,
  place: InputPlace,
): Promise<Float32Array> {
  const name = textOption(ctx, 'baseline');
  const value = await inputValue(ctx, place.ref);
  const layout = layoutAt(ctx.trace, place.ref);
  if (name === 'zero') return new Float32Array(value.values.length);
  if (isFile(name)) return fromFile(name, await ctx.readArray(name), value, place, layout);
  if (layout.channel === null) {
    return fail(
      'not-applicable',
      l10n.t('Input "{0}" has no positions over which a {1} could be taken.', place.input, name),
      {
        subject: place.input,
        remedy: l10n.t('Choose the baseline "zero", or an .npy file with a typical row.'),
      },
    );
  }
  return name === 'mean' ? meanOf(value, layout) : blurred(value, layout);
}

/**
 * The same where several baselines can be used: an .npy file may hold them one after the other, [n, ...] of the shape of the place.
 * @returns at least one
 */
export async function baselinesAt(ctx: MethodContext, place: InputPlace): Promise<Float32Array[]> {
  const name = textOption(ctx, 'baseline');
  if (!isFile(name)) return [await baselineAt(ctx, place)];
  const { shape, values } = await ctx.readArray(name);
  const wanted = await inputValue(ctx, place.ref);
  const size = wanted.values.length;
  const isSeveral =
    shape.length === wanted.shape.length + 1 &&
    wanted.shape.every((length, axis) => shape[axis + 1] === length) &&
    values.length > size;
  if (!isSeveral) return [fromFile(name, { shape, values }, wanted, place, layoutAt(ctx.trace, place.ref))];
  return Array.from({ length: values.length / size }, (_, i) => values.subarray(i * size, (i + 1) * size));
}

const isFile = (name: string): boolean => !['zero', 'mean', 'blur'].includes(name);

function fromFile(
  path: string,
  { shape, values }: RawMap,
  wanted: RawMap,
  { input }: InputPlace,
  layout: PlaceLayout,
): Float32Array {
  const size = wanted.values.length;
  if (values.length === size) return values;
  if (values.length === 1) return new Float32Array(size).fill(values[0] ?? 0);
  const channelOf = channelAt(layout, size);
  if (layout.channel !== null && values.length === wanted.shape[layout.channel]) {
    return Float32Array.from({ length: size }, (_, i) => values[channelOf(i)] ?? 0);
  }
  return fail(
    'wrong-shape',
    l10n.t(
      'The baseline has the shape {0} and input "{1}" has {2}.',
      shape.join(' x '),
      input,
      wanted.shape.join(' x '),
    ),
    {
      subject: path,
      remedy: l10n.t('Give an array of the shape of the input, one number per channel, or one number.'),
    },
  );
}

/** The channel of each value. */
function channelAt({ spatial, channel }: PlaceLayout, size: number): (index: number) => number {
  const positions = spatial.reduce((a, b) => a * b, 1);
  const channels = size / Math.max(1, positions);
  return (index) => (channel === 0 ? Math.floor(index / positions) : index % channels);
}

function meanOf({ values }: RawMap, layout: PlaceLayout): Float32Array {
  const positions = layout.spatial.reduce((a, b) => a * b, 1);
  const channelOf = channelAt(layout, values.length);
  const sums = new Float64Array(values.length / Math.max(1, positions));
  for (const [i, value] of values.entries()) sums[channelOf(i)] = (sums[channelOf(i)] ?? 0) + value;
  return values.map((_, i) => (sums[channelOf(i)] ?? 0) / positions);
}

/** By a Gaussian along each axis of space or time, renormalised at the edges. */
function blurred({ shape, values }: RawMap, { channel }: PlaceLayout): Float32Array {
  return shape.reduce<Float32Array>((current, length, axis) => {
    if (axis === channel || length === 1) return current;
    const after = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    const deviation = Math.max(1, BLUR_SHARE * length);
    const reach = Math.min(length - 1, Math.ceil(BLUR_REACH * deviation));
    const weights = Float64Array.from({ length: reach + 1 }, (_, i) => Math.exp(-0.5 * (i / deviation) ** 2));
    return current.map((_, i) => {
      const place = Math.floor(i / after) % length;
      let [sum, total] = [0, 0];
      for (let step = Math.max(-reach, -place); step <= reach && place + step < length; step++) {
        const weight = weights[Math.abs(step)] ?? 0;
        sum += weight * (current[i + step * after] ?? 0);
        total += weight;
      }
      return sum / total;
    });
  }, values);
}
