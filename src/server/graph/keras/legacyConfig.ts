import { isRecord } from './parseModel';

type Values = Readonly<Record<string, unknown>>;
interface Layer extends Record<string, unknown> {
  readonly class_name: string;
}

/** How Keras 2 names a class of Keras 1 and its arguments. */
interface Translation {
  readonly className?: string;
  /** By old name. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** Arguments that became one list: the old names in order, by the new name. */
  readonly joined?: Readonly<Record<string, readonly string[]>>;
  /** Keras 1 did not save the data format of this layer, but used that of the user's `keras.json`. */
  readonly lacksDataFormat?: boolean;
  /** Any other translation. */
  readonly rewrite?: (config: Values) => Values;
}

const BIAS = { bias: 'use_bias' };
const DENSE: Translation = { renamed: { output_dim: 'units', ...BIAS } };
const CONV = { ...BIAS, nb_filter: 'filters', border_mode: 'padding', subsample: 'strides' };
const CONV_1D = { ...CONV, filter_length: 'kernel_size', subsample_length: 'strides' };
const KERNEL_2D = { kernel_size: ['nb_row', 'nb_col'] };
const DILATION = { atrous_rate: 'dilation_rate' };
const RECURRENT: Translation = {
  renamed: { output_dim: 'units', inner_activation: 'recurrent_activation', ...BIAS },
};
const POOLING: Translation = { renamed: { border_mode: 'padding' } };
const POOLING_1D: Translation = {
  renamed: { border_mode: 'padding', pool_length: 'pool_size', stride: 'strides' },
};
const RATE: Translation = { renamed: { p: 'rate' } };
const NO_DATA_FORMAT: Translation = { lacksDataFormat: true };

const conv1d: Translation = { className: 'Conv1D', renamed: { ...CONV_1D, ...DILATION } };
const conv2d: Translation = { className: 'Conv2D', renamed: { ...CONV, ...DILATION }, joined: KERNEL_2D };
const deconv2d: Translation = { className: 'Conv2DTranspose', renamed: CONV, joined: KERNEL_2D };
const separable2d: Translation = { className: 'SeparableConv2D', renamed: CONV, joined: KERNEL_2D };
const conv3d: Translation = {
  className: 'Conv3D',
  renamed: CONV,
  joined: { kernel_size: ['kernel_dim1', 'kernel_dim2', 'kernel_dim3'] },
};

/** How Keras 2 translates the arguments of Keras 1 (`keras/legacy/interfaces.py` and `keras/legacy/layers.py` of 2.2.4). */
const TRANSLATIONS: ReadonlyMap<string, Translation> = new Map<string, Translation>([
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
  ['LocallyConnected1D', { renamed: CONV_1D }],
  ['LocallyConnected2D', { renamed: CONV, joined: KERNEL_2D }],
  ['SimpleRNN', RECURRENT],
  ['LSTM', RECURRENT],
  ['GRU', RECURRENT],
  [
    'ConvLSTM2D',
    {
      renamed: { ...CONV, inner_activation: 'recurrent_activation' },
      joined: KERNEL_2D,
      lacksDataFormat: true,
    },
  ],
  ['MaxPooling1D', POOLING_1D],
  ['AveragePooling1D', POOLING_1D],
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
  ['UpSampling2D', NO_DATA_FORMAT],
  ['UpSampling3D', NO_DATA_FORMAT],
  ['Cropping2D', NO_DATA_FORMAT],
  ['Cropping3D', NO_DATA_FORMAT],
  ['ZeroPadding1D', { rewrite: (config) => withPaddingPairs(config, [['left_pad', 'right_pad']]) }],
  [
    'ZeroPadding2D',
    {
      lacksDataFormat: true,
      rewrite: (config) =>
        withPaddingPairs(config, [
          ['top_pad', 'bottom_pad'],
          ['left_pad', 'right_pad'],
        ]),
    },
  ],
  ['ZeroPadding3D', NO_DATA_FORMAT],
  ['PReLU', {}],
]);

/** `dim_ordering` of Keras 1; `default` was resolved before it was saved. */
const DATA_FORMATS: ReadonlyMap<unknown, string> = new Map([
  ['th', 'channels_first'],
  ['tf', 'channels_last'],
]);

type MergeLayer = (config: Values) => { class_name: string; config: Values };

/** The layers that replace Keras 1's one `Merge` layer, by its mode. */
const MERGES: ReadonlyMap<unknown, MergeLayer> = new Map<unknown, MergeLayer>([
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
  // Equal to a normalized Dot for vectors; for anything else it is not a cosine, and the layer of this class refuses it.
  [
    'cos',
    ({ dot_axes = -1 }: Values) => ({
      class_name: 'Merge(mode=cos)',
      config: { axes: dot_axes, normalize: true },
    }),
  ],
]);

/** What holds for all layers of a file. */
interface FileContext {
  /** The data format that all its layers with one share; undefined where they differ. */
  readonly dataFormat: string | undefined;
  /** Keras 2.0 to 2.3, before it became part of TensorFlow; versions of tf.keras then had a suffix, `2.2.4-tf`. */
  readonly isStandalone: boolean;
}

/**
 * Translates a topology of Keras 1 into the names of Keras 2. Names that Keras 2 already uses stay; so do classes and
 * arguments that it does not know, so that messages name a layer as the file does. Where later versions of Keras 2 compute
 * something else, an argument states it: `half_pixel_centers` of UpSampling2D.
 * @param version of Keras that wrote it.
 */
