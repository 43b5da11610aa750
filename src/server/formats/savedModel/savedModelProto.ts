import { type Field, type FieldKind, type Message, mapOf } from './protobuf';

// The parts of tensorflow/core/protobuf/saved_model.proto and its imports that describe what a model computes.

const message = (fields: Readonly<Record<number, Field>>): Message =>
  new Map(Object.entries(fields).map(([number, field]) => [Number(number), field]));
const one = (name: string, kind: FieldKind): Field => ({ name, kind });
const list = (name: string, kind: FieldKind): Field => ({ name, kind, many: 'list' });
const map = (name: string, value: FieldKind): Field => ({ name, kind: mapOf(value), many: 'map' });

const dimension = message({ 1: one('size', 'int') });
export const tensorShape = message({ 2: list('dim', () => dimension), 3: one('unknownRank', 'bool') });

const tensor = message({
  1: one('dtype', 'type'),
  2: one('tensorShape', () => tensorShape),
  4: one('tensorContent', 'bytes'),
  5: list('floatVal', 'float'),
  6: list('doubleVal', 'double'),
  7: list('intVal', 'int'),
  8: list('stringVal', 'text'),
  10: list('int64Val', 'int'),
  11: list('boolVal', 'bool'),
});

const functionName = message({ 1: one('name', 'text') });
const attributeList = message({
  2: list('s', 'base64'),
  3: list('i', 'int'),
  4: list('f', 'float'),
  5: list('b', 'bool'),
  6: list('type', 'type'),
  7: list('shape', () => tensorShape),
  9: list('func', () => functionName),
});
const attribute = message({
  1: one('list', () => attributeList),
  2: one('s', 'base64'),
  3: one('i', 'int'),
  4: one('f', 'float'),
  5: one('b', 'bool'),
  6: one('type', 'type'),
  7: one('shape', () => tensorShape),
  8: one('tensor', () => tensor),
  10: one('func', () => functionName),
});

const node = message({
  1: one('name', 'text'),
  2: one('op', 'text'),
  3: list('input', 'text'),
  5: map('attr', () => attribute),
});

const argument = message({ 1: one('name', 'text') });
const functionSignature = message({
  1: one('name', 'text'),
  2: list('inputArg', () => argument),
  3: list('outputArg', () => argument),
});
const functionDef = message({
  1: one('signature', () => functionSignature),
  3: list('nodeDef', () => node),
  4: map('ret', 'text'),
});
const library = message({ 1: list('function', () => functionDef) });
const graph = message({ 1: list('node', () => node), 2: one('library', () => library) });

const tensorInfo = message({ 1: one('name', 'text') });
const signature = message({ 1: map('inputs', () => tensorInfo), 2: map('outputs', () => tensorInfo) });

const child = message({ 1: one('nodeId', 'int'), 2: one('localName', 'text') });
/** A function: the names of its concrete functions. */
const savedFunction = message({ 1: list('concreteFunctions', 'text') });
const asset = message({ 1: one('assetFileDefIndex', 'int') });
const constant = message({ 1: one('operation', 'text') });
const variable = message({ 3: one('trainable', 'bool'), 6: one('name', 'text') });
/** Keras in TensorFlow 2.0 to 2.4 describes an object in its `metadata` (JSON). */
const userObject = message({ 1: one('identifier', 'text'), 3: one('metadata', 'text') });
const object = message({
  1: list('children', () => child),
  4: one('userObject', () => userObject),
  5: one('asset', () => asset),
  6: one('function', () => savedFunction),
  9: one('constant', () => constant),
  7: one('variable', () => variable),
});
/** The objects that a function takes as inputs after its own arguments. */
const concreteFunction = message({ 2: list('boundInputs', 'int') });
const objects = message({
  1: list('nodes', () => object),
  2: map('concreteFunctions', () => concreteFunction),
});

const storedAttribute = message({ 2: one('fullName', 'text'), 3: one('checkpointKey', 'text') });
const storedObject = message({
  1: list('children', () => child),
  2: list('attributes', () => storedAttribute),
});
/** `TrackableObjectGraph` of a checkpoint: the same objects, with the keys of their values. */
export const storedObjects = message({ 1: list('nodes', () => storedObject) });

const information = message({ 4: list('tags', 'text'), 5: one('tensorflowVersion', 'text') });
const assetFile = message({ 2: one('filename', 'text') });
const metaGraph = message({
  1: one('metaInfoDef', () => information),
  2: one('graphDef', () => graph),
  5: map('signatureDef', () => signature),
  6: list('assetFileDef', () => assetFile),
  7: one('objectGraphDef', () => objects),
});

export const savedModel = message({ 2: list('metaGraphs', () => metaGraph) });

/** `BundleEntryProto` of tensor_bundle.proto: where in the shards a variable is. */
export const bundleEntry = message({
  1: one('dtype', 'type'),
  2: one('shape', () => tensorShape),
  3: one('shardId', 'int'),
  4: one('offset', 'int'),
  5: one('size', 'int'),
  7: list('slices', 'bytes'),
});
export const bundleHeader = message({ 1: one('numShards', 'int'), 2: one('endianness', 'int') });

const describedObject = message({
  2: one('nodeId', 'int'),
  4: one('identifier', 'text'),
  5: one('metadata', 'text'),
});
/** `SavedMetadata` of keras/protobuf/saved_metadata.proto: the objects as JSON, written by Keras since TensorFlow 2.5. */
export const savedMetadata = message({ 1: list('nodes', () => describedObject) });
