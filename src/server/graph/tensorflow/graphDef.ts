import * as z from 'zod';
import { Failure, fail } from '../../../shared/errors';
import type { MaybeShape } from '../../../shared/model';
import { damaged } from '../damaged';
import { checkName } from '../names';
import { firstOutputOf } from './outputPlaces';

/** One output of one operation. */
export interface OpRef {
  readonly node: string;
  readonly output: number;
}

/** One node of a TensorFlow graph, its attributes as plain values. */
export interface OpNode {
  readonly name: string;
  readonly op: string;
  /** In the file, where it has another name there: that of an operation in a function. */
  readonly origin?: string;
  /** Without control inputs, which order side effects that nothing here has. */
  readonly inputs: readonly OpRef[];
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface NamedRef extends OpRef {
  /** As the signature calls it. */
  readonly name: string;
}

/** A part of a graph that others run by its name: a function, the condition or the body of a loop. */
export interface OpFunction {
  /** Which of the arguments a value is that no node gives, by `name:output`. */
  readonly parameters: ReadonlyMap<string, number>;
  readonly results: readonly OpRef[];
  readonly nodes: ReadonlyMap<string, OpNode>;
}

export interface GraphDef {
  readonly nodes: ReadonlyMap<string, OpNode>;
  /** By name. */
  readonly functions: ReadonlyMap<string, OpFunction>;
  /** What the signature names, `null` where there is none. */
  readonly inputs: readonly NamedRef[] | null;
  readonly outputs: readonly NamedRef[] | null;
}

/** A graph of more operations is refused: published models stay far below. */
const MAX_NODES = 100_000;

const nodeSchema = z.object({
  name: z.string().min(1),
  op: z.string().min(1),
  input: z.array(z.string()).default([]),
  attr: z.record(z.string(), z.unknown()).default({}),
});
const endsSchema = z.record(z.string(), z.object({ name: z.string() }).nullish());
const signatureSchema = z.object({ inputs: endsSchema.default({}), outputs: endsSchema.default({}) });
const topologySchema = z.object({ node: z.array(z.unknown()), library: z.unknown().optional() });
const argumentsSchema = z.array(z.object({ name: z.string() })).default([]);
const librarySchema = z.object({ function: z.array(z.unknown()).default([]) });
const functionSchema = z.object({
  signature: z.object({ name: z.string(), inputArg: argumentsSchema, outputArg: argumentsSchema }),
  nodeDef: z.array(z.unknown()).default([]),
  ret: z.record(z.string(), z.string()).default({}),
});

/**
 * Reads a `GraphDef` in its JSON form (proto3), as `modelTopology` of a TensorFlow.js graph model holds it.
 * @param signature `{inputs, outputs}`, each by name; anything else counts as none.
 * @throws Failure `bad-config` or `too-large`.
 */
export function parseGraphDef(topology: unknown, signature: unknown, file: string): GraphDef {
  const parsed = topologySchema.safeParse(topology);
  if (!parsed.success) return damaged(`${file} holds no graph: its list of nodes is missing.`, file);
  const { node: raw, library } = parsed.data;
  const definitions = definitionsIn(library);
  const count = definitions.reduce((sum, { nodeDef }) => sum + nodeDef.length, raw.length);
  if (count > MAX_NODES) {
    fail('too-large', `${file} holds ${count} operations, more than ${MAX_NODES}.`, {
      remedy: 'Export a smaller part of the model.',
      subject: file,
    });
  }
  if (raw.length === 0) return damaged(`${file} holds a graph without operations.`, file);
  const nodes = nodesOf(raw, file);
  checkReferences(nodes, new Map(), file);
  const ends = signatureSchema.safeParse(signature);
  return {
    nodes,
    functions: new Map(
      definitions.flatMap((definition) => {
        const read = functionOf(definition, file);
        return read ? [[definition.signature.name, read]] : [];
      }),
    ),
    inputs: ends.success ? endsOf(ends.data.inputs, nodes) : null,
    outputs: ends.success ? endsOf(ends.data.outputs, nodes) : null,
  };
}

type Definition = z.infer<typeof functionSchema>;

/** What a library holds that is a function; calls of others are unknown. */
function definitionsIn(library: unknown): Definition[] {
  const parsed = librarySchema.safeParse(library ?? {});
  if (!parsed.success) return [];
  return parsed.data.function.flatMap((item) => {
    const read = functionSchema.safeParse(item);
    return read.success ? [read.data] : [];
  });
}

/** `null` for a damaged one: a graph may hold functions that nothing calls. */
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
      : damaged(`${file}: operation ${i} of its graph has no name and kind.`, file);
  });
  const nodes = new Map<string, OpNode>();
  for (const { name, op, attr } of parsed) {
    checkName(name, 'an operation');
    checkName(op, 'a kind of operation');
    if (nodes.has(name)) return damaged(`${file} has two operations named "${name}".`, name);
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
    const lost = inputs.find((ref) => !nodes.has(ref.node) && !parameters.has(`${ref.node}:${ref.output}`));
    if (lost) damaged(`${file}: operation "${name}" takes "${lost.node}", which is not there.`, name);
  }
}

/** A reference among `nodes`; inside a function outputs go by the names of an operation's output arguments, each from 0. */
function refIn(nodes: ReadonlyMap<string, OpNode>, text: string): OpRef {
  const { node, output } = parseRef(text);
  const [, argument = '', place] = text.split(':');
  const from = nodes.get(node);
  return { node, output: place === undefined || !from ? output : output + firstOutputOf(from, argument) };
}

function endsOf(
  ends: z.infer<typeof endsSchema>,
  nodes: ReadonlyMap<string, OpNode>,
): readonly NamedRef[] | null {
  const named = Object.entries(ends).flatMap(([name, end]) => (end ? [{ name, ...parseRef(end.name) }] : []));
  for (const { name } of named) checkName(name, 'an input or output');
  return named.length > 0 && named.every((end) => nodes.has(end.node)) ? named : null;
}

/** `conv1/Relu`, `split:1`, or inside a function `split:output:1`. */
export function parseRef(text: string): OpRef {
  const [node = '', ...rest] = text.split(':');
  const output = Number(rest.at(-1) ?? 0);
  return { node, output: Number.isSafeInteger(output) && output >= 0 ? output : 0 };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A tensor type in TF.js's words; TF.js has one type of whole numbers and one of real ones. */
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
 * An attribute (`AttrValue`) as a plain value, a tensor of texts as their list; `null` for what is none of numbers, texts,
 * types, shapes and lists of them.
 */
function plain(attribute: unknown): unknown {
  if (!isRecord(attribute)) return null;
  const [[kind, value] = ['', null]] = Object.entries(attribute);
  if (kind === 'list') {
    // Converters before 1.0 write a list of every kind, `{s: [], i: ['1', '2']}`: all but one of them are empty.
    for (const [of, items] of isRecord(value) ? Object.entries(value) : []) {
      if (Array.isArray(items) && items.length > 0) return items.map((item) => scalar(of, item));
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
