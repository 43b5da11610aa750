import type { Shape } from '../../shared/model';
import type { CallArguments } from '../graph/callArguments';
import type { WeightSpec } from '../graph/layerRule';
import type { Cell } from './cell';
import type { CallExpression, Expression, Parameter, Span, Statement } from './syntax/ast';

/** What is known of a value of the program. Only lists, dicts, models and layers have identity. */
export type Value =
  | Unknown
  | { readonly kind: 'none'; readonly isUndefined?: true }
  | { readonly kind: 'ellipsis' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | NumberValue
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'tuple'; readonly items: readonly Value[] }
  | SliceValue
  | ListValue
  | DictValue
  | Reference
  | FunctionValue
  | ClassValue
  | Instance
  | BoundMethod
  | PartialCall
  | Super
  | Method
  | Tensor
  | Layer
  | Model;

/**
 * @property fromCode whether it comes from code that is not seen, which may also make layers and change its arguments.
 * @property file of a model that is loaded from there
 */
export interface Unknown {
  readonly kind: 'unknown';
  readonly fromCode: boolean;
  readonly file?: string;
}

export interface NumberValue {
  readonly kind: 'number';
  readonly value: number;
  readonly isFloat: boolean;
}

export interface SliceValue {
  readonly kind: 'slice';
  readonly start: Value;
  readonly stop: Value;
  readonly step: Value;
}

/** @property items `null` where they are unknown. */
export interface ListValue {
  readonly kind: 'list';
  readonly items: Cell<readonly Value[] | null>;
}

/** @property entries by key, whose text starts with its type: `s:name`, `n:1`; `null` where they are unknown. */
export interface DictValue {
  readonly kind: 'dict';
  readonly entries: Cell<ReadonlyMap<string, DictEntry> | null>;
}
export interface DictEntry {
  readonly key: Value;
  readonly value: Value;
}

/** A module or something in one: `keras.layers.Dense`, `builtins.range`, `numpy`. */
export interface Reference {
  readonly kind: 'reference';
  readonly path: string;
}

export interface FunctionValue {
  readonly kind: 'function';
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** By name of the parameter. */
  readonly fallbacks: ReadonlyMap<string, Value>;
  readonly body: readonly Statement[] | Expression;
  readonly scope: Scope;
  /** By something that is not followed. */
  readonly isDecorated: boolean;
  /** Of a method that is not called on an instance as it is. */
  readonly role: 'static' | 'class' | 'property' | null;
}

/** A class of the program. @property scope its attributes and methods. */
export interface ClassValue {
  readonly kind: 'class';
  readonly name: string;
  readonly bases: readonly Value[];
  readonly scope: Scope;
}

/** An object of a class of the program. */
export interface Instance {
  readonly kind: 'instance';
  readonly class: ClassValue;
  readonly site: CallExpression;
  /** `null` where they are not known. */
  readonly attributes: Cell<ReadonlyMap<string, Value> | null>;
  /** Shapes of what `add_weight` made; `null` where they are not known. */
  readonly weights: Cell<readonly (readonly number[])[] | null>;
  /** What it is for Keras, after `super().__init__()`; `null` before, and of a class that is none of Keras's. */
  readonly base: Cell<Layer | Model | null>;
}

/** A method of an instance or class. @property owner the class that defines it. */
export interface BoundMethod {
  readonly kind: 'bound';
  readonly callee: FunctionValue;
  readonly self: Value;
  readonly owner: ClassValue;
}

/** `functools.partial(callee, ...)`. */
export interface PartialCall {
  readonly kind: 'partial';
  readonly callee: Value;
  readonly given: Arguments;
}

/** `super()` in a method of `owner`. */
export interface Super {
  readonly kind: 'super';
  readonly self: Value;
  readonly owner: ClassValue;
}

/** The arguments of a call of the program. */
export interface Arguments {
  readonly positional: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
  /** Whether there are more that are not known (`*args`). */
  readonly isOpen: boolean;
}

/** What a class of the program does as a layer of Keras. */
export interface Custom {
  readonly instance: Instance;
  /** `build(shape)`, which happens once. */
  build(shape: Value): void;
  /** What its `call` returns, after `build`; unknown where it is not followed. */
  call(given: Arguments): Value;
  /** The layers that it keeps in its attributes; `null` where they are not known. */
  children(): readonly (Layer | Model)[] | null;
}

