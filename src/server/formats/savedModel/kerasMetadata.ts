import { basename, dirname, join } from 'node:path';
import type { LearnedPairs } from '../../../shared/asset';
import { fail } from '../../../shared/errors';
import { companionPath } from '../../io/companion';
import { MAX_PROTO_BYTES } from '../../io/limits';
import { readFile, statOf } from '../../io/openFile';
import type { LayerPlace, WeightEntry, WeightStore } from '../modelFile';
import { holdsLayers, isRecord, isTopology, parseJson, type Topology } from '../topology';
import { LookupTables } from './lookupTables';
import { type Decoded, decode } from './protobuf';
import { keysOf, records } from './savedModelObjects';
import { savedMetadata } from './savedModelProto';
import type { BundleEntry, VariableBundle } from './variableBundle';

/** Models in models, and how many objects in them are looked at. */
const MAX_NESTING = 32;
const MAX_PARTS = 1_000_000;
/** What Keras says of a model, not of one of its layers. */
const MODELS: ReadonlySet<unknown> = new Set([
  '_tf_keras_network',
  '_tf_keras_sequential',
  '_tf_keras_model',
]);
/** Names of what layers learn beside their weights (`LayerRule.assets`). */
const VOCABULARY = 'vocabulary.txt';
const SUMMARY = 'summary';
const ENDS = 'bins';
/** What TensorFlow calls a variable that was given no name. */
const UNNAMED = 'Variable';
/** Under these names a model keeps its layers. */
const LAYER = /^layer(_with_weights)?-\d+$/;

/** The Keras model in a SavedModel. */
export interface KerasModel {
  readonly topology: Topology;
  readonly kerasVersion: string;
  readonly weights: WeightStore;
}

type Item = Record<string, unknown>;

/**
 * The model that Keras 2 describes in a SavedModel: in `keras_metadata.pb` beside it, before TensorFlow 2.5 in the objects
 * themselves.
 * @param meta `MetaGraphDef`.
 * @returns `null` for what Keras 2 did not save; a sentence where it cannot be shown as Keras's layers.
 */
export function kerasModelOf(
  meta: Decoded,
  bundle: VariableBundle,
  path: string,
): KerasModel | string | null {
  try {
    const objects = records(isRecord(meta.objectGraphDef) ? meta.objectGraphDef.nodes : []);
    const described = descriptionsOf(objects, path);
    const root = described.get(0);
    if (root === undefined || !MODELS.has(root.identifier)) return null;
    const json = parsed(root.metadata, path);
    const topology = topologyIn(json);
    if (topology === null) {
      return notShown(`${className(json)} is a subclassed model, whose structure is Python code.`);
    }
    const version = isRecord(json) ? json.keras_version : undefined;
    const keys = keysOf(objects, records(bundle.objects().nodes));
    const tables = new LookupTables(path, meta, objects, keys, bundle);
    const parts = partsOf(path, objects, described, keys, bundle, tables);
    return {
      topology: withSizes(topology, parts.tables, tables),
      kerasVersion: typeof version === 'string' ? version : '2',
      weights: new LayerVariables(path, parts, tables, bundle),
    };
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    return notShown(`its metadata cannot be read: ${why}`);
  }
}

const notShown = (why: string): string =>
  `Shown are TensorFlow's operations, not the layers of Keras: ${/[.!]$/.test(why) ? why : `${why}.`}`;

const className = (json: unknown): string =>
  isRecord(json) && typeof json.class_name === 'string' ? json.class_name : 'it';

/** What Keras says of each object, by the number of the object. */
function descriptionsOf(objects: readonly Item[], path: string): Map<number, Item> {
  const beside = join(dirname(path), 'keras_metadata.pb');
  if (statOf(beside) === null) {
    return new Map(
      objects.flatMap(({ userObject }, id) =>
        isRecord(userObject) && userObject.metadata ? [[id, userObject] as const] : [],
      ),
    );
  }
  const bytes = readFile(companionPath(path, beside), MAX_PROTO_BYTES);
  const { nodes } = decode(bytes, savedMetadata);
  return new Map(records(nodes).map((one) => [Number(one.nodeId ?? 0), one]));
}

