import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import { fail } from '../../../shared/errors';
import { damaged } from '../damaged';
import { checkName } from '../names';

/** A model's config of any Keras generation in one form; layers refer to each other by name, nothing is unfolded yet. */
export interface ModelSpec {
  readonly name: string;
  readonly className: string;
  readonly trainable: boolean;
  readonly layers: readonly LayerSpec[];
  readonly inputs: readonly CallRef[];
  readonly outputs: readonly CallRef[];
}

export interface LayerSpec {
  readonly name: string;
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** For a nested model. */
  readonly model: ModelSpec | null;
  readonly calls: readonly CallSpec[];
  /** Keras's `shared_object_id`, of an object that the config contains several times. */
  readonly shared?: number;
  /** True for the input layer of a Sequential: Keras does not list it among the layers. */
  readonly hidden: boolean;
}

export interface CallSpec {
  readonly inputs: readonly CallRef[];
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
}

/** One output of one call of a named layer. */
export interface CallRef {
  readonly layer: string;
  readonly call: number;
  readonly output: number;
}

const MAX_NESTING = 32;

const record = z.record(z.string(), z.unknown());
const layerSchema = z.object({
  class_name: z.string(),
  module: z.string().nullish(),
  registered_name: z.string().nullish(),
  config: z.union([record, z.array(z.unknown())]).default({}),
  name: z.string().optional(),
  inbound_nodes: z.array(z.unknown()).default([]),
  build_config: record.nullish(),
  shared_object_id: z.number().nullish().catch(null),
});
type RawLayer = z.infer<typeof layerSchema>;

/**
 * Reads the topology of a model file.
 * @param topology `{class_name, config}`, as in `config.json`, the `model_config` attribute or `model.json`.
 * @throws Failure `bad-config` that names the problem.
 */
export function parseModel(topology: unknown, file: string): ModelSpec {
  const parsed = layerSchema.safeParse(topology);
  if (!parsed.success) {
    return fail(
      'bad-config',
      l10n.t('{0} contains no Keras model config: "class_name" and "config" are missing.', file),
      {
        subject: file,
        remedy: l10n.t(
          'Save the whole model with Keras (model.save) or convert it with the TensorFlow.js converter.',
        ),
      },
    );
  }
  const raw = parsed.data;
  if (!hasLayers(raw)) {
    return fail(
      'bad-config',
      l10n.t(
        '{0} contains a subclassed model ({1}): its structure is Python code, which a file cannot contain.',
        file,
        raw.class_name,
      ),
      { subject: file, remedy: l10n.t('Rebuild it as a Functional or Sequential model and save that.') },
    );
  }
  return parseSpec(raw, raw.class_name, 0);
}

/** Whether a layer is itself a model with layers in its config. */
function hasLayers(raw: RawLayer): boolean {
  return Array.isArray(raw.config) || Array.isArray(raw.config.layers);
}

function parseSpec(raw: RawLayer, path: string, depth: number): ModelSpec {
  if (depth > MAX_NESTING) {
    return damaged(l10n.t('Model "{0}" is nested more than {1} levels deep.', path, MAX_NESTING), path);
  }
  const config = Array.isArray(raw.config) ? { layers: raw.config } : raw.config;
  const name = typeof config.name === 'string' ? config.name : (raw.name ?? raw.class_name.toLowerCase());
  const rawLayers = z.array(layerSchema).safeParse(config.layers);
  if (!rawLayers.success) {
    return damaged(l10n.t('Model "{0}": its list of layers cannot be read.', name), path);
  }
  checkName(name, l10n.t('a model'));
  checkName(raw.class_name, l10n.t('a class'));
  const trainable = config.trainable !== false;
  const isFunctional = config.input_layers !== undefined || config.output_layers !== undefined;
  const parts = isFunctional
    ? parseFunctional(rawLayers.data, config, path, depth)
    : parseSequential(rawLayers.data, config, raw, path, depth);
  return { name, className: raw.class_name, trainable, ...parts };
}

type Parts = Pick<ModelSpec, 'layers' | 'inputs' | 'outputs'>;

