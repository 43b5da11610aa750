import { sizeOf } from '../../../../shared/model';
import type { OnnxType } from './binding';
import type { KernelLayout } from './kernelLayout';
import {
  type Attribute,
  type ElementType,
  type OnnxInitializer,
  type OnnxModel,
  type OnnxNode,
  withoutUnused,
} from './model';
import type { Value } from './value';

/** From channels last to channels first, and back; of images [batch, height, width, channels]. */
const TO_FIRST = [0, 3, 1, 2] as const;
const TO_LAST = [0, 2, 3, 1] as const;

/** Where the axis of a channels-last image is in the channels-first one. */
export const firstAxis = (axis: number): number => [0, 2, 3, 1][axis] ?? axis;

/** The names of a value in the graph: as it is, and with channels first. An image may have either or both. */
interface Names {
  plain?: string;
  first?: string;
}

/**
 * An ONNX graph while it is written. ONNX computes images with channels first and TF.js with channels last: each value is kept
 * in the layout in which it was computed and transposed when somebody needs it in the other one.
 */
export class GraphWriter {
  private readonly nodes: OnnxNode[] = [];
  /** By the names that they give. */
  private readonly nodeOf = new Map<string, OnnxNode>();
  private readonly initializers = new Map<string, OnnxInitializer>();
  private readonly inputs = new Map<string, { type: ElementType; shape: readonly number[] }>();
  private readonly outputs = new Map<string, { type: ElementType; shape: readonly number[] }>();
  private readonly names = new Map<Value, Names>();
  /** Names of values that are needed more than once, as far as it is known. */
  private readonly sharedNames = new Set<string>();
  /** Names of constants that are added once. */
  private readonly literals = new Map<string, string>();
  private count = 0;

  /**
   * @param outer of a graph within another one, whose values it may use
   * @param shared the values that several calls need, or that are fetched
   */
  constructor(
    private readonly outer: GraphWriter | null = null,
    private readonly shared: ReadonlySet<Value> | null = null,
  ) {}

  /** A value that is given at each run. */
  addInput(value: Value): string {
    const name = this.newName();
    this.inputs.set(name, { type: elementType(value), shape: value.shape });
    this.names.set(value, { plain: name });
    return name;
  }

  /** A value that is part of the graph. */
  addConstant(value: Value): void {
    const name = this.newName();
    const { shape, values } = value;
    if (values === null || Array.isArray(values))
      throw new RangeError('A constant of a graph is not numbers.');
    this.initializers.set(name, { type: elementType(value), shape, values });
    this.names.set(value, { plain: name });
  }

  /** Whether it is the graph of one step of a loop. */
  get isStep(): boolean {
    return this.outer !== null;
  }

  /** Makes a value an output, in the layout of TF.js. @returns its name */
  addOutput(value: Value): string {
    const own = this.plain(value);
    // What no node of this graph computes, or what is an output already, needs a name of its own.
    const name = this.nodeOf.has(own) && !this.outputs.has(own) ? own : this.add('Identity', [own]);
    this.outputs.set(name, { type: elementType(value), shape: value.shape });
    return name;
  }

  /** Adds a node. @returns the name of its first output */
  add(op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    const [name = ''] = this.addMany(op, inputs, attributes, 1);
    return name;
  }

  addMany(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
    count: number,
  ): string[] {
    const outputs = Array.from({ length: count }, () => this.newName());
    const node = { op, inputs, outputs, attributes };
    for (const name of outputs) this.nodeOf.set(name, node);
    this.nodes.push(node);
    return outputs;
  }

  /** The name of a value as TF.js has it. */
  plain(value: Value): string {
    const names = this.namesOf(value);
    if (names.plain === undefined) {
      if (names.first === undefined) throw new RangeError('A value is used before it is computed.');
      names.plain = this.add('Transpose', [names.first], { perm: TO_LAST });
    }
    return names.plain;
  }

  /** The name of an image with its channels before its rows and columns. */
  first(value: Value): string {
    const names = this.namesOf(value);
    if (names.first === undefined) {
      const plain = this.plain(value);
      const [batch = 0, height = 0, width = 0, channels = 0] = value.shape;
      const isVector = height * width === 1;
      names.first = isVector
        ? this.reshape(plain, [batch, channels, 1, 1])
        : this.add('Transpose', [plain], { perm: TO_FIRST });
    }
    return names.first;
  }

  /** Whether an image was computed with channels first, so that what follows should be, too. */
  isFirst(value: Value): boolean {
    const { plain, first } = this.namesOf(value);
    return first !== undefined && plain === undefined;
  }

  /**
   * Defines a value that is computed from others of its rank, value by value or along axes, in the layout that one of them is in.
   * @param write adds the nodes, given the names of the operands and where an axis of TF.js is in their layout
   */
  defineLike(
    value: Value,
    operands: readonly Value[],
    write: (names: readonly string[], axis: (at: number) => number) => string,
  ): void {
    if (operands.some((operand) => this.isFirst(operand))) {
      const names = operands.map((operand) => this.first(operand));
      this.defineFirst(value, write(names, firstAxis));
    } else {
      const names = operands.map((operand) => this.plain(operand));
      this.definePlain(
        value,
        write(names, (axis) => axis),
      );
    }
  }

  definePlain(value: Value, name: string): void {
    this.define(value, name, { plain: name });
  }

  defineFirst(value: Value, name: string): void {
    this.define(value, name, { first: name });
  }

