import * as l10n from '@vscode/l10n';
import type { MaybeShape, Shape } from '../../../shared/model';
import type { StaticValues } from '../opConfig';
import type { OpNode, OpRef } from './graphDef';

/** A `TensorList` or a `TensorArray` while a loop is unrolled: the values in it, `null` where none was set. */
export interface TensorList {
  readonly items: readonly (OpRef | null)[];
  /** The shape of one item, as far as it is known. */
  readonly shape: MaybeShape;
}

/** What operations on lists need of the graph that they become part of. */
export interface ListHost {
  /** The list that a reference leads to, `undefined` for an ordinary tensor. */
  listAt(ref: OpRef): TensorList | undefined;
  valuesOf(ref: OpRef): StaticValues | null;
  shapeOf(ref: OpRef): MaybeShape;
  dtypeOf(ref: OpRef): string;
  /** Adds an ordinary operation. */
  add(node: OpNode): void;
  /** Adds a constant of integers or zeros. @returns a reference to it. */
  constant(name: string, shape: readonly number[], dtype: string, values: readonly number[]): OpRef;
}

/** One output of an operation on lists: a list, or a tensor in the graph. */
export type ListResult = TensorList | OpRef;

/** Why an operation on a list cannot be followed; the message completes the sentence "... works on a list of tensors, and". */
export class TensorListError extends Error {
  override readonly name = 'TensorListError';
}

function failList(why: string): never {
  throw new TensorListError(why);
}

/** Lists contain one item per iteration of a loop; longer loops are not unrolled. */
const MAX_ITEMS = 10_000;

type Rule = (args: ListArguments) => readonly ListResult[];

/** The operands of one operation on lists, read as they are needed. */
class ListArguments {
  constructor(
    readonly node: OpNode,
    readonly host: ListHost,
  ) {}

  ref(i: number): OpRef {
    return this.node.inputs[i] ?? failList(l10n.t('it has no operand {0}.', i));
  }

  list(i: number): TensorList {
    return this.host.listAt(this.ref(i)) ?? failList(l10n.t('the list that it takes is unknown.'));
  }

  numbers(i: number): readonly number[] {
    const values =
      this.host.valuesOf(this.ref(i)) ??
      failList(l10n.t('a position or a length that it takes is computed.'));
    return values.map(
      (value) => value ?? failList(l10n.t('a position or a length that it takes is computed.')),
    );
  }

  number(i: number): number {
    return this.numbers(i)[0] ?? failList(l10n.t('a position or a length that it takes is missing.'));
  }

  count(i: number): number {
    const count = this.number(i);
    return count >= 0 && count <= MAX_ITEMS
      ? count
      : failList(l10n.t('a list of {0} values is too long.', count));
  }

  /** The shape of an item, which is operand `i`: -1 in place of the shape or of a size is unknown. */
  itemShape(i: number): MaybeShape {
    const ref = this.node.inputs[i];
    const values = ref ? this.host.valuesOf(ref) : null;
    if (!ref || !values || this.host.shapeOf(ref)?.length === 0) return null;
    return values.map((size) => (size === null || size < 0 ? null : size));
  }

  /** Splits a tensor into its items. */
  split(i: number): TensorList {
    const shape = this.host.shapeOf(this.ref(i));
    const [count] = shape ?? failList(l10n.t('the shape of the tensor that it splits is unknown.'));
    if (count === null || count === undefined)
      return failList(l10n.t('the number of items that it splits is unknown.'));
    if (count > MAX_ITEMS) return failList(l10n.t('a list of {0} values is too long.', count));
    const { name } = this.node;
    const attributes = { axis: 0, num: count };
    if (count > 0) this.host.add({ name, op: 'Unpack', inputs: [this.ref(i)], attributes });
    return {
      items: Array.from({ length: count }, (_, output) => ({ node: name, output })),
      shape: shape?.slice(1) ?? null,
    };
  }

  /** Joins the items along a new first axis. */
  stacked(list: TensorList, positions?: readonly number[]): OpRef {
    const chosen = positions
      ? positions.map((at) => this.item(list, at))
      : list.items.map((_, at) => this.item(list, at));
    if (chosen.length === 0) return failList(l10n.t('it joins a list without values.'));
    const { name } = this.node;
    this.host.add({ name, op: 'Pack', inputs: chosen, attributes: { axis: 0 } });
    return { node: name, output: 0 };
  }

  /** An item that was never set is zeros of the shape of the others. */
  item(list: TensorList, at: number): OpRef {
    const item = list.items[at];
    if (item === undefined)
      return failList(l10n.t('its list of {0} values has no position {1}.', list.items.length, at));
    if (item) return item;
    const other = list.items.find((one) => one !== null);
    const shape = other ? this.host.shapeOf(other) : list.shape;
    const isKnown = (sizes: MaybeShape): sizes is readonly number[] =>
      sizes?.every((size) => size !== null) ?? false;
    const name = `${this.node.name}/zeros_${at}`;
    if (isKnown(shape) && sizeOf(shape) <= MAX_ZEROS) {
      const dtype = other ? this.host.dtypeOf(other) : 'float32';
      return this.host.constant(name, shape, dtype, new Array<number>(sizeOf(shape)).fill(0));
    }
    if (!other) return failList(l10n.t('the shape of its values is unknown.'));
    this.host.add({ name, op: 'ZerosLike', inputs: [other], attributes: {} });
    return { node: name, output: 0 };
  }