function layerName(raw: RawLayer, index: number): string {
  const inConfig = Array.isArray(raw.config) ? undefined : raw.config.name;
  const given = raw.name ?? (typeof inConfig === 'string' ? inConfig : null);
  const name = given ?? `${raw.class_name.toLowerCase()}_${index + 1}`;
  checkName(name, l10n.t('a layer'));
  return name;
}

function toLayer(raw: RawLayer, name: string, calls: CallSpec[], path: string, depth: number): LayerSpec {
  const model = hasLayers(raw) ? parseSpec(raw, `${path}/${name}`, depth + 1) : null;
  const config = Array.isArray(raw.config) ? {} : raw.config;
  const className = publicName(raw);
  checkName(className, l10n.t('a class'));
  const shared = raw.shared_object_id ?? undefined;
  return { name, className, config, model, calls, hidden: false, ...(shared !== undefined && { shared }) };
}

/** The class name by which rules are found. A custom class never gets the name of one of Keras's. */
function publicName(raw: RawLayer): string {
  const functionName = tensorFlowName(raw);
  if (functionName !== null) return functionName;
  if (isOperation(raw)) return `ops.${raw.class_name}`;
  const isCustom = typeof raw.module === 'string' && !/^(keras|tf_keras|tensorflow)\b/.test(raw.module);
  if (raw.registered_name?.includes('>')) return raw.registered_name;
  return isCustom ? `${raw.module}.${raw.class_name}` : raw.class_name;
}

/**
 * The TensorFlow function that a layer of Keras 2 wraps: `tf.math.add` for a TFOpLambda, `tf.raw_ops.AddV2`
 * for the TensorFlowOpLayer of TensorFlow 2.0 to 2.3.
 */
function tensorFlowName(raw: RawLayer): string | null {
  if (Array.isArray(raw.config)) return null;
  const { function: name, cls_symbol: owner, method_name: method, node_def: node } = raw.config;
  switch (raw.class_name) {
    case 'TFOpLambda':
    case 'SlicingOpLambda':
      return typeof name === 'string' ? `tf.${name}` : null;
    case 'ClassMethod':
      return typeof owner === 'string' && typeof method === 'string' ? `tf.${owner}.${method}` : null;
    case 'TensorFlowOpLayer':
      return isRecord(node) && typeof node.op === 'string' ? `tf.raw_ops.${node.op}` : null;
    default:
      return null;
  }
}

/** Keras layers without `trainable` in their config. A dtype does not set layers apart: operations such as `Cumsum` have one too. */
const WITHOUT_TRAINABLE: ReadonlySet<string> = new Set([
  'SpatialDropout1D',
  'SpatialDropout2D',
  'SpatialDropout3D',
  'Discretization',
  'HashedCrossing',
  'Pipeline',
  'FeatureSpace',
]);

/**
 * Keras 3 saves `x + 3` as a node of class "Add", like the layer Add. An operation is recognized by its module or, in HDF5, by
 * a config without the `trainable` that layers have; it is then named as in `keras.ops`.
 */
function isOperation(raw: RawLayer): boolean {
  if (typeof raw.module === 'string') return raw.module.startsWith('keras.src.ops');
  const isLayer =
    Array.isArray(raw.config) || 'trainable' in raw.config || WITHOUT_TRAINABLE.has(raw.class_name);
  return !isLayer && raw.inbound_nodes.length > 0 && raw.inbound_nodes.every(isRecord);
}

