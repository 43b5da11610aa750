import { isRecord } from './parseModel';

type Values = Readonly<Record<string, unknown>>;
interface Layer extends Record<string, unknown> {
  readonly class_name: string;
}

/** What became of a class of Keras 1: its name and the names of its arguments in Keras 2. */
interface Change {
  readonly className?: string;
  /** By old name. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** Arguments that became one list: by new name the old ones, in order. */
  readonly joined?: Readonly<Record<string, readonly string[]>>;
  /** Keras 1 did not save how this layer's images lie; it took what the user's settings said. */
  readonly ordered?: boolean;
  /** What renaming cannot say. */
  readonly more?: (config: Values) => Values;
}

const BIAS = { bias: 'use_bias' };
const DENSE: Change = { renamed: { output_dim: 'units', ...BIAS } };
const WINDOW = { ...BIAS, nb_filter: 'filters', border_mode: 'padding', subsample: 'strides' };
const SEQUENCE_WINDOW = { ...WINDOW, filter_length: 'kernel_size', subsample_length: 'strides' };
const PLANE = { kernel_size: ['nb_row', 'nb_col'] };
const DILATION = { atrous_rate: 'dilation_rate' };
const RECURRENT: Change = {
  renamed: { output_dim: 'units', inner_activation: 'recurrent_activation', ...BIAS },
};
const POOLING: Change = { renamed: { border_mode: 'padding' } };
const SEQUENCE_POOLING: Change = {
  renamed: { border_mode: 'padding', pool_length: 'pool_size', stride: 'strides' },
};
const RATE: Change = { renamed: { p: 'rate' } };
const ORDERED: Change = { ordered: true };

const conv1d: Change = { className: 'Conv1D', renamed: { ...SEQUENCE_WINDOW, ...DILATION } };
const conv2d: Change = { className: 'Conv2D', renamed: { ...WINDOW, ...DILATION }, joined: PLANE };
const deconv2d: Change = { className: 'Conv2DTranspose', renamed: WINDOW, joined: PLANE };
const separable2d: Change = { className: 'SeparableConv2D', renamed: WINDOW, joined: PLANE };
const conv3d: Change = {
  className: 'Conv3D',
  renamed: WINDOW,
  joined: { kernel_size: ['kernel_dim1', 'kernel_dim2', 'kernel_dim3'] },
};

/** As Keras 2 takes the arguments of Keras 1 (`keras/legacy/interfaces.py` and `keras/legacy/layers.py` of 2.2.4). */
const CHANGES: ReadonlyMap<string, Change> = new Map<string, Change>([
  ['InputLayer', { renamed: { input_dtype: 'dtype' } }],
  ['Dense', DENSE],
  ['TimeDistributedDense', { ...DENSE, className: 'Dense' }],
  ['Convolution1D', conv1d],
  ['AtrousConvolution1D', conv1d],
  ['AtrousConv1D', conv1d],
  ['Conv1D', conv1d],
  ['Convolution2D', conv2d],
  ['AtrousConvolution2D', conv2d],
  ['AtrousConv2D', conv2d],
  ['Conv2D', conv2d],
  ['Deconvolution2D', deconv2d],
  ['Deconv2D', deconv2d],
  ['SeparableConvolution2D', separable2d],
  ['SeparableConv2D', separable2d],
  ['Convolution3D', conv3d],
  ['Conv3D', conv3d],
  ['LocallyConnected1D', { renamed: SEQUENCE_WINDOW }],
  ['LocallyConnected2D', { renamed: WINDOW, joined: PLANE }],
  ['SimpleRNN', RECURRENT],
  ['LSTM', RECURRENT],
  ['GRU', RECURRENT],
  [
    'ConvLSTM2D',
    { renamed: { ...WINDOW, inner_activation: 'recurrent_activation' }, joined: PLANE, ordered: true },
  ],
  ['MaxPooling1D', SEQUENCE_POOLING],
  ['AveragePooling1D', SEQUENCE_POOLING],
  ['MaxPooling2D', POOLING],
  ['AveragePooling2D', POOLING],
  ['MaxPooling3D', POOLING],
  ['AveragePooling3D', POOLING],
  ['GlobalMaxPooling2D', {}],
  ['GlobalAveragePooling2D', {}],
  ['GlobalMaxPooling3D', {}],
  ['GlobalAveragePooling3D', {}],
  ['Dropout', RATE],
  ['SpatialDropout1D', RATE],
  ['SpatialDropout2D', RATE],
  ['SpatialDropout3D', RATE],
  ['GaussianDropout', RATE],
  ['GaussianNoise', { renamed: { sigma: 'stddev' } }],
  ['UpSampling1D', { renamed: { length: 'size' } }],
  ['UpSampling2D', ORDERED],
  ['UpSampling3D', ORDERED],
  ['Cropping2D', ORDERED],
  ['Cropping3D', ORDERED],
  ['ZeroPadding1D', { more: (config) => withMargins(config, [['left_pad', 'right_pad']]) }],
  [
    'ZeroPadding2D',
    {
      ordered: true,
      more: (config) =>
        withMargins(config, [
          ['top_pad', 'bottom_pad'],
          ['left_pad', 'right_pad'],
        ]),
    },
  ],
  ['ZeroPadding3D', ORDERED],
  ['PReLU', {}],
]);