export function toKeras2(topology: unknown, version: string): unknown {
  const orders = new Set(dimOrderings(topology));
  const dataFormat = orders.size === 1 ? DATA_FORMATS.get([...orders][0]) : undefined;
  const isStandalone = /^2\.[0-3]\b/.test(version) && !version.endsWith('-tf');
  return translate(topology, { dataFormat, isStandalone });
}

function translate(value: unknown, file: FileContext): unknown {
  if (!isLayer(value)) return value;
  const { config } = value;
  if (Array.isArray(config)) return translateSequential(value, config, file);
  if (!isRecord(config)) return value;
  if (Array.isArray(config.layers) && value.class_name !== 'Merge') {
    const layers = config.layers.map((layer) => translate(layer, file));
    return { ...value, config: { ...config, layers } };
  }
  if (config.layer !== undefined) {
    return { ...value, config: { ...config, layer: translate(config.layer, file) } };
  }
  return translateLayer(value, config, file);
}

function translateLayer(layer: Layer, config: Values, file: FileContext): Layer {
  if (layer.class_name === 'Merge') return { ...layer, ...translateMerge(layer, config) };
  if (layer.class_name === 'BatchNormalization' && config.mode !== undefined && config.mode !== 0) {
    // Keras 2 refuses them: modes 1 and 2 normalize by the sample or the batch, not by the learned statistics.
    return { ...layer, class_name: `BatchNormalization(mode=${String(config.mode)})` };
  }
  const translation = TRANSLATIONS.get(layer.class_name);
  if (translation === undefined) return layer;
  const values: Record<string, unknown> = { ...config };
  // `K.resize_images` of 2.2.3 to 2.3.1 calls `tf.image.resize_bilinear`; tf.keras switched to `resize_images_v2`.
  if (layer.class_name === 'UpSampling2D' && file.isStandalone) values.half_pixel_centers = false;
  const setDefault = (name: string, value: unknown): void => {
    values[name] ??= value;
  };
  for (const [old, now] of Object.entries(translation.renamed ?? {})) {
    if (config[old] !== undefined) setDefault(now, config[old]);
  }
  for (const [now, old] of Object.entries(translation.joined ?? {})) {
    if (old.every((name) => config[name] !== undefined))
      setDefault(
        now,
        old.map((name) => config[name]),
      );
  }
  const ordering =
    DATA_FORMATS.get(config.dim_ordering) ?? (translation.lacksDataFormat ? file.dataFormat : undefined);
  if (ordering !== undefined) setDefault('data_format', ordering);
  return {
    ...layer,
    class_name: translation.className ?? layer.class_name,
    config: translation.rewrite ? translation.rewrite(values) : values,
  };
}

/** A layer whose mode is Python code keeps the class `Merge`, which is unknown. */
function translateMerge(layer: Layer, config: Values): { class_name: string; config: Values } {
  const replacement = MERGES.get(config.mode)?.(config);
  if (replacement === undefined) return { class_name: layer.class_name, config };
  return {
    class_name: replacement.class_name,
    config: { name: config.name, trainable: true, ...replacement.config },
  };
}

/** Padding by name, or as four numbers in a row, becomes one pair per axis. */
function withPaddingPairs(config: Values, names: readonly (readonly [string, string])[]): Values {
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
 * A Sequential of Keras 1 is a list of layers. One that starts by merging other models is not a chain, so it becomes a
 * functional model: the branches, each called on its own inputs, the merge, and the layers after it.
 */
function translateSequential(model: Layer, layers: readonly unknown[], file: FileContext): Layer {
  const [first, ...rest] = layers;
  const branches = isLayer(first) && isRecord(first.config) ? first.config.layers : undefined;
  if (!isLayer(first) || first.class_name !== 'Merge' || !Array.isArray(branches)) {
    return { ...model, config: layers.map((layer) => translate(layer, file)) };
  }
  const inputs: Layer[] = [];
  const called: Layer[] = [];
  const merged: Reference[] = [];
  for (const [i, raw] of branches.entries()) {
    const branch = translate(raw, file);
    if (!isLayer(branch)) continue;
    const name = nameOf(branch) ?? `${branch.class_name.toLowerCase()}_${i + 1}`;
    const own = inputsOf(branch, name);
    inputs.push(...own);
    called.push({
      ...branch,
      name,
      inbound_nodes: [own.map((input): Reference => [String(input.name), 0, 0])],
    });
    // A nested model starts with a node of its own, which references between layers count.
    merged.push([name, isModel(branch) ? 1 : 0, 0]);
  }
  let previous: readonly Reference[] = merged;
  const chain = [first, ...rest].map((raw, i) => {
    const layer =
      raw === first
        ? translateLayer(first, isRecord(first.config) ? first.config : {}, file)
        : translate(raw, file);
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

/** Input layers for a branch: one for a chain, one per input of a functional model. */
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

/** @param shaped the layer that states the shape: an input, or the first of a chain, however deeply nested. */
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

/** Every `dim_ordering` in a topology. Recursive: the depth of the JSON is bounded. */
function* dimOrderings(value: unknown): Generator<unknown> {
  if (Array.isArray(value)) for (const item of value) yield* dimOrderings(item);
  if (!isRecord(value)) return;
  if (DATA_FORMATS.has(value.dim_ordering)) yield value.dim_ordering;
  yield* dimOrderings(value.config);
  yield* dimOrderings(value.layers);
  yield* dimOrderings(value.layer);
}
