import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import { Failure, fail } from '../../../shared/errors';
import type { MaybeShape } from '../../../shared/model';
import { damaged } from '../damaged';
import { checkName } from '../names';
import { firstOutputOf } from './outputIndices';

/** One output of one operation. */
export interface OpRef {
  readonly node: string;
  readonly output: number;
}

/** One node of a TensorFlow graph, its attributes as plain values. */
export interface OpNode {
  readonly name: string;
  readonly op: string;
  /** The name in the file, where that differs: of an operation in a function that was called. */
  readonly origin?: string;
  /** Without control inputs, which only order side effects. */
  readonly inputs: readonly OpRef[];
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface NamedRef extends OpRef {
  /** The name in the signature. */
  readonly name: string;
}

/** A part of a graph that operations run by its name: a function, or the condition or body of a loop. */
export interface OpFunction {
  /** The index of the argument that a value is, by `name:output`, for values that no node computes. */
  readonly parameters: ReadonlyMap<string, number>;
  readonly results: readonly OpRef[];
  readonly nodes: ReadonlyMap<string, OpNode>;
}

export interface GraphDef {
  readonly nodes: ReadonlyMap<string, OpNode>;
  /** By name. */
  readonly functions: ReadonlyMap<string, OpFunction>;
  /** Those of the signature, `null` where there is none. */
  readonly inputs: readonly NamedRef[] | null;
  readonly outputs: readonly NamedRef[] | null;
}

/** A graph of more operations is refused; published models have far fewer. */
const MAX_NODES = 100_000;

const nodeSchema = z.object({
  name: z.string().min(1),
  op: z.string().min(1),
  input: z.array(z.string()).default([]),
  attr: z.record(z.string(), z.unknown()).default({}),
});
const signatureSideSchema = z.record(z.string(), z.object({ name: z.string() }).nullish());
const signatureSchema = z.object({
  inputs: signatureSideSchema.default({}),
  outputs: signatureSideSchema.default({}),
});
const topologySchema = z.object({ node: z.array(z.unknown()), library: z.unknown().optional() });
const argumentsSchema = z.array(z.object({ name: z.string() })).default([]);
const librarySchema = z.object({ function: z.array(z.unknown()).default([]) });
const functionSchema = z.object({
  signature: z.object({ name: z.string(), inputArg: argumentsSchema, outputArg: argumentsSchema }),
  nodeDef: z.array(z.unknown()).default([]),
  ret: z.record(z.string(), z.string()).default({}),
});

/**
 * Reads a `GraphDef` in its JSON form (proto3), as in `modelTopology` of a TensorFlow.js graph model.
 * @param signature `{inputs, outputs}`, each by name; anything else counts as no signature.
 * @throws Failure `bad-config` or `too-large`.
 */
export function parseGraphDef(topology: unknown, signature: unknown, file: string): GraphDef {
  const parsed = topologySchema.safeParse(topology);
  if (!parsed.success)
    return damaged(l10n.t('{0} contains no graph: its list of nodes is missing.', file), file);
  const { node: raw, library } = parsed.data;
  const definitions = definitionsIn(library);
  const count = definitions.reduce((sum, { nodeDef }) => sum + nodeDef.length, raw.length);
  if (count > MAX_NODES) {
    fail('too-large', l10n.t('{0} contains {1} operations, more than {2}.', file, count, MAX_NODES), {
      remedy: l10n.t('Export a smaller part of the model.'),
      subject: file,
    });
  }
  if (raw.length === 0) return damaged(l10n.t('{0} contains a graph without operations.', file), file);
  const nodes = nodesOf(raw, file);
  checkReferences(nodes, new Map(), file);
  const parsedSignature = signatureSchema.safeParse(signature);
  return {
    nodes,
    functions: new Map(
      definitions.flatMap((definition) => {
        const read = functionOf(definition, file);
        return read ? [[definition.signature.name, read]] : [];
      }),
    ),
    inputs: parsedSignature.success ? namedRefs(parsedSignature.data.inputs, nodes) : null,
    outputs: parsedSignature.success ? namedRefs(parsedSignature.data.outputs, nodes) : null,
  };
}

type Definition = z.infer<typeof functionSchema>;

/** The functions of a library that can be read; calls of others are unknown. */
function definitionsIn(library: unknown): Definition[] {
  const parsed = librarySchema.safeParse(library ?? {});
  if (!parsed.success) return [];
  return parsed.data.function.flatMap((item) => {
    const read = functionSchema.safeParse(item);
    return read.success ? [read.data] : [];
  });
}

/** `null` for a damaged function: the graph may contain functions that nothing calls. */
function functionOf({ signature, nodeDef, ret }: Definition, file: string): OpFunction | null {
  const parameters = new Map(signature.inputArg.map(({ name }, i) => [`${name}:0`, i]));
  try {
    const nodes = nodesOf(nodeDef, file);
    checkReferences(nodes, parameters, file);
    const results = signature.outputArg.map(({ name }) => refIn(nodes, ret[name] ?? name));
    return { nodes, parameters, results };
  } catch (thrown) {
    if (thrown instanceof Failure) return null;
    throw thrown;
  }
}

function nodesOf(raw: readonly unknown[], file: string): Map<string, OpNode> {
  const parsed = raw.map((item, i) => {
    const read = nodeSchema.safeParse(item);
    return read.success
      ? read.data
      : damaged(l10n.t('{0}: operation {1} of its graph has no name or type.', file, i), file);
  });
  const nodes = new Map<string, OpNode>();
  for (const { name, op, attr } of parsed) {
    checkName(name, l10n.t('an operation'));
    checkName(op, l10n.t('a type of operation'));
    if (nodes.has(name)) return damaged(l10n.t('{0} has two operations named "{1}".', file, name), name);
    nodes.set(name, { name, op, inputs: [], attributes: plainAttributes(attr) });
  }
  for (const { name, input } of parsed) {
    const node = nodes.get(name);
    const inputs = input.filter((ref) => !ref.startsWith('^')).map((ref) => refIn(nodes, ref));
    if (node) nodes.set(name, { ...node, inputs });
  }
  return nodes;
}

function checkReferences(
  nodes: ReadonlyMap<string, OpNode>,
  parameters: ReadonlyMap<string, number>,
  file: string,
): void {
  for (const { name, inputs } of nodes.values()) {
    const dangling = inputs.find(
      (ref) => !nodes.has(ref.node) && !parameters.has(`${ref.node}:${ref.output}`),
    );
    if (dangling)
      damaged(
        l10n.t('{0}: operation "{1}" takes "{2}", which does not exist.', file, name, dangling.node),
        name,
      );
  }
}

/** A reference among `nodes`. In a function, outputs are counted from 0 within each of an operation's output arguments. */
function refIn(nodes: ReadonlyMap<string, OpNode>, text: string): OpRef {
  const { node, output } = parseRef(text);
  const [, argument = '', offset] = text.split(':');
  const from = nodes.get(node);
  return { node, output: offset === undefined || !from ? output : output + firstOutputOf(from, argument) };
}

function namedRefs(
  side: z.infer<typeof signatureSideSchema>,
  nodes: ReadonlyMap<string, OpNode>,
): readonly NamedRef[] | null {
  const named = Object.entries(side).flatMap(([name, tensor]) =>
    tensor ? [{ name, ...parseRef(tensor.name) }] : [],
  );
  for (const { name } of named) checkName(name, l10n.t('an input or output'));
  return named.length > 0 && named.every((ref) => nodes.has(ref.node)) ? named : null;
}

/** `conv1/Relu`, `split:1`, or inside a function `split:output:1`. */
export function parseRef(text: string): OpRef {
  const [node = '', ...rest] = text.split(':');
  const output = Number(rest.at(-1) ?? 0);
  return { node, output: Number.isSafeInteger(output) && output >= 0 ? output : 0 };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The name of a tensor type in TF.js, which has one integer type and one floating point type. */
export function dtypeName(type: unknown): string {
  const name = typeof type === 'string' ? type.replace(/^DT_/, '').toLowerCase() : '';
  if (/^(u?int\d*|q\w+)$/.test(name)) return 'int32';
  if (/^(float|half|double|bfloat16)$/.test(name)) return 'float32';
  return name;
}

/** The attributes of a `NodeDef` as plain values. */
export const plainAttributes = (attributes: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, plain(value)]));