/** A method of a value: `model.add`. */
export interface Method {
  readonly kind: 'method';
  readonly object: Value;
  readonly name: string;
}

/** A symbolic tensor. @property shape batch axis first, `null` for Keras's None; itself `null` where it is unknown. */
export interface Tensor {
  readonly kind: 'tensor';
  readonly shape: Shape | null;
  /** The call that made it and the position among its outputs; `null` where the graph before it is unknown. */
  readonly origin: Node | null;
  readonly output: number;
  /** An array, or what was computed of arrays alone: a constant in a graph. */
  readonly isEager?: true;
}

/** One call of a layer, a model or an operation. */
export interface Node {
  readonly layer: Layer | Model;
  readonly inputs: readonly Tensor[];
  readonly call: CallArguments;
  readonly outputs: readonly Tensor[];
}

/** A layer, or an operation such as `keras.ops.mean` as Keras makes one of each call. */
export interface Layer {
  readonly kind: 'layer';
  readonly className: string;
  /** For shape rules, as Keras would serialize it; what changes no shape may be missing. Reading another unknown argument throws `UnknownArgument`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The arguments that are known, with their defaults, as Keras serializes them; not `None`, which Keras may replace. */
  readonly said: ReadonlyMap<string, unknown>;
  /** `null` where it is not known. */
  readonly name: string | null;
  /** Where it is made; `null` for an operation and for a layer that Keras makes. */
  readonly site: CallExpression | null;
  /** The arguments that are functions of the program. */
  readonly functions: ReadonlyMap<string, FunctionValue>;
  /** The layer that a wrapper wraps. */
  readonly wrapped: Layer | Model | null;
  /** Of a class of the program. */
  readonly custom?: Custom;
  /** After its first call. */
  readonly built: Cell<Built | null>;
  readonly calls: Cell<readonly Node[]>;
}

/** @property weights `null` where they are not known. @property count of their values: the parameters. */
export interface Built {
  readonly weights: readonly WeightSpec[] | null;
  readonly count: number | null;
}

/** A Sequential or a functional model. */
export interface Model {
  readonly kind: 'model';
  readonly className: 'Sequential' | 'Functional' | 'Model';
  /** The object whose class derives from it. */
  readonly instance?: Instance;
  readonly name: string | null;
  readonly site: CallExpression | null;
  readonly state: Cell<ModelState>;
  /** What `compile` was given; `null` where it is not known, or none. */
  readonly loss: Cell<string | null>;
  readonly calls: Cell<readonly Node[]>;
}

export interface ModelState {
  /** In Keras's order; `null` where they are not known. */
  readonly layers: readonly (Layer | Model)[] | null;
  /** `null` where they are not known, or for a Sequential whose input is not known yet. */
  readonly inputs: readonly Tensor[] | null;
  readonly outputs: readonly Tensor[] | null;
  /** The outputs as the program wrote them: a tensor, a list or a dict. */
  readonly structure: Value;
}

export const UNKNOWN: Unknown = { kind: 'unknown', fromCode: false };
/** The result of code that is not seen. */
export const OPAQUE: Unknown = { kind: 'unknown', fromCode: true };
export const NONE: Value = { kind: 'none' };
/** What JavaScript has where there is nothing. */
export const UNDEFINED: Value = { kind: 'none', isUndefined: true };

export const boolean = (value: boolean): Value => ({ kind: 'boolean', value });
export const string = (value: string): Value => ({ kind: 'string', value });
export const tuple = (items: readonly Value[]): Value => ({ kind: 'tuple', items });
export const reference = (path: string): Reference => ({ kind: 'reference', path });

/** A number, unknown where JavaScript cannot represent it exactly enough. */
export function number(value: number, isFloat: boolean): Value {
  if (isFloat ? Number.isFinite(value) : Number.isSafeInteger(value))
    return { kind: 'number', value: Object.is(value, -0) ? 0 : value, isFloat };
  return UNKNOWN;
}
export const integer = (value: number): Value => number(value, false);

export const list = (items: readonly Value[] | null): ListValue => ({
  kind: 'list',
  items: { value: items, join: joinItems, lost: null },
});

export const dict = (entries: ReadonlyMap<string, DictEntry> | null): DictValue => ({
  kind: 'dict',
  entries: { value: entries, join: () => null, lost: null },
});

