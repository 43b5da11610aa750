import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { ForeignCode } from '../../../shared/model';
import { MAX_BROADCAST_VALUES, MAX_PROTO_BYTES } from '../../io/limits';
import { type OpenFile, openFile, readWhole } from '../../io/openFile';
import { castInto, ELEMENT_BYTES } from '../floats';
import { foreignOps } from '../foreignOps';
import type { GraphConstant, ModelFile, WeightEntry, WeightStore } from '../modelFile';
import { isRecord } from '../topology';
import { type KerasModel, kerasModelOf } from './kerasMetadata';
import { type Decoded, decode } from './protobuf';
import { readOrFail } from './readOrFail';
import { type FlatGraph, flattenGraph, VARIABLES } from './savedModelGraph';
import { keysOf, nodeName, records, strings } from './savedModelObjects';
import { savedModel } from './savedModelProto';
import { type BundleEntry, elementType, openBundle, sizesOf, type VariableBundle } from './variableBundle';

/** Constants up to this size may be shapes, axes or paddings. */
const MAX_ARGUMENTS = 1024;
/** Names that Keras and TensorFlow give the serving signature; without one of them the first signature is used. */
const PREFERRED_SIGNATURES = ['serving_default', 'serve'];
/** Initializes the model, computes nothing. */
const INIT_SIGNATURE = '__saved_model_init_op';

/**
 * Opens a TensorFlow SavedModel: the Keras model that its metadata describes, where Keras 2 saved it, else the graph of its
 * serving signature. The variables beside it are its weights, which are read on demand.
 * Owns `file` and closes it: the structure is read as a whole.
 * @throws Failure `too-large`, `not-a-model`, `bad-config`, `bad-weights`.
 */
export function openSavedModel(file: OpenFile): ModelFile {
  const { path } = file;
  try {
    const bundle = openBundle(path);
    const meta = readMetaGraph(file);
    const keras = readOrFail(path, 'bad-config', () => kerasModelOf(meta, bundle, path));
    if (keras === null) return openGraph(path, meta, bundle, []);
    return typeof keras === 'string'
      ? openGraph(path, meta, bundle, [keras])
      : openKeras(path, keras, foreignCodeOf(meta), missingVariableNotices(meta, bundle));
  } finally {
    file.close();
  }
}

function openKeras(
  path: string,
  { topology, training, kerasVersion, weights }: KerasModel,
  foreignCode: readonly ForeignCode[],
  notices: readonly string[],
): ModelFile {
  return {
    path,
    notices,
    format: 'saved-model',
    kerasVersion,
    topology,
    training,
    foreignCode,
    weights,
    openAsGraph: (why) => {
      const again = openFile(path);
      try {
        return openGraph(path, readMetaGraph(again), openBundle(path), [why]);
      } finally {
        again.close();
      }
    },
    close: () => {},
  };
}

/** A notice about a SavedModel that was copied without its variables. */
function missingVariableNotices(meta: Decoded, bundle: VariableBundle): string[] {
  const objects = records(isRecord(meta.objectGraphDef) ? meta.objectGraphDef.nodes : []);
  const nodes = records(isRecord(meta.graphDef) ? meta.graphDef.node : []);
  const hasVariables =
    objects.some(({ variable }) => isRecord(variable)) || nodes.some(({ op }) => VARIABLES.has(String(op)));
  if (!bundle.isMissing || !hasVariables) return [];
  return [
    l10n.t(
      'The folder "variables", which contains the weights, is not beside saved_model.pb: copy it there to compute.',
    ),
  ];
}

/** Of all signatures, including the one that initializes the model: TensorFlow's loader runs it immediately. */
function foreignCodeOf(meta: Decoded): ForeignCode[] {
  const signatures = isRecord(meta.signatureDef) ? Object.values(meta.signatureDef).filter(isRecord) : [];
  const ends = signatures.flatMap(({ outputs }) => (isRecord(outputs) ? Object.values(outputs) : []));
  return foreignOps(
    meta.graphDef,
    ends.flatMap((end) => (isRecord(end) ? [String(end.name ?? '')] : [])),
  );
}

/** The signatures that compute something, the preferred one first. */
function servedSignatures(meta: Decoded): [string, unknown][] {
  const signatures = isRecord(meta.signatureDef) ? Object.entries(meta.signatureDef) : [];
  const served = signatures.filter(([name, value]) => name !== INIT_SIGNATURE && isRecord(value));
  const preferred = PREFERRED_SIGNATURES.flatMap((wanted) => served.filter(([name]) => name === wanted));
  return [...preferred.slice(0, 1), ...served.filter((one) => one !== preferred[0])];
}

