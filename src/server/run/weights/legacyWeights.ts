import type { WeightIndex } from '../../formats/modelFile';
import type { LayerEntry } from '../../graph/graph';
import type { LayerConfig } from '../../graph/layerConfig';
import type { WeightSpec } from '../../graph/layerRule';
import { wrappedLayer } from '../../layers/support/wrappedLayer';

/** The layout of a layer's weights in an old file, and the conversion to the layer's own layout. */
interface FileForm {
  /** The weights in the file, in its order. */
  readonly specs: readonly WeightSpec[];
  /** The values of the layer's own specs from those of `specs`, all row-major. */
  convert(values: readonly Float32Array[]): Float32Array[];
}

/** The layers with the weights of the file's layout, and by path the conversion to the layer's own layout. */
export interface LegacyLayout {
  readonly layers: readonly LayerEntry[];
  readonly converters: ReadonlyMap<string, FileForm['convert']>;
}

/**
 * The weight layout of an HDF5 file of Keras 1, or of Keras with the Theano backend; other files need no conversion.
 * Source: `preprocess_weights_for_loading` in `keras/engine/saving.py` of Keras 2.2.4.
 */
export function legacyLayout(layers: readonly LayerEntry[], index: WeightIndex): LegacyLayout {
  const modern = new Map<string, FileForm['convert']>();
  const { origin } = index;
  if (origin === undefined || (origin.kerasMajor > 1 && !origin.isTheano))
    return { layers, converters: modern };
  const groups = [...index.groups.values()].map((keys) =>
    keys.map((key) => index.entries.get(key)?.shape ?? []),
  );
  const convert = (entry: LayerEntry): LayerEntry => {
    if (entry.layers !== null) return { ...entry, layers: entry.layers.map(convert) };
    const form = forms(entry.className, entry.config, entry.weights, origin).find((one) =>
      groups.some((shapes) => containsSequence(shapes, one.specs)),
    );
    if (form === undefined) return entry;
    modern.set(entry.path, form.convert);
    return { ...entry, weights: form.specs };
  };
  return { layers: layers.map(convert), converters: modern };
}

/** Whether the shapes of `specs` follow each other somewhere in `shapes`. */
function containsSequence(shapes: readonly (readonly number[])[], specs: readonly WeightSpec[]): boolean {
  return shapes.some((_, start) =>
    specs.every(({ shape }, i) => String(shapes[start + i] ?? 'none') === String(shape)),
  );
}

type Origin = NonNullable<WeightIndex['origin']>;

/** Possible layouts of a layer's weights in the file, the likeliest first; empty if they need no conversion. */
function forms(
  className: string,
  config: LayerConfig,
  specs: readonly WeightSpec[],
  origin: Origin,
): readonly FileForm[] {
  if (config.has('layer')) {
    const inner = wrappedLayer(config, 'layer');
    if (className !== 'Bidirectional') return forms(inner.className, inner.config, specs, origin);
    const half = specs.length / 2;
    const forwards = forms(inner.className, inner.config, specs.slice(0, half), origin);
    const backwards = forms(inner.className, inner.config, specs.slice(half), origin);
    return forwards.flatMap((first, i) => {
      const second = backwards[i];
      return second === undefined ? [] : [concatForms(first, second)];
    });
  }
  const old = origin.kerasMajor === 1 ? (KERAS_1.get(className)?.(specs, config) ?? []) : [];
  const flips = origin.isTheano && FLIPPED.has(className);
  const recipes = old.length === 0 && flips ? [specs.map((spec, at) => [part(at, spec.shape)])] : old;
  return recipes.map((recipe) => formOf(specs, recipe, flips));
}

/** Theano convolves where TensorFlow correlates, so that its kernels are rotated by 180 degrees. */
const FLIPPED: ReadonlySet<string> = new Set(['Conv1D', 'Conv2D', 'Conv3D', 'Conv2DTranspose', 'ConvLSTM2D']);

/** One array of the file: its index among the layer's arrays, its shape there, and the order of its axes. */
interface Part {
  readonly at: number;
  readonly shape: readonly number[];
  /** As for `numpy.transpose`; `null` if only the shape differs. */
  readonly order: readonly number[] | null;
}
const part = (at: number, shape: readonly number[], order: readonly number[] | null = null): Part => ({
  at,
  shape,
  order,
});

/** For each of the layer's own weights the arrays that make it up, joined along the last axis. */
type Recipe = readonly (readonly Part[])[];
type Recipes = (specs: readonly WeightSpec[], config: LayerConfig) => readonly Recipe[];

const isFirst = (config: LayerConfig): boolean => config.raw('data_format') === 'channels_first';

/** The shape that `numpy.transpose(x, order)` makes into `shape`. */
function transposedFrom(shape: readonly number[], order: readonly number[]): number[] {
  const old: number[] = [];
  for (const [to, from] of order.entries()) old[from] = shape[to] ?? 0;
  return old;
}

/** Kernels whose axes are in another order, the bias as it is. */
const reordered =
  (order: readonly number[]): Recipes =>
  (specs) => [
    specs.map(({ shape }, at) =>
      shape.length === order.length ? [part(at, transposedFrom(shape, order), order)] : [part(at, shape)],
    ),
  ];