export const variable = (value: Value): Cell<Value> => ({ value, join: joinValues, lost: UNKNOWN });

/** The key of a dict's entry; `null` where it is not known or not hashable here. */
export function keyOf(value: Value): string | null {
  switch (value.kind) {
    case 'string':
      return `s:${value.value}`;
    case 'number':
      return `n:${value.value}`;
    case 'boolean':
      return `n:${Number(value.value)}`;
    case 'none':
      return 'none';
    default:
      return null;
  }
}

/** The names of a function, of a module, or the built-in ones around it. */
export class Scope {
  private readonly cells = new Map<string, Cell<Value>>();
  readonly outer: ReadonlySet<string>;

  /** @param outer names that belong to the scope around it (`global`, `nonlocal`). */
  constructor(
    readonly parent: Scope | null,
    outer: Iterable<string> = [],
    /** The names of a class are not seen in its methods. */
    readonly of: 'function' | 'class' | 'block' = 'function',
  ) {
    this.outer = new Set(outer);
  }

  find(name: string): Cell<Value> | undefined {
    return this.cells.get(name) ?? this.parent?.findFromInside(name);
  }

  private findFromInside(name: string): Cell<Value> | undefined {
    return this.of === 'class' ? this.parent?.findFromInside(name) : this.find(name);
  }

  /** A name of this scope alone. */
  member(name: string): Value | undefined {
    return this.cells.get(name)?.value;
  }

  /** The cell that an assignment in this scope sets. */
  own(name: string): Cell<Value> {
    if (this.outer.has(name) && this.parent !== null) return this.parent.own(name);
    const found = this.cells.get(name);
    if (found !== undefined) return found;
    const made = variable(UNKNOWN);
    this.cells.set(name, made);
    return made;
  }

  /** That of the function around a block. */
  get ofFunction(): Scope {
    return this.of === 'block' && this.parent !== null ? this.parent.ofFunction : this;
  }

  /** Another one with the same names. */
  copy(): Scope {
    const made = new Scope(this.parent, this.outer, this.of);
    for (const [name, { value }] of this.cells) made.cells.set(name, variable(value));
    return made;
  }

  names(): string[] {
    return [...this.cells.keys()];
  }
}

/** What holds of a value that is one of two. */
export function joinValues(a: Value, b: Value): Value {
  if (a === b) return a;
  if (a.kind === 'tensor' && b.kind === 'tensor') return joinTensors(a, b);
  if (a.kind === 'tuple' && b.kind === 'tuple' && a.items.length === b.items.length)
    return tuple(a.items.map((item, i) => joinValues(item, b.items[i] ?? UNKNOWN)));
  if (areEqual(a, b)) return a;
  const fromCode = (a.kind === 'unknown' && a.fromCode) || (b.kind === 'unknown' && b.fromCode);
  return fromCode ? OPAQUE : UNKNOWN;
}

function areEqual(a: Value, b: Value): boolean {
  if (a.kind === 'none') return b.kind === 'none' && a.isUndefined === b.isUndefined;
  if (a.kind === 'number') return b.kind === 'number' && a.value === b.value && a.isFloat === b.isFloat;
  if (a.kind === 'string') return b.kind === 'string' && a.value === b.value;
  if (a.kind === 'boolean') return b.kind === 'boolean' && a.value === b.value;
  return a.kind === 'reference' && b.kind === 'reference' && a.path === b.path;
}

/** Tensors of one shape made by different calls: the graph before them is not known. */
export function joinTensors(a: Tensor, b: Tensor): Tensor {
  const isSame =
    a.shape !== null &&
    a.shape.length === b.shape?.length &&
    a.shape.every((size, i) => size === b.shape?.[i]);
  return { kind: 'tensor', shape: isSame ? a.shape : null, origin: null, output: 0 };
}

function joinItems(a: readonly Value[] | null, b: readonly Value[] | null): readonly Value[] | null {
  if (a === null || a.length !== b?.length) return null;
  return a.map((item, i) => joinValues(item, b[i] ?? UNKNOWN));
}

/** The items of a list or tuple; `null` where they are not known. */
export function itemsOf(value: Value): readonly Value[] | null {
  if (value.kind === 'tuple') return value.items;
  return value.kind === 'list' ? value.items.value : null;
}

/** Where a call is in the text, or another part of it. */
export type Place = Span;
