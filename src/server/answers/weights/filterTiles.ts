import { colourTable, NAN_COLOUR } from '../../../shared/maps/colourMaps';
import type { FilterOrder, FilterScale, FilterTiles } from '../../../shared/results/weights';
import { type FilterLayout, filterLayout } from '../../inspect/weights/filterLayout';
import { filterNorms } from '../../inspect/weights/filters';
import { encodePng } from '../../render/png';
import type { StoredWeight } from '../../run/weights/storedWeights';

/** Filters of one request. */
const MAX_TILES = 256;
/** A vector of more values is wrapped into several rows. */
const MAX_STRIP = 32;
/** Slices of a filter that its image shows, each of one input channel. */
const MAX_SLICES = 4096;
/** Values that the image of a filter shows. */
const MAX_PIXELS = 2 ** 18;

/** Some filters of a weight as images. @param values all of the weight */
export function filterTiles(
  weight: Pick<StoredWeight, 'className' | 'name' | 'shape'>,
  values: Float32Array,
  asked: {
    readonly from: number;
    readonly count: number;
    readonly order: FilterOrder;
    readonly scale: FilterScale;
  },
): FilterTiles {
  const layout = filterLayout(weight);
  if (layout === null) return { total: 0, filters: [] };
  const { norms, largest } = sizesOf(values, layout);
  const order = ordered(norms, asked.order);
  const picture = mosaicOf(elementAxes(weight.shape, layout));
  const chosen = order.slice(asked.from, asked.from + Math.min(asked.count, MAX_TILES));
  return {
    total: layout.filters,
    filters: chosen.map((filter) => {
      const own = filterValues(values, layout, filter);
      const [min, max] = rangeOf(own);
      const top = asked.scale === 'one' ? largest : Math.max(Math.abs(min), Math.abs(max));
      return { filter, norm: norms[filter] ?? Number.NaN, min, max, ...drawn(own, picture, top) };
    }),
  };
}

interface Sizes {
  /** Of the filters. */
  readonly norms: Float64Array;
  /** Of a finite value. */
  readonly largest: number;
}

/** A page asks for the filters of one weight in pieces. */
const knownSizes = new WeakMap<Float32Array, Sizes>();

function sizesOf(values: Float32Array, layout: FilterLayout): Sizes {
  const known = knownSizes.get(values);
  if (known) return known;
  const sizes = { norms: filterNorms(values, layout), largest: largestOf(values) };
  knownSizes.set(values, sizes);
  return sizes;
}

/** NaN comes first in either order of norms: it is what somebody looks for. */
function ordered(norms: Float64Array, order: FilterOrder): number[] {
  const all = [...norms.keys()];
  if (order === 'index') return all;
  const sign = order === 'largest' ? -1 : 1;
  const rank = (filter: number): number => {
    const norm = norms[filter] ?? Number.NaN;
    return Number.isNaN(norm) ? Number.NEGATIVE_INFINITY : sign * norm;
  };
  return all.sort((a, b) => rank(a) - rank(b) || a - b);
}

/** The axes of one filter. */
const elementAxes = (shape: readonly number[], { axes: [from, to] }: FilterLayout): number[] => [
  ...shape.slice(0, from),
  ...shape.slice(to),
];

function filterValues(values: Float32Array, layout: FilterLayout, filter: number): Float32Array {
  const { outer, filters, inner } = layout;
  const own = new Float32Array(outer * inner);
  for (let row = 0, to = 0; row < outer; row++) {
    const at = (row * filters + filter) * inner;
    for (let i = 0; i < inner; i++) own[to++] = values[at + i] ?? 0;
  }
  return own;
}

/** A filter of [..., rows, columns, slices] as slices side by side, with a gap of one pixel between them where they have an extent. */
interface Mosaic {
  readonly rows: number;
  readonly columns: number;
  readonly slices: number;
  /** Slices in one row of the image. */
  readonly across: number;
  readonly gap: number;
  /** Slices of axes before the rows, such as the depth of a volume. */
  readonly before: number;
}

function mosaicOf(axes: readonly number[]): Mosaic {
  const size = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
  if (axes.length >= 3) {
    const [rows = 1, columns = 1, last = 1] = axes.slice(-3);
    const before = size(axes.slice(0, -3));
    const fitting = Math.max(1, Math.floor(MAX_PIXELS / Math.max(1, rows * columns)));
    const slices = Math.min(before * last, MAX_SLICES, fitting);
    const gap = rows * columns > 1 ? 1 : 0;
    return { rows, columns, slices, across: Math.ceil(Math.sqrt(slices)), gap, before };
  }
  const [rows = 1, columns = 1] = axes.length === 2 ? axes : [1, 1];
  if (axes.length === 2 && rows * columns <= MAX_PIXELS)
    return { rows, columns, slices: 1, across: 1, gap: 0, before: 1 };
  const slices = Math.min(size(axes), MAX_PIXELS);
  const across = slices <= MAX_STRIP ? slices : Math.ceil(Math.sqrt(slices));
  return { rows: 1, columns: 1, slices, across: Math.max(1, across), gap: 0, before: 1 };
}

function drawn(
  own: Float32Array,
  { rows, columns, slices, across, gap, before }: Mosaic,
  top: number,
): { readonly png: string; readonly width: number; readonly height: number } {
  const down = Math.max(1, Math.ceil(slices / across));
  const width = Math.max(1, across * (columns + gap) - gap);
  const height = Math.max(1, down * (rows + gap) - gap);
  // Gaps stay transparent, so that they have the colour of the page.
  const pixels = new Uint8Array(width * height * 4);
  const table = colourTable('rdbu');
  const last = own.length / Math.max(1, before * rows * columns);
  for (let slice = 0; slice < slices; slice++) {
    const left = (slice % across) * (columns + gap);
    const upper = Math.floor(slice / across) * (rows + gap);
    const depth = Math.floor(slice / last);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const at = ((depth * rows + row) * columns + column) * last + (slice % last);
        const pixel = ((upper + row) * width + left + column) * 4;
        pixels.set(colourOf(own[at] ?? Number.NaN, top, table), pixel);
        pixels[pixel + 3] = 255;
      }
    }
  }
  return { png: Buffer.from(encodePng(pixels, width, height)).toString('base64'), width, height };
}

function colourOf(value: number, top: number, table: Uint8Array): ArrayLike<number> {
  if (Number.isNaN(value)) return NAN_COLOUR;
  const share = top > 0 ? 0.5 + value / (2 * top) : 0.5;
  const row = Math.round(Math.min(1, Math.max(0, share)) * 255) * 3;
  return table.subarray(row, row + 3);
}

const largestOf = (values: Float32Array): number => {
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i] ?? 0);
    if (size > largest && size < Number.POSITIVE_INFINITY) largest = size;
  }
  return largest;
};

/** Of the finite values; 0 and 0 where there are none. */
function rangeOf(values: Float32Array): readonly [number, number] {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min > max ? [0, 0] : [min, max];
}
