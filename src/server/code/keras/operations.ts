import { findKind } from '../../kinds/registry';
import type { Arguments, Machine } from '../machine';
import type { CallExpression, Span } from '../syntax/ast';
import { itemsOf, type Layer, NONE, type Tensor, tuple, UNKNOWN, type Value } from '../values';
import { bind } from './binding';
import { callLayer, holdsTensor } from './call';
import { newLayer } from './layer';
import { ACTIVATIONS, OPERATIONS, type Signature } from './signatures';

/** Operators of tensors, as `KerasTensor` maps them to operations. */
const OPERATORS: Readonly<Record<string, string>> = {
  '+': 'Add',
  '-': 'Subtract',
  '*': 'Multiply',
  '/': 'TrueDivide',
  '//': 'FloorDivide',
  '%': 'Mod',
  '**': 'Power',
  '@': 'Matmul',
  '<': 'Less',
  '<=': 'LessEqual',
  '>': 'Greater',
  '>=': 'GreaterEqual',
  '==': 'Equal',
  '!=': 'NotEqual',
};

const onlyPositional = (positional: readonly Value[]): Arguments => ({
  positional,
  named: new Map(),
  isOpen: false,
});

const placed = ({ from, to }: Span): CallExpression => ({
  kind: 'call',
  callee: { kind: 'none', from, to },
  arguments: [],
  from,
  to,
});

/** `x + y` where one of both is a tensor. */
export function operate(machine: Machine, operator: string, left: Value, right: Value, at: Span): Value {
  const className = OPERATORS[operator];
  if (className === undefined) return unknownTensor;
  return callLayer(
    machine,
    operation(machine, className, [left, right].some(holdsSymbol)),
    onlyPositional([left, right]),
    placed(at),
  );
}

/** `-x` and `abs(x)`. */
export const negate = (machine: Machine, operand: Value, at: Span): Value =>
  callLayer(
    machine,
    operation(machine, 'Negative', holdsSymbol(operand)),
    onlyPositional([operand]),
    placed(at),
  );

/** A function of `keras.ops` or `keras.activations`; unknown where it is not called on tensors. */
export function callOperation(
  machine: Machine,
  path: string,
  arguments_: Arguments,
  site: CallExpression,
): Value | null {
  const name = path.split('.').at(-1) ?? '';
  const [first = arguments_.named.get('x')] = arguments_.positional;
  if (name === 'shape') return first?.kind === 'tensor' ? tensorAttribute(first, 'shape') : UNKNOWN;
  const isActivation = path.startsWith('keras.activations.');
  const signature = (isActivation ? ACTIVATIONS : OPERATIONS).get(name);
  if (signature === undefined) return null;
  const className = classOf(name, signature, isActivation);
  const { values, problem } = bind(name, signature, arguments_);
  if (problem !== null || className === null) return UNKNOWN;
  const named = new Map([...values].filter(([, value]) => value.kind !== 'none'));
  const rest = restOf(signature, named);
  const given = [...rest, ...named.values()];
  const isSymbolic = given.some(holdsSymbol);
  if (!isSymbolic) {
    if (given.some(mayHoldSymbol) && !machine.isInside) machine.loseName(className);
    if (!given.some(holdsTensor)) return UNKNOWN;
  }
  const isOpen = arguments_.isOpen;
  const layer = operation(machine, className, isSymbolic);
  return callLayer(machine, layer, { positional: rest, named, isOpen }, site);
}

/** Takes the arguments of `*operands` out of those by name. */
function restOf({ parameters }: Signature, named: Map<string, Value>): readonly Value[] {
  const name = parameters.find(([other]) => other.startsWith('*'))?.[0].slice(1) ?? '';
  const items = itemsOf(named.get(name) ?? UNKNOWN);
  if (items !== null) named.delete(name);
  return items ?? [];
}

function classOf(name: string, signature: Signature, isActivation: boolean): string | null {
  const camel = name.replace(/(^|_)(\w)/g, (_, __, letter: string) => letter.toUpperCase());
  const candidates = isActivation
    ? [OPERATIONS.get(name)?.class ?? camel, camel]
    : [signature.class ?? camel, camel];
  return candidates.find((candidate) => findKind(`ops.${candidate}`) !== undefined) ?? null;
}