/** `dim_ordering` of Keras 1; `default` was resolved before it was saved. */
const DATA_FORMATS: ReadonlyMap<unknown, string> = new Map([
  ['th', 'channels_first'],
  ['tf', 'channels_last'],
]);

type Merging = (config: Values) => { class_name: string; config: Values };

/** Keras 1's one merging layer, by its mode. */
const MERGES: ReadonlyMap<unknown, Merging> = new Map<unknown, Merging>([
  ['sum', () => ({ class_name: 'Add', config: {} })],
  ['mul', () => ({ class_name: 'Multiply', config: {} })],
  ['ave', () => ({ class_name: 'Average', config: {} })],
  ['max', () => ({ class_name: 'Maximum', config: {} })],
  [
    'concat',
    ({ concat_axis = -1 }: Values) => ({ class_name: 'Concatenate', config: { axis: concat_axis } }),
  ],
  [
    'dot',
    ({ dot_axes = -1 }: Values) => ({ class_name: 'Dot', config: { axes: dot_axes, normalize: false } }),
  ],
  // Of vectors it is a normalized Dot; of anything else no cosine at all, which that layer refuses.
  [
    'cos',
    ({ dot_axes = -1 }: Values) => ({
      class_name: 'Merge(mode=cos)',
      config: { axes: dot_axes, normalize: true },
    }),
  ],
]);

/** What a file as a whole says about its layers. */
interface Era {
  /** The one order of axes in it. */
  readonly dataFormat: string | undefined;
  /** Keras 2 before it became a part of TensorFlow: 2.0 to 2.3, which tf.keras counted with an ending, `2.2.4-tf`. */
  readonly isStandalone: boolean;
}

/**
 * A topology of Keras 1 in the words of Keras 2; what is in those words already stays as it is. Classes and arguments
 * that Keras 2 does not know stay, too, so that the layer is told about by the name that the file gives it. What later
 * versions of Keras 2 compute in another way becomes an argument: `half_pixel_centers` of UpSampling2D.
 * @param version of the Keras that wrote it.
 */
export function modernTopology(topology: unknown, version: string): unknown {
  const orders = new Set(orderings(topology));
  const dataFormat = orders.size === 1 ? DATA_FORMATS.get([...orders][0]) : undefined;
  const isStandalone = /^2\.[0-3]\b/.test(version) && !version.endsWith('-tf');
  return modern(topology, { dataFormat, isStandalone });
}