/** Opens the graph of the serving signature in `saved_model.pb`, its function calls inlined. */
function openGraph(
  path: string,
  meta: Decoded,
  bundle: VariableBundle,
  kerasNotices: readonly string[],
): ModelFile {
  const served = servedSignatures(meta);
  const [name, signature] = served[0] ?? failNoSignature(path);
  const { inputs, outputs } = isRecord(signature) ? signature : {};
  const variables = variablesOf(meta, bundle);
  const ends = { inputs: isRecord(inputs) ? inputs : {}, outputs: isRecord(outputs) ? outputs : {} };
  const graph = readOrFail(path, 'bad-config', () =>
    flattenGraph(meta.graphDef, ends, (handle) => variables.get(handle)?.name ?? handle),
  );
  const store = new GraphWeights(path, graph, variables, bundle);
  const others = served.map(([other]) => other).filter((other) => other !== name);
  const otherNotices =
    others.length === 0
      ? []
      : [l10n.t('Shown is the signature "{0}"; the model also has {1}.', name, others.join(', '))];
  return {
    path,
    format: 'saved-model',
    kerasVersion: null,
    topology: { node: graph.nodes, library: { function: graph.functions } },
    foreignCode: foreignCodeOf(meta),
    graph: {
      signature: { inputs: graph.inputs, outputs: graph.outputs },
      constants: store.constants,
      ...(bundle.isMissing
        ? { constantsFrom: l10n.t('the folder "variables", which is not beside {0}', basename(path)) }
        : {}),
      notices: [...kerasNotices, ...missingVariableNotices(meta, bundle), ...otherNotices],
    },
    weights: store,
    close: () => {},
  };
}

function readMetaGraph(file: OpenFile): Decoded {
  const { path } = file;
  const bytes = readWhole(file, MAX_PROTO_BYTES, {
    choose: l10n.t('Export the model with its weights as variables, not as constants of the graph.'),
  });
  const model = readOrFail(path, 'bad-config', () => decode(bytes, savedModel));
  const graphs = Array.isArray(model.metaGraphs) ? model.metaGraphs.filter(isRecord) : [];
  const tagged = graphs.find((graph) => tagsOf(graph).includes('serve'));
  return tagged ?? graphs[0] ?? failNoSignature(path);
}

const tagsOf = ({ metaInfoDef }: Decoded): string[] => strings(isRecord(metaInfoDef) ? metaInfoDef.tags : []);

function failNoSignature(path: string): never {
  return fail('not-a-model', l10n.t('{0} has no signature that computes something.', basename(path)), {
    remedy: l10n.t('Export the model with model.export(...) or tf.saved_model.save(..., signatures=...).'),
    subject: path,
  });
}

/** A variable of the model: its name in Keras and the key of its values in the checkpoint. */
interface Variable {
  readonly name: string;
  readonly trainable: boolean;
  readonly key: string;
}

/**
 * The variables by their handles in the graph. A function takes variables as inputs after its own arguments; the file lists
 * the objects of these inputs, and the checkpoint the key of each object's values.
 */
function variablesOf(meta: Decoded, bundle: VariableBundle): Map<string, Variable> {
  const nodes = records(isRecord(meta.graphDef) ? meta.graphDef.node : []);
  const graph = isRecord(meta.objectGraphDef) ? meta.objectGraphDef : {};
  const objects = records(graph.nodes);
  const functions = new Map(isRecord(graph.concreteFunctions) ? Object.entries(graph.concreteFunctions) : []);
  const found = new Map<string, Variable>();
  const keys =
    functions.size === 0 ? new Map<number, string>() : keysOf(objects, records(bundle.objects().nodes));
  for (const node of nodes) {
    const name = String(node.name);
    if (VARIABLES.has(String(node.op)) && bundle.entries.has(name) && functions.size === 0) {
      // TensorFlow 1 stores a variable under its own name.
      found.set(name, { name, trainable: true, key: name });
    }
    const callee = functions.get(functionCalled(node.attr));
    const bound = isRecord(callee) && Array.isArray(callee.boundInputs) ? callee.boundInputs.map(Number) : [];
    const given = strings(node.input).filter((ref) => !ref.startsWith('^'));
    for (const [i, id] of bound.entries()) {
      const handle = nodeName(given[given.length - bound.length + i] ?? '');
      const key = keys.get(id);
      const variable = objects[id]?.variable;
      if (key === undefined || !isRecord(variable)) continue;
      found.set(handle, {
        name: String(variable.name ?? handle),
        trainable: variable.trainable === true,
        key,
      });
    }
  }
  return found;
}