/**
 * An attribute (`AttrValue`) as a plain value, a tensor of strings as a list; `null` for anything but numbers, strings, types,
 * shapes and lists of them.
 */
function plain(attribute: unknown): unknown {
  if (!isRecord(attribute)) return null;
  const [[kind, value] = ['', null]] = Object.entries(attribute);
  if (kind === 'list') {
    // Converters before 1.0 write one list per type, `{s: [], i: ['1', '2']}`: all but one are empty.
    for (const [type, items] of isRecord(value) ? Object.entries(value) : []) {
      if (Array.isArray(items) && items.length > 0) return items.map((item) => scalar(type, item));
    }
    return [];
  }
  if (kind === 'func' && isRecord(value)) return value.name;
  if (kind === 'tensor' && isRecord(value) && Array.isArray(value.stringVal))
    return value.stringVal.map(String);
  return scalar(kind, value);
}

function scalar(kind: string, value: unknown): unknown {
  switch (kind) {
    case 's':
      return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : null;
    case 'i':
    case 'f':
      return Number(value);
    case 'b':
      return value === true;
    case 'type':
      return dtypeName(value);
    case 'shape':
      return shapeOf(value);
    default:
      return null;
  }
}

/** A `TensorShapeProto` in JSON; `null` for an unknown rank. */
export function shapeOf(value: unknown): MaybeShape {
  if (!isRecord(value) || value.unknownRank === true) return null;
  const dims: unknown[] = Array.isArray(value.dim) ? value.dim : [];
  return dims.map((dim) => {
    const size = Number(isRecord(dim) ? (dim.size ?? 0) : Number.NaN);
    return Number.isSafeInteger(size) && size >= 0 ? size : null;
  });
}
