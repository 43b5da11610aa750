import * as l10n from '@vscode/l10n';
import { UNIT_AXIS } from '../layers/convolution/convolutionConfig';
import { windowsAlong } from '../layers/support/windows';
import type { ConvolutionBehind } from './convolutionBehind';
import { allSums, type Filter, sumAt, windowStart } from './filter';

/** A mistake in one filter of a convolution. */
export interface FilterMistake {
  /** A sentence without its full stop. */
  readonly clause: string;
  /** What the filter gives at the right position, bias included, before the activation; `null` where that has no meaning. */
  at(): number | null;
  /** The same at all positions, row-major; `null` where it moves none of them. */
  everywhere(): { readonly values: Float64Array; readonly sizes: readonly number[] } | null;
}

/** Products above which a mistake is not made at all positions anew: 50 million take about a tenth of a second. */
const MAX_PRODUCTS = 5e7;

/** The mistakes of the bias. @param values right values before the activation, row-major over the positions. */
export function biasMistakes(
  { filter, output }: ConvolutionBehind,
  values: Float64Array,
  right: number,
  number: number,
): FilterMistake[] {
  const { bias, kernel, reads } = filter;
  if (bias === null) return [];
  const counted = (times: number, clause: string): FilterMistake => ({
    clause,
    at: () => right + (times - 1) * bias,
    everywhere: () => ({ values: values.map((value) => value + (times - 1) * bias), sizes: output.sizes }),
  });
  const all = kernel.length;
  const places = all / reads.length;
  const each = l10n.t(
    'The bias is counted {0} times, once for each of the {1} x {2} products of kernel and channels, instead of once',
    all,
    places,
    reads.length,
  );
  const list = all > 1 ? [counted(all, each)] : [];
  list.push(counted(0, l10n.t('The bias is left out')));
  if (places > 1 && places < all) {
    list.push(
      counted(
        places,
        l10n.t('The bias is counted {0} times, once for each place of the kernel, instead of once', places),
      ),
    );
  }
  if (reads.length > 1 && reads.length < all && reads.length !== places) {
    list.push(
      counted(
        reads.length,
        l10n.t('The bias is counted {0} times, once for each channel, instead of once', reads.length),
      ),
    );
  }
  list.push(counted(-1, l10n.t('The bias is subtracted instead of added')));
  // Any other whole number that the typed value implies.
  const implied = Math.round(1 + (number - right) / bias);
  const isNew = ![-1, 0, 1, all, places, reads.length].includes(implied);
  if (isNew && implied > 1 && implied <= Math.max(64, all)) {
    list.push(counted(implied, l10n.t('The bias is counted {0} times instead of once', implied)));
  }
  return list;
}

/** The mistakes of the kernel: flipped, channels in another order, the wrong place or padding. */
export function kernelMistakes({ filter, input, output, position }: ConvolutionBehind): FilterMistake[] {
  const positions = output.sizes.reduce((a, b) => a * b, 1);
  const isCheap = filter.kernel.length * positions <= MAX_PRODUCTS;
  const bias = filter.bias ?? 0;
  const start = windowStart(filter, input, position);
  const sums = (wrong: Filter, sizes: readonly number[]) => ({
    values: allSums(wrong, input, sizes).map((sum) => sum + bias),
    sizes,
  });
  const changed = (clause: string, kernel: Float64Array): FilterMistake => {
    const wrong = { ...filter, kernel };
    return {
      clause,
      at: () => sumAt(wrong, input, start) + bias,
      everywhere: () => (isCheap ? sums(wrong, output.sizes) : null),
    };
  };
  const list: FilterMistake[] = [];
  const places = filter.kernel.length / filter.reads.length;
  const channels = filter.reads.length;
  if (places > 1) {
    list.push(
      changed(
        l10n.t('The kernel is flipped: Keras does not mirror it'),
        permuted(filter, (place, c) => [places - 1 - place, c]),
      ),
    );
  }
  for (const [axis, size] of input.sizes.entries()) {
    if (size < 2) continue;
    for (const by of [-1, 1]) {
      list.push({
        clause: shiftText(input.sizes.length, axis, by),
        at: () =>
          sumAt(
            filter,
            input,
            start.map((from, i) => (i === axis ? from + by : from)),
          ) + bias,
        everywhere: () => null,
      });
    }
  }
  if (channels > 1) {
    list.push(
      changed(
        l10n.t('The order of the channels is reversed'),
        permuted(filter, (place, c) => [place, channels - 1 - c]),
      ),
    );
  }
  if (places > 1 && channels > 1) {
    list.push(
      changed(
        l10n.t(
          'The order of the axes is swapped: the kernel is read channel by channel instead of position by position',
        ),
        transposed(filter.kernel, places, channels),
      ),
    );
  }
  if (channels > 2 && channels <= MAX_SWAPPED) {
    for (let a = 0; a < channels; a++) {
      for (let b = a + 1; b < channels; b++) {
        const swap = (c: number) => (c === a ? b : c === b ? a : c);
        list.push(
          changed(
            l10n.t('The channels {0} and {1} are swapped', a, b),
            permuted(filter, (place, c) => [place, swap(c)]),
          ),
        );
      }
    }
  }
  if (isCheap) list.push(...paddingMistakes(filter, input.sizes, sums));
  return list;
}

/** Every pair of channels is tried up to this many: the letters of DNA, the colours of an image. */
const MAX_SWAPPED = 4;

function paddingMistakes(
  filter: Filter,
  input: readonly number[],
  sums: (wrong: Filter, sizes: readonly number[]) => { values: Float64Array; sizes: readonly number[] },
): FilterMistake[] {
  const others = (['valid', 'same', 'causal'] as const).filter(
    (padding) => padding !== filter.padding && (padding !== 'causal' || input.length === 1),
  );
  return others.flatMap((padding) => {
    const sizes = input.map((size, i) => windowsAlong(filter.axes[i] ?? UNIT_AXIS, size, padding));
    if (sizes.some((size) => size < 1)) return [];
    return [
      {
        clause: l10n.t('The padding is "{0}" instead of "{1}"', padding, filter.padding),
        at: () => null,
        everywhere: () => sums({ ...filter, padding }, sizes),
      },
    ];
  });
}

/** The kernel with its weights taken from other places. */
function permuted(
  { kernel, reads }: Filter,
  from: (place: number, channel: number) => readonly [number, number],
): Float64Array {
  const channels = reads.length;
  return kernel.map((_, i) => {
    const [place, channel] = from(Math.floor(i / channels), i % channels);
    return kernel[place * channels + channel] ?? 0;
  });
}

const transposed = (kernel: Float64Array, places: number, channels: number): Float64Array =>
  kernel.map((_, i) => kernel[(i % channels) * places + Math.floor(i / channels)] ?? 0);

/** A window shifted by one along `axis` of the `axes` of space or time: planes, rows, columns, of which the last ones are there. */
function shiftText(axes: number, axis: number, by: number): string {
  const isBack = by < 0;
  if (axes === 1) {
    return isBack
      ? l10n.t('The window is one position too early')
      : l10n.t('The window is one position too late');
  }
  switch (axes - axis) {
    case 1:
      return isBack
        ? l10n.t('The window is one column too far left')
        : l10n.t('The window is one column too far right');
    case 2:
      return isBack ? l10n.t('The window is one row too high') : l10n.t('The window is one row too low');
    default:
      return isBack
        ? l10n.t('The window is one plane too far forward')
        : l10n.t('The window is one plane too far back');
  }
}