function parseFunctional(
  raws: readonly RawLayer[],
  config: Record<string, unknown>,
  path: string,
  depth: number,
): Parts {
  const names = raws.map(layerName);
  const known = new Set(names);
  if (known.size !== names.length) {
    return damaged(l10n.t('Model "{0}" has two layers of the same name.', path), path);
  }
  const read = raws.map((raw, i) => {
    const name = names[i] ?? '';
    return { raw, name, calls: raw.inbound_nodes.map((node) => parseCall(node, known, `${path}/${name}`)) };
  });
  const outputs = parseRefs(config.output_layers, known, path);
  const inputs = parseRefs(config.input_layers, known, path);

  // A nested model starts with a node that is not saved, but references count it: in `output_layers` always (a Keras 3
  // Sequential has none), between layers in Keras 1 and 2 only.
  const nested = new Map(read.filter((l) => hasLayers(l.raw)).map((l) => [l.name, l.raw]));
  const previousCall = (ref: CallRef): CallRef => ({ ...ref, call: Math.max(0, ref.call - 1) });
  const shiftOutput = (ref: CallRef): CallRef => {
    const raw = nested.get(ref.layer);
    return raw && (isFunctionalConfig(raw) || hasLegacyCalls(raw)) ? previousCall(ref) : ref;
  };
  const everyRef = read.flatMap((l) => l.calls.flatMap((c) => c.inputs));
  const fromZero = new Set(everyRef.flatMap((ref) => (ref.call === 0 ? [ref.layer] : [])));
  const shift = (ref: CallRef): CallRef =>
    !fromZero.has(ref.layer) && hasLegacyCalls(nested.get(ref.layer)) ? previousCall(ref) : ref;

  const layers = read.map(({ raw, name, calls }) =>
    toLayer(
      raw,
      name,
      calls.map((c) => ({ ...c, inputs: c.inputs.map(shift) })),
      path,
      depth,
    ),
  );
  return { layers, inputs, outputs: outputs.map(shiftOutput) };
}

const isFunctionalConfig = (raw: RawLayer): boolean =>
  !Array.isArray(raw.config) && raw.config.input_layers !== undefined;
/** Keras 1 and 2 write calls as lists, Keras 3 as `{args, kwargs}`. */
const hasLegacyCalls = (raw: RawLayer | undefined): boolean =>
  raw !== undefined && raw.inbound_nodes.length > 0 && raw.inbound_nodes.every(Array.isArray);

function parseSequential(
  raws: readonly RawLayer[],
  config: Record<string, unknown>,
  model: RawLayer,
  path: string,
  depth: number,
): Parts {
  const first = raws[0];
  if (first === undefined) {
    return damaged(l10n.t('Sequential model "{0}" has no layers.', path), path);
  }
  const hasInput = first.class_name === 'InputLayer';
  const read = (hasInput ? raws.slice(1) : raws).map((raw, i) =>
    toLayer(raw, layerName(raw, i), [], path, depth),
  );
  const input = hasInput
    ? { ...toLayer(first, layerName(first, 0), [], path, depth), hidden: true }
    : impliedInput(first, read[0], config, model);
  const names = new Set([input.name]);
  let previous = asRef(input);
  const layers = read.map((layer) => {
    if (names.has(layer.name)) {
      return damaged(l10n.t('Model "{0}" has two layers named "{1}".', path, layer.name), path);
    }
    names.add(layer.name);
    const call = { inputs: [previous], args: [{ input: 0 }], kwargs: {} };
    previous = asRef(layer);
    return { ...layer, calls: [call] };
  });
  return { layers: [input, ...layers], inputs: [asRef(input)], outputs: [previous] };
}

const asRef = (layer: LayerSpec): CallRef => ({ layer: layer.name, call: 0, output: 0 });

/** The input layer of a Sequential that was saved without one. @param layer `first` as it was parsed. */
function impliedInput(
  first: RawLayer,
  layer: LayerSpec | undefined,
  config: Record<string, unknown>,
  model: RawLayer,
): LayerSpec {
  const name = `${layerName(first, 0)}_input`;
  const shape = sequentialInputShape(first, layer?.model ?? null, config, model);
  const inputConfig = { name, ...(shape === undefined ? {} : { batch_shape: shape }), ...inputDtype(first) };
  return { name, className: 'InputLayer', config: inputConfig, model: null, calls: [], hidden: true };
}

/** An Embedding at the start of a Sequential takes integers. */
function inputDtype(first: RawLayer): { dtype?: unknown } {
  if (first.class_name === 'Embedding') return { dtype: 'int32' };
  return {};
}

