import type { Shape } from '../../shared/model';
import type { LayerConfig } from '../graph/layerConfig';
import { axesOf, paddingOf } from './convolution/convolutionConfig';
import { poolAxesOf } from './pooling/pooling';
import { margins } from './reshaping/padding';
import { axisAt } from './support/axes';
import { spatialAxes } from './support/dataFormat';
import type { SpatialRank } from './support/layout';
import { type Axis, type PaddingName, span, windowsAlong } from './support/windows';

/** How one size of an output follows from the input: `floor((28 - 3) / 1) + 1 = 26`. */
export interface SizeFormula {
  /** Of the output, batch axis included. */
  readonly axis: number;
  readonly text: string;
}

/** The right side of a formula and what it comes to. */
type Sum = readonly [text: string, value: number];

/** Layers with spatial axes, with the number of them. */
const FAMILY =
  /^(Separable|Depthwise)?(Conv|UpSampling|ZeroPadding|Cropping|MaxPooling|AveragePooling)([123])D(Transpose)?$/;
const RANKS: readonly SpatialRank[] = [1, 2, 3];

/**
 * The formulas of the sizes that a layer computes, for its known sizes. Only those that come to exactly the size that the
 * layer's shape rule gives.
 * @throws Failure `bad-config` for arguments that the layer does not take.
 */
export function sizeFormulas(
  className: string,
  config: LayerConfig,
  inputs: readonly Shape[],
  output: Shape,
): SizeFormula[] {
  const [input = []] = inputs;
  if (className === 'Flatten') return checked(output, [[1, product(input.slice(1))]]);
  if (className === 'Concatenate') {
    const axis = axisAt(config.int('axis', -1), output.length, config);
    return checked(output, [[axis, total(inputs.map((shape) => shape[axis] ?? null))]]);
  }
  const [, , family, digit, transpose] = FAMILY.exec(className) ?? [];
  const spatial = RANKS.find((rank) => `${rank}` === digit);
  if (family === undefined || spatial === undefined) return [];
  const sums = alongAxes(transpose === undefined ? family : 'Transpose', config, spatial, input);
  return checked(
    output,
    spatialAxes(config, spatial).map((axis, i) => {
      const size = input[axis] ?? null;
      return [axis, size === null ? null : (sums(size, i, axis) ?? null)];
    }),
  );
}

/** @returns the formula for an input of `size` along the spatial axis `i`, which is `axis` of the tensor. */
function alongAxes(
  family: string,
  config: LayerConfig,
  spatial: SpatialRank,
  input: Shape,
): (size: number, i: number, axis: number) => Sum | null {
  switch (family) {
    case 'UpSampling': {
      const factors = config.ints('size', spatial, 2);
      return (size, i) => times(size, factors[i] ?? 1);
    }
    case 'ZeroPadding': {
      const added = margins(config, 'padding', spatial, input.length);
      return (size, _, axis) => total([size, ...(added[axis] ?? [])]);
    }
    case 'Cropping': {
      const cut = margins(config, 'cropping', spatial, input.length);
      return (size, _, axis) => {
        const [before = 0, after = 0] = cut[axis] ?? [];
        return [`${size} - ${before} - ${after}`, size - before - after];
      };
    }
    case 'Transpose': {
      const axes = axesOf(config, spatial);
      const extras = config.has('output_padding') ? config.ints('output_padding', spatial) : [];
      const padding = paddingOf(config, spatial);
      return (size, i) => transposed(axes[i], size, padding, extras[i]);
    }
    default: {
      const isPooling = family.endsWith('Pooling');
      const axes = isPooling ? poolAxesOf(config, spatial) : axesOf(config, spatial);
      const padding = paddingOf(config, spatial);
      return (size, i) => windows(axes[i], size, padding);
    }
  }
}

function windows(axis: Axis | undefined, size: number, padding: PaddingName): Sum | null {
  if (axis === undefined) return null;
  const value = windowsAlong(axis, size, padding);
  if (padding !== 'valid') return [`ceil(${size} / ${axis.stride})`, value];
  return [`floor((${size} - ${reachText(axis)}) / ${axis.stride}) + 1`, value];
}

/** The window, dilated. */
const reachText = ({ window, dilation }: Axis): string =>
  dilation === 1 ? `${window}` : `(${dilation} * (${window} - 1) + 1)`;

function transposed(
  axis: Axis | undefined,
  size: number,
  padding: PaddingName,
  extra: number | undefined,
): Sum | null {
  if (axis === undefined) return null;
  const { stride } = axis;
  if (extra === undefined && padding === 'same') return times(size, stride);
  // With "same" padding and a given `output_padding`, Keras's rule has no plain form.
  if (extra !== undefined && padding === 'same') return null;
  const more = extra === undefined ? Math.max(span(axis), stride) : span(axis) + extra;
  const moreText =
    extra === undefined ? `max(${reachText(axis)}, ${stride})` : `${reachText(axis)} + ${extra}`;
  return [`(${size} - 1) * ${stride} + ${moreText}`, (size - 1) * stride + more];
}

const times = (size: number, by: number): Sum => [`${size} * ${by}`, size * by];

/** `null` where a size is not known, or nothing is computed. */
function product(sizes: Shape): Sum | null {
  const known = sizes.filter((size) => size !== null);
  if (known.length < sizes.length || known.length < 2) return null;
  return [known.join(' * '), known.reduce((a, b) => a * b, 1)];
}

function total(sizes: Shape): Sum | null {
  const known = sizes.filter((size) => size !== null);
  if (known.length < sizes.length || known.length < 2) return null;
  return [known.join(' + '), known.reduce((a, b) => a + b, 0)];
}

function checked(output: Shape, sums: readonly (readonly [axis: number, sum: Sum | null])[]): SizeFormula[] {
  return sums.flatMap(([axis, sum]) =>
    sum !== null && sum[1] === output[axis] ? [{ axis, text: `${sum[0]} = ${sum[1]}` }] : [],
  );
}