  withItem(list: TensorList, at: number, item: OpRef): TensorList {
    if (at < 0 || at >= MAX_ITEMS) failList(l10n.t('its list has no position {0}.', at));
    const items = [...list.items];
    while (items.length <= at) items.push(null);
    items[at] = item;
    return { items, shape: list.shape ?? this.host.shapeOf(item) };
  }

  withItems(list: TensorList, positions: readonly number[], values: TensorList): TensorList {
    return positions.reduce((all, at, i) => this.withItem(all, at, this.item(values, i)), list);
  }
}

/** Zeros stored as a constant; more are computed by an operation. */
const MAX_ZEROS = 2 ** 16;

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

const emptyList = (count: number, shape: MaybeShape): TensorList => ({
  items: new Array<null>(count).fill(null),
  shape,
});

const integer = (args: ListArguments, value: number): OpRef =>
  args.host.constant(args.node.name, [], 'int32', [value]);

/** Joins the items along their first axis. */
function concatenated(args: ListArguments, list: TensorList): OpRef {
  const { name } = args.node;
  const axis = args.host.constant(`${name}/axis`, [], 'int32', [0]);
  const items = list.items.map((_, at) => args.item(list, at));
  if (items.length === 0) failList(l10n.t('it joins a list without values.'));
  args.host.add({ name, op: 'ConcatV2', inputs: [...items, axis], attributes: { N: items.length } });
  return { node: name, output: 0 };
}

function arrayShape({ node }: ListArguments): Shape | null {
  const { element_shape: shape } = node.attributes;
  return Array.isArray(shape) ? shape.map((size) => (typeof size === 'number' ? size : null)) : null;
}

/**
 * Operations on lists, which TensorFlow's loops use to collect the values of their iterations. A `TensorArray` is a handle and
 * a flow; here the flow is the list, since each operation returns a new flow.
 */
const RULES: Readonly<Record<string, Rule>> = {
  TensorListReserve: (args) => [emptyList(args.count(1), args.itemShape(0))],
  EmptyTensorList: (args) => [emptyList(0, args.itemShape(0))],
  TensorListFromTensor: (args) => [args.split(0)],
  TensorListGetItem: (args) => [args.item(args.list(0), args.number(1))],
  TensorListSetItem: (args) => [args.withItem(args.list(0), args.number(1), args.ref(2))],
  TensorListStack: (args) => [args.stacked(args.list(0))],
  TensorListGather: (args) => [args.stacked(args.list(0), args.numbers(1))],
  TensorListConcatV2: (args) => [concatenated(args, args.list(0))],
  TensorListLength: (args) => [integer(args, args.list(0).items.length)],
  TensorListPushBack: (args) => [args.withItem(args.list(0), args.list(0).items.length, args.ref(1))],
  TensorListPopBack: (args) => {
    const list = args.list(0);
    return [{ ...list, items: list.items.slice(0, -1) }, args.item(list, list.items.length - 1)];
  },
  TensorListResize: (args) => {
    const { items, shape } = args.list(0);
    const count = args.count(1);
    return [{ items: [...items, ...emptyList(count, null).items].slice(0, count), shape }];
  },
  TensorListScatterV2: (args) => [
    args.withItems(emptyList(Math.max(0, args.number(3)), args.itemShape(2)), args.numbers(1), args.split(0)),
  ],
  TensorListScatterIntoExistingList: (args) => [args.withItems(args.list(0), args.numbers(2), args.split(1))],
  TensorArrayV3: (args) => {
    const list = emptyList(args.count(0), arrayShape(args));
    return [list, list];
  },
  TensorArrayReadV3: (args) => [args.item(args.list(2), args.number(1))],
  TensorArrayWriteV3: (args) => [args.withItem(args.list(3), args.number(1), args.ref(2))],
  TensorArrayGatherV3: (args) => [args.stacked(args.list(2), args.numbers(1))],
  TensorArrayScatterV3: (args) => [args.withItems(args.list(3), args.numbers(1), args.split(2))],
  TensorArrayConcatV3: (args) => [concatenated(args, args.list(1))],
  TensorArraySizeV3: (args) => [integer(args, args.list(1).items.length)],
};

export const isListOperation = (op: string): boolean => Object.hasOwn(RULES, op);

/**
 * The outputs of an operation on lists. Operations that join or split become part of the graph under the name of the node.
 * @throws TensorListError where positions, lengths or lists are only known while the model runs.
 */
export function listResults(node: OpNode, host: ListHost): readonly ListResult[] {
  const rule = Object.hasOwn(RULES, node.op) ? RULES[node.op] : undefined;
  return rule?.(new ListArguments(node, host)) ?? failList(l10n.t('it is not an operation on lists.'));
}

export const isList = (result: ListResult): result is TensorList => 'items' in result;