/** Each gate's kernel, recurrent kernel and bias apart. @param gates for each gate of today which it was. */
const byGate =
  (gates: readonly number[]): Recipes =>
  (specs, config) => [
    specs.map(({ shape }, member) =>
      gates.map((gate) => {
        const own = [...shape.slice(0, -1), (shape.at(-1) ?? 0) / gates.length];
        const at = gate * specs.length + member;
        const isImages = own.length === 4 && isFirst(config);
        return isImages ? part(at, transposedFrom(own, [2, 3, 1, 0]), [2, 3, 1, 0]) : part(at, own);
      }),
    ),
  ];

/** In the order input, candidate, forget, output; a layer with `consume_less='gpu'` has its gates together already. */
const LSTM_GATES = [0, 2, 1, 3];

const KERAS_1: ReadonlyMap<string, Recipes> = new Map<string, Recipes>([
  [
    'Conv1D',
    (specs) => {
      const [[length = 0, channels = 0, filters = 0] = [], ...rest] = specs.map(({ shape }) => shape);
      const bias = rest.map((shape, i) => [part(i + 1, shape)]);
      const since11: Recipe = [[part(0, [length, 1, channels, filters])], ...bias];
      const before11: Recipe = [[part(0, [filters, channels, length, 1], [2, 3, 1, 0])], ...bias];
      return [since11, before11];
    },
  ],
  ['Conv2D', (specs, config) => (isFirst(config) ? reordered([2, 3, 1, 0])(specs, config) : [])],
  ['SeparableConv2D', (specs, config) => (isFirst(config) ? reordered([2, 3, 1, 0])(specs, config) : [])],
  ['Conv3D', (specs, config) => (isFirst(config) ? reordered([2, 3, 4, 1, 0])(specs, config) : [])],
  [
    'Conv2DTranspose',
    (specs, config) => reordered(isFirst(config) ? [2, 3, 0, 1] : [0, 1, 3, 2])(specs, config),
  ],
  ['LSTM', byGate(LSTM_GATES)],
  ['ConvLSTM2D', byGate(LSTM_GATES)],
  ['GRU', byGate([0, 1, 2])],
  [
    // Kernel and bias of each half together until Keras 1.1, then the kernels first.
    'Highway',
    (specs) =>
      [
        [0, 1, 2, 3],
        [0, 2, 1, 3],
      ].map((order) => specs.map(({ shape }, i) => [part(order[i] ?? i, shape)])),
  ],
]);

function formOf(specs: readonly WeightSpec[], recipe: Recipe, flips: boolean): FileForm {
  const old: WeightSpec[] = [];
  for (const [i, parts] of recipe.entries()) {
    for (const { at, shape } of parts) old[at] = { name: '', trainable: specs[i]?.trainable ?? true, shape };
  }
  return {
    specs: old,
    convert: (values) =>
      recipe.map((parts, i) => {
        const shape = specs[i]?.shape ?? [];
        const pieces = parts.map((one) => transpose(values[one.at] ?? new Float32Array(), one));
        const whole = concatLastAxis(pieces, shape);
        return flips && shape.length > 2 ? flip(whole, shape) : whole;
      }),
  };
}

/** The weights of two layers, one after the other. */
function concatForms(first: FileForm, second: FileForm): FileForm {
  const count = first.specs.length;
  return {
    specs: [...first.specs, ...second.specs],
    convert: (values) => [...first.convert(values.slice(0, count)), ...second.convert(values.slice(count))],
  };
}

function transpose(values: Float32Array, { shape, order }: Part): Float32Array {
  if (order === null) return values;
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const result = new Float32Array(values.length);
  const index = order.map(() => 0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = values[from] ?? Number.NaN;
    for (let axis = order.length - 1; axis >= 0; axis--) {
      const old = order[axis] ?? 0;
      const next = (index[axis] ?? 0) + 1;
      const stride = strides[old] ?? 0;
      if (next < (shape[old] ?? 0)) {
        index[axis] = next;
        from += stride;
        break;
      }
      index[axis] = 0;
      from -= (next - 1) * stride;
    }
  }
  return result;
}

/** Arrays of equal shape joined along the last axis. */
function concatLastAxis(pieces: readonly Float32Array[], shape: readonly number[]): Float32Array {
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) return only;
  const width = (shape.at(-1) ?? 1) / pieces.length;
  const result = new Float32Array(shape.reduce((a, b) => a * b, 1));
  for (const [i, piece] of pieces.entries()) {
    for (let row = 0; row * width < piece.length; row++) {
      result.set(piece.subarray(row * width, (row + 1) * width), (row * pieces.length + i) * width);
    }
  }
  return result;
}

/** Reversed along every axis but the last two. */
function flip(values: Float32Array, shape: readonly number[]): Float32Array {
  const block = shape.slice(-2).reduce((a, b) => a * b, 1);
  const result = new Float32Array(values.length);
  for (let at = 0; at < values.length; at += block) {
    result.set(values.subarray(at, at + block), values.length - block - at);
  }
  return result;
}