function modern(value: unknown, era: Era): unknown {
  if (!isLayer(value)) return value;
  const { config } = value;
  if (Array.isArray(config)) return modernSequential(value, config, era);
  if (!isRecord(config)) return value;
  if (Array.isArray(config.layers) && value.class_name !== 'Merge') {
    const layers = config.layers.map((layer) => modern(layer, era));
    return { ...value, config: { ...config, layers } };
  }
  if (config.layer !== undefined) {
    return { ...value, config: { ...config, layer: modern(config.layer, era) } };
  }
  return modernLayer(value, config, era);
}

function modernLayer(layer: Layer, config: Values, era: Era): Layer {
  if (layer.class_name === 'Merge') return { ...layer, ...modernMerge(layer, config) };
  if (layer.class_name === 'BatchNormalization' && config.mode !== undefined && config.mode !== 0) {
    // Keras 2 refuses them: modes 1 and 2 normalize by the sample or the batch, not by what was learned.
    return { ...layer, class_name: `BatchNormalization(mode=${String(config.mode)})` };
  }
  const change = CHANGES.get(layer.class_name);
  if (change === undefined) return layer;
  const values: Record<string, unknown> = { ...config };
  // `K.resize_images` of 2.2.3 to 2.3.1 calls `tf.image.resize_bilinear`; tf.keras came to `resize_images_v2`.
  if (layer.class_name === 'UpSampling2D' && era.isStandalone) values.half_pixel_centers = false;
  const set = (name: string, value: unknown): void => {
    values[name] ??= value;
  };
  for (const [old, now] of Object.entries(change.renamed ?? {})) {
    if (config[old] !== undefined) set(now, config[old]);
  }
  for (const [now, old] of Object.entries(change.joined ?? {})) {
    if (old.every((name) => config[name] !== undefined))
      set(
        now,
        old.map((name) => config[name]),
      );
  }
  const ordering = DATA_FORMATS.get(config.dim_ordering) ?? (change.ordered ? era.dataFormat : undefined);
  if (ordering !== undefined) set('data_format', ordering);
  return {
    ...layer,
    class_name: change.className ?? layer.class_name,
    config: change.more ? change.more(values) : values,
  };
}

/** A mode that is Python code leaves the class `Merge`, which nobody knows. */
function modernMerge(layer: Layer, config: Values): { class_name: string; config: Values } {
  const made = MERGES.get(config.mode)?.(config);
  if (made === undefined) return { class_name: layer.class_name, config };
  return { class_name: made.class_name, config: { name: config.name, trainable: true, ...made.config } };
}

/** Margins by name, or four in a row, as one pair an axis. */
function withMargins(config: Values, names: readonly (readonly [string, string])[]): Values {
  const { padding } = config;
  if (isRecord(padding) && names.flat().some((name) => name in padding)) {
    const pairs = names.map((pair) => pair.map((name) => padding[name] ?? 0));
    return { ...config, padding: pairs.length === 1 ? pairs[0] : pairs };
  }
  if (names.length === 2 && Array.isArray(padding) && padding.length === 4) {
    return { ...config, padding: [padding.slice(0, 2), padding.slice(2)] };
  }
  return config;
}

/**
 * A Sequential of Keras 1 is a list of layers. One that begins by merging other models is no chain, so it becomes a
 * functional model: the branches, each called on inputs of its own, the merge, and the layers after it.
 */