const parsed = (metadata: unknown, path: string): unknown =>
  plain(parseJson(typeof metadata === 'string' ? metadata : '{}', path, 'the metadata of Keras'));

/** The config of a functional or sequential model; a subclassed one has none that lists layers. */
function topologyIn(json: unknown): Topology | null {
  if (!isTopology(json) || !holdsLayers(json)) return null;
  const { class_name, config } = json;
  return { class_name, config };
}

/** As `json_utils.decode` of Keras 2: tuples and shapes are lists. The text nests as deep as `parseJson` lets it. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isRecord(value)) return value;
  const isList = value.class_name === '__tuple__' || value.class_name === 'TensorShape';
  if (isList && Array.isArray(value.items)) return value.items.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

/**
 * Says in the config of each lookup layer how many indices it has, as Keras itself does from version 2.12 on: the sizes of
 * other layers depend on it.
 */
function withSizes(topology: Topology, found: Parts['tables'], tables: LookupTables): Topology {
  const sized = (layers: unknown, prefix: string): unknown => {
    if (!Array.isArray(layers)) return layers;
    return layers.map((layer: unknown) => {
      const config = isRecord(layer) ? layer.config : undefined;
      if (!isRecord(layer) || !isRecord(config)) return layer;
      const path = `${prefix}${String(config.name)}`;
      if (Array.isArray(config.layers)) {
        return { ...layer, config: { ...config, layers: sized(config.layers, `${path}/`) } };
      }
      const table = found.get(path);
      const isSized = Array.isArray(config.vocabulary) || (config.vocabulary_size ?? null) !== null;
      if (table === undefined || isSized || (config.output_mode ?? 'int') === 'int') return layer;
      return { ...layer, config: { ...config, vocabulary_size: tables.sizeOf(table) } };
    });
  };
  const { config } = topology;
  if (!isRecord(config) || found.size === 0) return topology;
  return { ...topology, config: { ...config, layers: sized(config.layers, '') } };
}

/** The variables of the layers, each layer's in Keras's order (`layer.weights`), as `<path of the layer>/<name>`. */
class LayerVariables implements WeightStore {
  private readonly found: ReadonlyMap<string, BundleEntry>;

  constructor(
    private readonly path: string,
    private readonly parts: Parts,
    private readonly tables: LookupTables,
    private readonly bundle: VariableBundle,
  ) {
    this.found = parts.variables;
  }

  async index() {
    if (this.bundle.isMissing) {
      fail(
        'no-weights',
        `${basename(this.path)} describes a model, but its folder "variables", which holds the weights, is not beside it.`,
        {
          remedy: 'Copy the whole SavedModel folder again, with its folder "variables".',
          subject: this.path,
        },
      );
    }
    const entries = [...this.found].map(([key, { shape, dtype }]): [string, WeightEntry] => [
      key,
      { key, shape, dtype },
    ]);
    return {
      layout: 'tfjs' as const,
      entries: new Map(entries),
      groups: new Map<string, readonly string[]>(),
    };
  }

  async asset(name: string, { path }: LayerPlace): Promise<LearnedPairs | null> {
    if (name === SUMMARY) return this.summary(path);
    if (name === ENDS) return this.ends(path);
    const table = this.parts.tables.get(path);
    return name === VOCABULARY && table !== undefined ? this.tables.read(table) : null;
  }

  /** What a Discretization learned: a variable (2, bins), whose sizes its config does not say. */
  private summary(layer: string): LearnedPairs | null {
    const entry = this.found.get(`${layer}/${SUMMARY}`);
    if (entry === undefined || entry.shape.length !== 2 || entry.shape[0] !== 2) return null;
    const all = [...this.bundle.read(entry)];
    return { keys: all.slice(0, all.length / 2), values: all.slice(all.length / 2) };
  }

  /** Where the bins of a Discretization of TensorFlow 2.4 or 2.5 end: a variable (bins,). */
  private ends(layer: string): LearnedPairs | null {
    const entry = this.found.get(`${layer}/${ENDS}`);
    if (entry === undefined || entry.shape.length !== 1) return null;
    const values = [...this.bundle.read(entry)];
    return { keys: values.map((_, i) => i), values };
  }