/** @param nested the model that `first` is, if it is one. */
function sequentialInputShape(
  first: RawLayer,
  nested: ModelSpec | null,
  config: Record<string, unknown>,
  model: RawLayer,
): unknown {
  const firstConfig = Array.isArray(first.config) ? {} : first.config;
  const direct = firstConfig.batch_input_shape ?? firstConfig.batch_shape ?? config.build_input_shape;
  if (Array.isArray(direct)) return direct;
  if (Array.isArray(firstConfig.input_shape)) return [null, ...firstConfig.input_shape];
  if (model.build_config && Array.isArray(model.build_config.input_shape)) {
    return model.build_config.input_shape;
  }
  const input = nested?.layers.find((inner) => inner.name === nested.inputs[0]?.layer);
  return input?.config.batch_shape ?? input?.config.batch_input_shape;
}

/** `input_layers` / `output_layers`: one reference, a list of them, or a dict by name. */
function parseRefs(value: unknown, known: ReadonlySet<string>, path: string): CallRef[] {
  const single = asLegacyRef(value, known);
  if (single) return [single];
  // Keras flattens dicts in the order of their sorted keys.
  const sorted = isRecord(value)
    ? Object.keys(value)
        .sort()
        .map((key) => value[key])
    : null;
  const items = Array.isArray(value) ? value : sorted;
  if (items === null) {
    return damaged(l10n.t('Model "{0}" does not state its inputs and outputs.', path), path);
  }
  return items.flatMap((item) => parseRefs(item, known, path));
}

function parseCall(node: unknown, known: ReadonlySet<string>, path: string): CallSpec {
  const inputs: CallRef[] = [];
  const addInput = (ref: CallRef): { input: number } => ({ input: inputs.push(ref) - 1 });

  if (isRecord(node)) {
    const args = replaceTensors(node.args ?? [], known, addInput, false);
    const kwargs = replaceTensors(node.kwargs ?? {}, known, addInput, false);
    return { inputs, args: Array.isArray(args) ? args : [args], kwargs: isRecord(kwargs) ? kwargs : {} };
  }
  if (!Array.isArray(node)) {
    return damaged(l10n.t('Layer "{0}": its inbound nodes cannot be read.', path), path);
  }
  const entries: unknown[] = asLegacyRef(node, known) || asConstant(node) ? [node] : node;
  const args: unknown[] = [];
  let kwargs: Record<string, unknown> = {};
  for (const entry of entries) {
    const constant = asConstant(entry);
    const ref = asLegacyRef(entry, known);
    if (constant) args.push(constant.value);
    else if (ref) args.push(addInput(ref));
    else
      return damaged(l10n.t('Layer "{0}" takes an input from a layer that is not in the model.', path), path);
    const own = Array.isArray(entry) ? entry[3] : undefined;
    if (isRecord(own)) kwargs = { ...kwargs, ...own };
  }
  const replaced = replaceTensors(kwargs, known, addInput, true);
  return { inputs, args, kwargs: isRecord(replaced) ? replaced : {} };
}

/** Keras 2 writes the constants of operator nodes as `['_CONSTANT_VALUE', -1, value, kwargs]`. */
function asConstant(entry: unknown): { value: unknown } | null {
  return Array.isArray(entry) && entry[0] === '_CONSTANT_VALUE' ? { value: entry[2] } : null;
}

function asLegacyRef(value: unknown, known: ReadonlySet<string>): CallRef | null {
  if (!Array.isArray(value)) return null;
  const [layer, call, output] = value;
  if (typeof layer !== 'string' || !known.has(layer)) return null;
  if (!isIndex(call) || !isIndex(output)) return null;
  return { layer, call, output };
}

/** Replaces every tensor in call arguments by its position among the inputs. Recursive: the depth of the JSON is bounded. */
function replaceTensors(
  value: unknown,
  known: ReadonlySet<string>,
  addInput: (ref: CallRef) => unknown,
  legacy: boolean,
): unknown {
  if (Array.isArray(value)) {
    const ref = legacy ? asLegacyRef(value, known) : null;
    return ref ? addInput(ref) : value.map((v) => replaceTensors(v, known, addInput, legacy));
  }
  if (!isRecord(value)) return value;
  if (value.class_name === '__keras_tensor__' && isRecord(value.config)) {
    const ref = asLegacyRef(value.config.keras_history, known);
    if (ref) return addInput(ref);
  }
  return Object.fromEntries(
    Object.entries(value).map(([k, v]) => [k, replaceTensors(v, known, addInput, legacy)]),
  );
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isIndex = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