function modernSequential(model: Layer, layers: readonly unknown[], era: Era): Layer {
  const [first, ...rest] = layers;
  const branches = isLayer(first) && isRecord(first.config) ? first.config.layers : undefined;
  if (!isLayer(first) || first.class_name !== 'Merge' || !Array.isArray(branches)) {
    return { ...model, config: layers.map((layer) => modern(layer, era)) };
  }
  const inputs: Layer[] = [];
  const called: Layer[] = [];
  const merged: Reference[] = [];
  for (const [i, raw] of branches.entries()) {
    const branch = modern(raw, era);
    if (!isLayer(branch)) continue;
    const name = nameOf(branch) ?? `${branch.class_name.toLowerCase()}_${i + 1}`;
    const own = inputsOf(branch, name);
    inputs.push(...own);
    called.push({
      ...branch,
      name,
      inbound_nodes: [own.map((input): Reference => [String(input.name), 0, 0])],
    });
    // Nested models start with a node of their own, which references between layers count.
    merged.push([name, isModel(branch) ? 1 : 0, 0]);
  }
  let previous: readonly Reference[] = merged;
  const chain = [first, ...rest].map((raw, i) => {
    const layer =
      raw === first ? modernLayer(first, isRecord(first.config) ? first.config : {}, era) : modern(raw, era);
    if (!isLayer(layer)) return layer;
    const name = nameOf(layer) ?? `${layer.class_name.toLowerCase()}_${branches.length + i + 1}`;
    const inbound_nodes = [previous];
    previous = [[name, isModel(layer) ? 1 : 0, 0]];
    return { ...layer, name, inbound_nodes };
  });
  const name = nameOf(model) ?? model.class_name.toLowerCase();
  return {
    ...model,
    config: {
      name,
      layers: [...inputs, ...called, ...chain],
      input_layers: inputs.map((input) => [input.name, 0, 0]),
      output_layers: previous,
    },
  };
}

type Reference = [layer: string, call: number, output: number];

/** Input layers for a branch: one for a chain, one for each input of a functional model. */
function inputsOf(branch: Layer, name: string): Layer[] {
  const layers = layersOf(branch);
  const named = isRecord(branch.config) ? branch.config.input_layers : undefined;
  if (Array.isArray(named)) {
    return named.map((reference, i) => {
      const inner = layers.find(
        (layer) => nameOf(layer) === (Array.isArray(reference) ? reference[0] : undefined),
      );
      return inputLayer(named.length === 1 ? `${name}_input` : `${name}_input_${i + 1}`, inner);
    });
  }
  return [inputLayer(`${name}_input`, layers[0] ?? branch)];
}

/** @param shaped the layer that says the shape: an input, or the first of a chain, however deep it lies. */
function inputLayer(name: string, shaped: Layer | undefined): Layer {
  const first = shaped && layersOf(shaped)[0];
  if (first !== undefined) return inputLayer(name, first);
  const config = isRecord(shaped?.config) ? shaped.config : {};
  const dtype =
    config.dtype ?? config.input_dtype ?? (shaped?.class_name === 'Embedding' ? 'int32' : undefined);
  const given = { batch_input_shape: config.batch_input_shape, ...(dtype === undefined ? {} : { dtype }) };
  return { class_name: 'InputLayer', name, config: { name, ...given }, inbound_nodes: [] };
}

function layersOf({ config }: Layer): Layer[] {
  const layers = isRecord(config) ? config.layers : config;
  return Array.isArray(layers) ? layers.filter(isLayer) : [];
}

function isModel(layer: Layer): boolean {
  return Array.isArray(layer.config) || (isRecord(layer.config) && Array.isArray(layer.config.layers));
}

function nameOf(layer: Layer): string | undefined {
  const name = layer.name ?? (isRecord(layer.config) ? layer.config.name : undefined);
  return typeof name === 'string' ? name : undefined;
}

function isLayer(value: unknown): value is Layer {
  return isRecord(value) && typeof value.class_name === 'string';
}

/** Every `dim_ordering` in a topology; the walk is as deep as the JSON, whose depth was bounded. */
function* orderings(value: unknown): Generator<unknown> {
  if (Array.isArray(value)) for (const item of value) yield* orderings(item);
  if (!isRecord(value)) return;
  if (DATA_FORMATS.has(value.dim_ordering)) yield value.dim_ordering;
  yield* orderings(value.config);
  yield* orderings(value.layers);
  yield* orderings(value.layer);
}