  /**
   * The kernel of a convolution in another layout, of a constant as a constant of its own.
   * @param shape if it is not that of the layout
   */
  kernel(value: Value, layout: KernelLayout, shape?: readonly number[]): string {
    const [height = 1, width = 1, channels = 1, filters = 1] = value.shape;
    const byFilters = layout.lead === 'filters';
    const laid = [...(byFilters ? [filters, channels] : [channels, filters]), height, width];
    const plain = this.plain(value);
    const constant = this.constantOf(plain);
    if (constant?.values instanceof Float32Array) {
      const key = `${plain} ${layout.lead} ${layout.isFlipped} ${shape?.join()}`;
      const laidOut = { kernel: value.shape, layout };
      // The one that it is made from is left out if nobody uses it.
      return this.once(key, { ...constant, shape: shape ?? laid, laidOut });
    }
    const turned = this.add('Transpose', [plain], { perm: byFilters ? [3, 2, 0, 1] : [2, 3, 0, 1] });
    const flipped = layout.isFlipped ? this.flipped(turned) : turned;
    return shape ? this.reshape(flipped, shape) : flipped;
  }

  /**
   * Defines the product of a convolution, with or without its bias, and a constant number per channel, as of a batch normalization, as
   * the convolution with a kernel that is multiplied when it is written: ONNX Runtime would copy the kernel.
   * @param factors [..., channels]
   * @param factor their name beside a channels-first image
   * @returns whether the first value is a convolution that nobody else needs, and the second such a constant
   */
  defineScaled(value: Value, convolved: Value, factors: Value, factor: string): boolean {
    const scales = this.initializers.get(this.plain(factors))?.values;
    const channels = convolved.shape.at(-1);
    const isPerChannel =
      scales?.length === channels &&
      factors.shape.at(-1) === channels &&
      sizeOf(value.shape) === sizeOf(convolved.shape);
    if (!(scales instanceof Float32Array) || !isPerChannel || !this.isFirst(convolved)) return false;
    const name = this.scaled(this.first(convolved), scales, factor);
    if (name !== null) this.defineFirst(value, name);
    return name !== null;
  }

  /** Gives a value all names of another one, of the same shape. */
  defineAs(value: Value, other: Value): void {
    const names = this.namesOf(other);
    this.names.set(value, names);
    if (this.shared?.has(value)) for (const name of Object.values(names)) this.sharedNames.add(name);
  }

  /** Whole numbers as a constant: shapes, axes, pads. */
  whole(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.literal('int64', shape, BigInt64Array.from(values, BigInt));
  }

  float(value: number): string {
    return this.literal('float32', [], Float32Array.of(value));
  }

  floats(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.literal('float32', shape, Float32Array.from(values));
  }

  reshape(name: string, shape: readonly number[]): string {
    // A zero means "as in the input" unless this is set.
    return this.add('Reshape', [name, this.whole(shape)], { allowzero: 1 });
  }

  /** The graph without the nodes and constants that no output depends on. */
  finish(): OnnxModel {
    const { nodes, initializers, inputs, outputs } = this;
    return withoutUnused({ nodes, initializers, inputs, outputs });
  }

  private define(value: Value, name: string, names: Names): void {
    this.names.set(value, names);
    if (this.shared === null || this.shared.has(value)) this.sharedNames.add(name);
  }

  /** Turns the last two axes of four by 180 degrees. */
  private flipped(name: string): string {
    const [start, end] = [this.whole([-1, -1]), this.whole([-(2 ** 31), -(2 ** 31)])];
    return this.add('Slice', [name, start, end, this.whole([2, 3]), start]);
  }

  /** What a convolution gives times `scales`; `null` of anything else. */
  private scaled(name: string, scales: Float32Array, factor: string): string | null {
    const node = this.nodeOf.get(name);
    if (!node || this.sharedNames.has(name)) return null;
    const [image = '', other = ''] = node.inputs;
    if (node.op === 'Add') {
      const bias = this.nodeOf.get(other);
      const isBias = bias?.op === 'Reshape' && this.initializers.has(bias.inputs[0] ?? '');
      const isConvolved = this.nodeOf.get(image)?.op === 'Conv';
      const convolved = isBias && isConvolved ? this.scaled(image, scales, factor) : null;
      return convolved && this.add('Add', [convolved, this.add('Mul', [other, factor])]);
    }
    const kernel = this.initializers.get(other);
    if (node.op !== 'Conv' || !kernel?.laidOut) return null;
    const own = this.newName();
    this.initializers.set(own, { ...kernel, laidOut: { ...kernel.laidOut, scales } });
    return this.add('Conv', [image, own], node.attributes);
  }

  /** The values of a constant by its name; `undefined` for any other value. */
  private constantOf(name: string): OnnxInitializer | undefined {
    return this.initializers.get(name) ?? this.outer?.constantOf(name);
  }

  /** A constant that is added once, however often it is asked for; that of a step is one of the graph around it. */
  private once(key: string, constant: OnnxInitializer): string {
    if (this.outer) return this.outer.once(key, constant);
    const known = this.literals.get(key);
    if (known !== undefined) return known;
    const name = this.newName();
    this.initializers.set(name, constant);
    this.literals.set(key, name);
    return name;
  }

  private literal(type: ElementType, shape: readonly number[], values: OnnxInitializer['values']): string {
    return this.once(`${type} ${shape.join()} ${values.join()}`, { type, shape, values });
  }

  private namesOf(value: Value): Names {
    let names = this.names.get(value);
    if (names === undefined && this.outer) {
      // A copy: what is transposed within this graph is not known outside.
      names = { ...this.outer.namesOf(value) };
      this.names.set(value, names);
    }
    if (names === undefined) throw new RangeError('A value is used before it is computed.');
    return names;
  }

  private newName(): string {
    if (this.outer) return this.outer.newName();
    this.count += 1;
    return `v${this.count}`;
  }
}

/** @throws RangeError for a type that no kernel here takes */
export function elementType({ dtype }: { readonly dtype: string }): OnnxType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new RangeError(`ONNX Runtime is not given values of the type ${dtype}.`);
}