const holdsSymbol = (value: Value): boolean =>
  value.kind === 'tensor' ? value.isEager !== true : (itemsOf(value)?.some(holdsSymbol) ?? false);

const mayHoldSymbol = (value: Value): boolean =>
  value.kind === 'unknown' || (itemsOf(value)?.some(mayHoldSymbol) ?? false);

/** Keras makes an operation of each call on a symbolic tensor, which takes a name as a layer does. */
function operation(machine: Machine, className: string, isSymbolic: boolean): Layer {
  return newLayer(machine, {
    className: `ops.${className}`,
    config: {},
    name: isSymbolic && !machine.isInside ? machine.autoName(className) : null,
    site: null,
    functions: new Map(),
    wrapped: null,
  });
}

const unknownTensor: Tensor = { kind: 'tensor', shape: null, origin: null, output: 0 };

/** `x[...]` of a tensor. */
export function getItem(machine: Machine, tensor: Tensor, index: Value, at: Span): Value {
  const key = indexJson(index);
  const layer = operation(machine, 'GetItem', holdsSymbol(tensor));
  if (key === undefined) return unknownTensor;
  const withKey: Layer = { ...layer, config: { key } };
  return callLayer(machine, withKey, onlyPositional([tensor]), placed(at));
}

/** An index as Keras writes it; `undefined` where it is not known. */
function indexJson(index: Value): unknown {
  switch (index.kind) {
    case 'none':
      return null;
    case 'number':
      return index.isFloat ? undefined : index.value;
    case 'ellipsis':
      return { class_name: '__ellipsis__' };
    case 'slice': {
      const bounds = [index.start, index.stop, index.step].map((bound) =>
        bound.kind === 'none' ? null : bound.kind === 'number' && !bound.isFloat ? bound.value : undefined,
      );
      if (bounds.includes(undefined)) return undefined;
      const [start, stop, step] = bounds;
      return { class_name: '__slice__', config: { start, stop, step } };
    }
    case 'tuple': {
      const parts = index.items.map(indexJson);
      return parts.includes(undefined) ? undefined : parts;
    }
    default:
      return undefined;
  }
}

/** Methods of arrays that are followed. */
const ARRAY_METHODS = new Set(['astype', 'reshape']);

/** A method of an array. */
export function callArrayMethod(
  machine: Machine,
  array: Tensor,
  name: string,
  { positional, named, isOpen }: Arguments,
  site: CallExpression,
): Value {
  if (name === 'astype') return array;
  const [first = NONE, second] = positional;
  const shape = second === undefined && first.kind !== 'number' ? first : tuple(positional);
  if (named.size > 0 || isOpen) return UNKNOWN;
  return callOperation(machine, 'keras.ops.reshape', onlyPositional([array, shape]), site) ?? UNKNOWN;
}

/** A function of NumPy that `keras.ops` has as well, of an array whose shape is known; `null` for others. */
export function callOnArray(
  machine: Machine,
  path: string,
  given: Arguments,
  site: CallExpression,
): Value | null {
  const [, name] = /^numpy\.(expand_dims|reshape|squeeze|transpose)$/.exec(path) ?? [];
  const [first] = given.positional;
  if (name === undefined || first?.kind !== 'tensor' || !first.isEager) return null;
  return callOperation(machine, `keras.ops.${name}`, given, site);
}

/** The attributes of a tensor. */
export function tensorAttribute(tensor: Tensor, name: string): Value {
  if (name === 'shape' && tensor.shape !== null)
    return {
      kind: 'tuple',
      items: tensor.shape.map(
        (size): Value => (size === null ? NONE : { kind: 'number', value: size, isFloat: false }),
      ),
    };
  if (name === 'ndim' && tensor.shape !== null)
    return { kind: 'number', value: tensor.shape.length, isFloat: false };
  return tensor.isEager && ARRAY_METHODS.has(name) ? { kind: 'method', object: tensor, name } : UNKNOWN;
}
