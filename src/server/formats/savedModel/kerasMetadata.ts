import { basename, dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import type { LearnedPairs } from '../../../shared/asset';
import { fail } from '../../../shared/errors';
import { companionPath } from '../../io/companion';
import { MAX_PROTO_BYTES } from '../../io/limits';
import { readFile, statOf } from '../../io/openFile';
import type { LayerPlace, WeightEntry, WeightStore } from '../modelFile';
import { hasLayers, isRecord, isTopology, parseJson, type Topology } from '../topology';
import { LookupTables } from './lookupTables';
import { type Decoded, decode } from './protobuf';
import { keysOf, records } from './savedModelObjects';
import { savedMetadata } from './savedModelProto';
import type { BundleEntry, VariableBundle } from './variableBundle';

/** Nesting of models, and objects that are visited in them. */
const MAX_NESTING = 32;
const MAX_PARTS = 1_000_000;
/** Keras's identifiers of models, as opposed to layers. */
const MODELS: ReadonlySet<unknown> = new Set([
  '_tf_keras_network',
  '_tf_keras_sequential',
  '_tf_keras_model',
]);
/** Names of what layers learn besides their weights (`LayerRule.assets`). */
const VOCABULARY = 'vocabulary.txt';
const SUMMARY = 'summary';
const BIN_EDGES = 'bins';
/** TensorFlow's default name of a variable. */
const UNNAMED = 'Variable';
/** Names of a model's layers among its children. */
const LAYER = /^layer(_with_weights)?-\d+$/;

/** The Keras model in a SavedModel. */
export interface KerasModel {
  readonly topology: Topology;
  readonly training?: unknown;
  readonly kerasVersion: string;
  readonly weights: WeightStore;
}

type Item = Record<string, unknown>;

/**
 * Reads the model that Keras 2 describes in a SavedModel: in `keras_metadata.pb` beside it, before TensorFlow 2.5 in the
 * objects themselves.
 * @param meta `MetaGraphDef`.
 * @returns `null` if Keras 2 did not save it; a sentence if it cannot be shown as Keras's layers.
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
      return isRecord(json) && typeof json.class_name === 'string'
        ? l10n.t(
            "Shown are TensorFlow's operations, not the layers of Keras: {0} is a subclassed model, whose structure is Python code.",
            json.class_name,
          )
        : l10n.t(
            "Shown are TensorFlow's operations, not the layers of Keras: it is a subclassed model, whose structure is Python code.",
          );
    }
    const version = isRecord(json) ? json.keras_version : undefined;
    const keys = keysOf(objects, records(bundle.objects().nodes));
    const tables = new LookupTables(path, meta, objects, keys, bundle);
    const parts = partsOf(path, objects, described, keys, bundle, tables);
    return {
      topology: withVocabularySizes(topology, parts.tables, tables),
      kerasVersion: typeof version === 'string' ? version : '2',
      training: isRecord(json) ? json.training_config : undefined,
      weights: new LayerVariables(path, parts, tables, bundle),
    };
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    return l10n.t(
      "Shown are TensorFlow's operations, not the layers of Keras: its metadata cannot be read: {0}",
      /[.!]$/.test(why) ? why : `${why}.`,
    );
  }
}

/** Keras's description of each object, by the number of the object. */
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
  plain(parseJson(typeof metadata === 'string' ? metadata : '{}', path, l10n.t('the metadata of Keras')));

/** The config of a functional or sequential model; a subclassed one has none that lists layers. */
function topologyIn(json: unknown): Topology | null {
  if (!isTopology(json) || !hasLayers(json)) return null;
  const { class_name, config } = json;
  return { class_name, config };
}

/** Like `json_utils.decode` of Keras 2: tuples and shapes become lists. Recursive: `parseJson` bounds the depth. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isRecord(value)) return value;
  const isList = value.class_name === '__tuple__' || value.class_name === 'TensorShape';
  if (isList && Array.isArray(value.items)) return value.items.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

/**
 * Adds to the config of each lookup layer the number of its indices, as Keras itself does since version 2.12: the sizes of
 * other layers depend on it.
 */
function withVocabularySizes(topology: Topology, found: Parts['tables'], tables: LookupTables): Topology {
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

/** The variables of the layers as `<path of the layer>/<name>`, those of a layer in Keras's order (`layer.weights`). */
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
        l10n.t(
          '{0} describes a model, but its folder "variables", which contains the weights, is not beside it.',
          basename(this.path),
        ),
        {
          remedy: l10n.t('Copy the whole SavedModel folder again, with its folder "variables".'),
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
    if (name === BIN_EDGES) return this.binEdges(path);
    const table = this.parts.tables.get(path);
    return name === VOCABULARY && table !== undefined ? this.tables.read(table) : null;
  }

  /** The summary that a Discretization learned: a variable (2, bins), whose size its config does not state. */
  private summary(layer: string): LearnedPairs | null {
    const entry = this.found.get(`${layer}/${SUMMARY}`);
    if (entry === undefined || entry.shape.length !== 2 || entry.shape[0] !== 2) return null;
    const all = [...this.bundle.read(entry)];
    return { keys: all.slice(0, all.length / 2), values: all.slice(all.length / 2) };
  }

  /** The upper edges of the bins of a Discretization of TensorFlow 2.4 or 2.5: a variable (bins,). */
  private binEdges(layer: string): LearnedPairs | null {
    const entry = this.found.get(`${layer}/${BIN_EDGES}`);
    if (entry === undefined || entry.shape.length !== 1) return null;
    const values = [...this.bundle.read(entry)];
    return { keys: values.map((_, i) => i), values };
  }

  async read(key: string): Promise<Float32Array> {
    const entry = this.found.get(key);
    if (entry) return this.bundle.read(entry);
    return fail('bad-weights', l10n.t('The SavedModel contains no values for {0}.', key), {
      remedy: l10n.t('Copy the whole SavedModel folder again, with its folder "variables".'),
      subject: this.path,
    });
  }
}

/** The objects that belong to the layers of a model. */
interface Parts {
  readonly variables: ReadonlyMap<string, BundleEntry>;
  /** The lookup table of each layer, by path of the layer. */
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
  const duplicates = new Map<string, number>();
  const names = new Map<number, string | null>();
  let parts = 0;
  const count = (depth: number): void => {
    if (depth > MAX_NESTING || ++parts > MAX_PARTS)
      throw new Error(l10n.t('its models are nested without end'));
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
    for (const [attribute, variable] of variablesIn(objects, id, () => count(depth))) {
      const about = objects[variable]?.variable;
      const entry = bundle.entries.get(keys.get(variable) ?? '');
      if (!isRecord(about) || entry === undefined) continue;
      const [name = ''] = String(about.name ?? '')
        .split('/')
        .slice(-1);
      const own = name.replace(/:\d+$/, '');
      const key = prefix + (own === UNNAMED ? attribute : own);
      // Both directions of a Bidirectional have a weight of each name.
      const duplicate = duplicates.get(key) ?? 0;
      duplicates.set(key, duplicate + 1);
      found.set(duplicate === 0 ? key : `${key}:${duplicate}`, entry);
    }
  };
  visit(0, '', 0);
  return { variables: found, tables };
}

/**
 * The variables of a layer, each with the attribute that refers to it, in the order of `layer.weights`, which Keras saves as a
 * list. A file saved with `save_traces=False` has no such list: then the variables of the layer and of what is in it, in the
 * order of their creation, trainable ones first.
 */
function variablesIn(objects: readonly Item[], layer: number, count: () => void): [string, number][] {
  const [, list] = childrenOf(objects, layer).find(([name]) => name === 'variables') ?? [];
  if (list !== undefined) {
    const listed = childrenOf(objects, list).sort(([a], [b]) => Number(a) - Number(b));
    return listed.map(([place, id]) => {
      count();
      return [place, id];
    });
  }
  const within = new Set([layer]);
  const pending: [string, number][] = [['', layer]];
  const found: [string, number][] = [];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [, id] = next;
    if (isRecord(objects[id]?.variable)) found.push(next);
    for (const child of childrenOf(objects, id).reverse()) {
      count();
      if (within.has(child[1])) continue;
      within.add(child[1]);
      pending.push(child);
    }
  }
  const trains = ([, id]: [string, number]): boolean => {
    const variable = objects[id]?.variable;
    return isRecord(variable) && variable.trainable === true;
  };
  return [...found.filter(trains), ...found.filter((one) => !trains(one))];
}