  async read(key: string): Promise<Float32Array> {
    const entry = this.found.get(key);
    if (entry) return this.bundle.read(entry);
    return fail('bad-weights', `The SavedModel holds no values for ${key}.`, {
      remedy: 'Copy the whole SavedModel folder again, with its folder "variables".',
      subject: this.path,
    });
  }
}

/** What belongs to the layers of a model. */
interface Parts {
  readonly variables: ReadonlyMap<string, BundleEntry>;
  /** Objects that are tables, by the paths of their layers. */
  readonly tables: ReadonlyMap<string, number>;
}

const childrenOf = (objects: readonly Item[], id: number): [string, number][] =>
  records(objects[id]?.children).map((child) => [String(child.localName), Number(child.nodeId ?? 0)]);

function partsOf(
  path: string,
  objects: readonly Item[],
  described: ReadonlyMap<number, Item>,
  keys: ReadonlyMap<number, string>,
  bundle: VariableBundle,
  lookups: LookupTables,
): Parts {
  const tables = new Map<string, number>();
  const found = new Map<string, BundleEntry>();
  const twins = new Map<string, number>();
  const names = new Map<number, string | null>();
  let parts = 0;
  const count = (depth: number): void => {
    if (depth > MAX_NESTING || ++parts > MAX_PARTS) throw new Error('its models nest without end');
  };
  const nameOf = (id: number): string | null => {
    const known = names.get(id);
    if (known !== undefined) return known;
    const json = parsed(described.get(id)?.metadata, path);
    const name = isRecord(json) && typeof json.name === 'string' ? json.name : null;
    names.set(id, name);
    return name;
  };
  const visit = (id: number, prefix: string, depth: number): void => {
    count(depth);
    const children = childrenOf(objects, id);
    const layers = new Set(children.filter(([name]) => LAYER.test(name)).map(([, child]) => child));
    if (MODELS.has(described.get(id)?.identifier) && layers.size > 0) {
      for (const layer of layers) {
        const name = nameOf(layer);
        if (name !== null) visit(layer, `${prefix}${name}/`, depth + 1);
      }
      return;
    }
    const table = lookups.tableOf(id);
    if (table !== undefined) tables.set(prefix.slice(0, -1), table);
    for (const [attribute, variable] of weightsOf(objects, id, () => count(depth))) {
      const about = objects[variable]?.variable;
      const entry = bundle.entries.get(keys.get(variable) ?? '');
      if (!isRecord(about) || entry === undefined) continue;
      const [name = ''] = String(about.name ?? '')
        .split('/')
        .slice(-1);
      const own = name.replace(/:\d+$/, '');
      const key = prefix + (own === UNNAMED ? attribute : own);
      // Both directions of a Bidirectional have a kernel.
      const twin = twins.get(key) ?? 0;
      twins.set(key, twin + 1);
      found.set(twin === 0 ? key : `${key}:${twin}`, entry);
    }
  };
  visit(0, '', 0);
  return { variables: found, tables };
}

/**
 * The variables of a layer, each with the attribute that holds it, in the order of `layer.weights`, which Keras keeps as a list. Saved with `save_traces=False` there
 * is none: then those of the layer and what is in it, in the order in which they were made, what trains first.
 */
function weightsOf(objects: readonly Item[], layer: number, count: () => void): [string, number][] {
  const [, list] = childrenOf(objects, layer).find(([name]) => name === 'variables') ?? [];
  if (list !== undefined) {
    const listed = childrenOf(objects, list).sort(([a], [b]) => Number(a) - Number(b));
    return listed.map(([place, id]) => {
      count();
      return [place, id];
    });
  }
  const within = new Set([layer]);
  const waiting: [string, number][] = [['', layer]];
  const found: [string, number][] = [];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [, id] = next;
    if (isRecord(objects[id]?.variable)) found.push(next);
    for (const child of childrenOf(objects, id).reverse()) {
      count();
      if (within.has(child[1])) continue;
      within.add(child[1]);
      waiting.push(child);
    }
  }
  const trains = ([, id]: [string, number]): boolean => {
    const variable = objects[id]?.variable;
    return isRecord(variable) && variable.trainable === true;
  };
  return [...found.filter(trains), ...found.filter((one) => !trains(one))];
}
