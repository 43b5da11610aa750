import { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { OnnxArray } from './binding';
import { type LaidOut, layOut } from './kernelLayout';

/** The version of the operators' definitions; https://onnx.ai/onnx/operators/ lists them. */
const OPSET = 18;
/** The version of the file format that came with it. */
const IR_VERSION = 8;

/** Numbers of ONNX's `TensorProto.DataType`. */
export const ELEMENT_TYPES = { float32: 1, int32: 6, int64: 7, bool: 9 } as const;
export type ElementType = keyof typeof ELEMENT_TYPES;

export type Attribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly graph: OnnxModel };

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface OnnxInitializer {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly values: OnnxArray;
  /** Of the kernel of a convolution: how its values are laid out when they are written. */
  readonly laidOut?: LaidOut;
}

/** A graph of operators with its named inputs, outputs and constants. */
export interface OnnxModel {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, OnnxInitializer>;
  readonly inputs: ReadonlyMap<string, { readonly type: ElementType; readonly shape: readonly number[] }>;
  readonly outputs: ReadonlyMap<string, { readonly type: ElementType; readonly shape: readonly number[] }>;
}

/** The inputs of a node, and what graphs within it take from the one around them. */
export function namesUsedBy({ inputs, attributes }: OnnxNode): string[] {
  const inner = Object.values(attributes).flatMap((attribute) =>
    typeof attribute === 'object' && 'graph' in attribute ? attribute.graph.nodes.flatMap(namesUsedBy) : [],
  );
  return [...inputs, ...inner];
}

/** A graph without the nodes and constants that no output depends on. @param model its nodes in an order in which each follows those that it needs */
export function withoutUnused({ nodes, initializers, inputs, outputs }: OnnxModel): OnnxModel {
  const used = new Set(outputs.keys());
  const kept: OnnxNode[] = [];
  for (const node of [...nodes].reverse()) {
    if (!node.outputs.some((name) => used.has(name))) continue;
    for (const name of namesUsedBy(node)) used.add(name);
    kept.push(node);
  }
  const constants = new Map([...initializers].filter(([name]) => used.has(name)));
  return { nodes: kept.reverse(), initializers: constants, inputs, outputs };
}

/** The wire types of protocol buffers that are written here. */
const VARINT = 0;
const LENGTH = 2;
const FIXED32 = 5;
/** Numbers of `AttributeProto.AttributeType`. */
const ATTRIBUTE = { float: 1, int: 2, string: 3, graph: 5, ints: 7 } as const;

/**
 * The bytes of a `ModelProto` (onnx.proto3). Each constant is a graph of its own, all of which a reader of protocol buffers joins: the
 * values, most of a model's memory, are copied once.
 */
export function writeModel(content: OnnxModel): Uint8Array {
  const model = new BinaryWriter();
  int(model, 1, IR_VERSION);
  message(model, 7, (graph) => writeGraph(graph, content));
  message(model, 8, (opset) => {
    text(opset, 1, '');
    int(opset, 2, OPSET);
  });
  const parts: Part[] = [model.finish()];
  for (const [name, { type, shape, values, laidOut }] of content.initializers) {
    const bytes = bytesOf(values);
    const tensor = new BinaryWriter();
    for (const size of shape) int(tensor, 1, size);
    int(tensor, 2, ELEMENT_TYPES[type]);
    text(tensor, 8, name);
    const start = tensor.uint32(tag(9, LENGTH)).uint32(bytes.length).finish();
    const inGraph = lengthOf(5, start.length + bytes.length);
    const content = laidOut && values instanceof Float32Array ? { values, laidOut } : bytes;
    parts.push(lengthOf(7, inGraph.length + start.length + bytes.length), inGraph, start, content);
  }
  return joined(parts);
}

/** Bytes of a file, or values to be laid out. */
type Part = Uint8Array | { readonly values: Float32Array; readonly laidOut: LaidOut };

const bytesOf = (values: OnnxArray): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

function joined(parts: readonly Part[]): Uint8Array {
  const sizeOf = (part: Part): number => (part instanceof Uint8Array ? part : part.values).byteLength;
  const whole = Buffer.allocUnsafe(parts.reduce((sum, part) => sum + sizeOf(part), 0));
  let at = 0;
  const put = (values: Uint8Array | Float32Array): void => {
    whole.set(values instanceof Float32Array ? bytesOf(values) : values, at);
    at += values.byteLength;
  };
  for (const part of parts) {
    if (part instanceof Uint8Array) put(part);
    else layOut(part.values, part.laidOut, put);
  }
  return whole;
}

/** What stands before the bytes of a message. */
const lengthOf = (field: number, bytes: number): Uint8Array =>
  new BinaryWriter().uint32(tag(field, LENGTH)).uint32(bytes).finish();

/** A `GraphProto` without its constants: those of a graph within another one are constants of the outer one. */
function writeGraph(graph: BinaryWriter, { nodes, inputs, outputs }: OnnxModel): void {
  for (const node of nodes) message(graph, 1, (writer) => writeNode(writer, node));
  text(graph, 2, 'layerglass');
  for (const [field, list] of [
    [11, inputs],
    [12, outputs],
  ] as const) {
    for (const [name, { type, shape }] of list)
      message(graph, field, (writer) => writeInfo(writer, name, type, shape));
  }
}

function writeNode(node: BinaryWriter, { op, inputs, outputs, attributes }: OnnxNode): void {
  for (const name of inputs) text(node, 1, name);
  for (const name of outputs) text(node, 2, name);
  text(node, 4, op);
  for (const [name, value] of Object.entries(attributes)) {
    message(node, 5, (attribute) => {
      text(attribute, 1, name);
      writeAttribute(attribute, value);
    });
  }
}

function writeAttribute(attribute: BinaryWriter, value: Attribute): void {
  if (typeof value === 'number') {
    int(attribute, 3, value);
    int(attribute, 20, ATTRIBUTE.int);
  } else if (typeof value === 'string') {
    text(attribute, 4, value);
    int(attribute, 20, ATTRIBUTE.string);
  } else if ('float' in value) {
    attribute.uint32(tag(2, FIXED32)).float(value.float);
    int(attribute, 20, ATTRIBUTE.float);
  } else if ('graph' in value) {
    message(attribute, 6, (graph) => writeGraph(graph, value.graph));
    int(attribute, 20, ATTRIBUTE.graph);
  } else {
    for (const item of value) int(attribute, 8, item);
    int(attribute, 20, ATTRIBUTE.ints);
  }
}

/** A `ValueInfoProto`: a tensor of a type and a shape. */
function writeInfo(info: BinaryWriter, name: string, type: ElementType, shape: readonly number[]): void {
  text(info, 1, name);
  message(info, 2, (of) =>
    message(of, 1, (tensor) => {
      int(tensor, 1, ELEMENT_TYPES[type]);
      message(tensor, 2, (dimensions) => {
        for (const size of shape) message(dimensions, 1, (dimension) => int(dimension, 1, size));
      });
    }),
  );
}

const tag = (field: number, wire: number): number => field * 8 + wire;

function message(writer: BinaryWriter, field: number, write: (writer: BinaryWriter) => void): void {
  writer.uint32(tag(field, LENGTH)).fork();
  write(writer);
  writer.join();
}

const text = (writer: BinaryWriter, field: number, value: string): BinaryWriter =>
  writer.uint32(tag(field, LENGTH)).string(value);

const int = (writer: BinaryWriter, field: number, value: number): BinaryWriter =>
  writer.uint32(tag(field, VARINT)).int64(value);