function functionCalled(attributes: unknown): string {
  const called = isRecord(attributes) && isRecord(attributes.f) ? attributes.f.func : undefined;
  return isRecord(called) ? String(called.name) : '';
}

function tensorOf(node: Record<string, unknown> | undefined): Record<string, unknown> {
  const value = isRecord(node?.attr) && isRecord(node.attr.value) ? node.attr.value.tensor : undefined;
  return isRecord(value) ? value : {};
}

/** The constants of a graph and its variables, under the names of `Const` operations. */
class GraphWeights implements WeightStore {
  readonly constants = new Map<string, GraphConstant>();
  private readonly readers = new Map<string, () => Float32Array>();
  private readonly entries = new Map<string, WeightEntry>();
  /** Values that constants declare beyond those in the file. */
  private broadcast = 0;

  constructor(
    private readonly path: string,
    graph: FlatGraph,
    variables: ReadonlyMap<string, Variable>,
    bundle: VariableBundle,
  ) {
    for (const [handle, name] of graph.variables) {
      const variable = variables.get(handle);
      const entry: BundleEntry | undefined = bundle.entries.get(variable?.key ?? '');
      if (variable && entry) {
        this.add(name, entry.shape, entry.dtype, () => bundle.read(entry), false, variable.trainable);
      }
    }
    for (const node of [graph.nodes, ...graph.functions.map(({ nodeDef }) => nodeDef)].flat()) {
      if (node.op === 'Const' && !this.readers.has(node.name))
        this.addConstant(node.name, tensorOf({ attr: node.attr }));
    }
  }

  private addConstant(name: string, tensor: Record<string, unknown>): void {
    const dtype = elementType(tensor.dtype);
    const shape = sizesOf(tensor.tensorShape);
    if (dtype === undefined || shape === null) return;
    const size = shape.reduce((a, b) => a * b, 1);
    const content = tensor.tensorContent;
    const bytes = content instanceof Uint8Array ? content : null;
    // As in TensorFlow, a list that is too short is continued with its last number.
    const given = ['floatVal', 'doubleVal', 'intVal', 'int64Val', 'boolVal'].flatMap((key) =>
      numbers(tensor[key]),
    );
    if (bytes ? bytes.length !== size * ELEMENT_BYTES[dtype] : given.length > size) return;
    if (bytes === null) this.countMissing(name, size - given.length);
    const isInteger = !/float/.test(dtype);
    const isArgument = isInteger ? size <= MAX_ARGUMENTS : shape.length === 0;
    const read = (): Float32Array => {
      const values = new Float32Array(size);
      if (bytes) castInto(values, 0, bytes, dtype);
      else for (let i = 0; i < size; i++) values[i] = given[i] ?? given.at(-1) ?? 0;
      return values;
    };
    this.add(name, shape, dtype, read, isArgument, false);
  }

  /** @throws Failure `too-large` where all constants together declare too many values. */
  private countMissing(name: string, values: number): void {
    this.broadcast += values;
    if (this.broadcast <= MAX_BROADCAST_VALUES) return;
    fail(
      'too-large',
      l10n.t(
        '{0}: its constant "{1}" declares {2} values that are not in the file; the limit is {3} in all of its constants.',
        basename(this.path),
        name,
        values,
        MAX_BROADCAST_VALUES,
      ),
      {
        remedy: l10n.t('Compute it in the model, e.g. with tf.fill, or store its values.'),
        subject: this.path,
      },
    );
  }

  private add(
    name: string,
    shape: readonly number[],
    dtype: string,
    read: () => Float32Array,
    isArgument: boolean,
    trainable: boolean,
  ): void {
    const type = dtype === 'bool' ? 'bool' : /float/.test(dtype) ? 'float32' : 'int32';
    this.constants.set(name, { shape, dtype: type, values: isArgument ? [...read()] : null, trainable });
    this.readers.set(name, read);
    this.entries.set(name, { key: name, shape, dtype });
  }

  async index() {
    return { layout: 'graph' as const, entries: this.entries, groups: new Map<string, readonly string[]>() };
  }

  async read(key: string): Promise<Float32Array> {
    const read = this.readers.get(key);
    if (read) return read();
    return fail('bad-weights', l10n.t('{0} contains no values for {1}.', basename(this.path), key), {
      remedy: l10n.t('Copy the whole SavedModel folder again, with its folder "variables".'),
      subject: this.path,
    });
  }
}

const numbers = (list: unknown): number[] => (Array.isArray(list) ? list.map(Number) : []);
