import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import type { CallArguments } from '../../graph/callArguments';
import { LayerConfig } from '../../graph/layerConfig';
import type { LayerRule } from '../../graph/layerRule';
import type { StaticValues } from '../../graph/opConfig';
import { isRecord } from '../../layers/support/records';
import type { Operation } from '../operation';
import { constantOf, type OperandConstant } from './constants';

/** An operand: a tensor of the graph by its index among the node's inputs, or a constant in the file. */
export type Operand = { readonly input: number } | { readonly constant: OperandConstant };

/**
 * How a vocabulary spells an operation: the names of a call's arguments in their order, which of them are tensors, and the
 * operation that the other arguments configure.
 */
export interface Spelling extends Pick<LayerRule, 'role'> {
  /** Names of the call's positional arguments (`*xs` for all remaining ones); further ones are given by name, from the call or the node's config. */
  readonly parameters: readonly string[];
  /** The arguments that are operands, in the operation's order; all of `parameters` when left out. A list is several operands. */
  readonly operands?: readonly string[];
  /** @throws Refusal or Failure. */
  operation(args: OperationArguments): Operation;
}

/** The part of a node's input that its arguments need. */
export interface ArgumentInput {
  readonly shape: Shape;
  /** Its values as far as known, read on demand. */
  values(): StaticValues | null;
}

/** The arguments of one operation node, by name: read like a layer's config; tensors are slots. */
export class OperationArguments extends LayerConfig {
  constructor(
    config: LayerConfig,
    call: CallArguments,
    parameters: readonly string[],
    private readonly inputs: readonly ArgumentInput[],
  ) {
    const positional = byName(parameters, call.args);
    super({ ...config.values, ...positional, ...call.kwargs }, config.path, config.kerasMajor);
  }

  /**
   * A list of whole numbers of which some may be computed by the model itself (`reshape(x, [shape(x)[0], -1])`): those are
   * `null` while shapes are static, and known when it runs. One number is a list of one.
   */
  sizes(key: string, value: unknown = this.raw(key)): (number | null)[] {
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    return list.flatMap((item) => {
      const slot = slotOf(item);
      if (slot !== null) return this.computed(slot);
      if (item === null) return [null];
      const constant = isRecord(item) ? constantOf(item) : null;
      const whole = constant === null ? [item] : [...constant.values];
      return whole.map((n) =>
        typeof n === 'number' && Number.isSafeInteger(n) ? n : this.bad(key, l10n.t('whole numbers'), value),
      );
    });
  }

  /** The same arguments with further values. */
  with(values: Readonly<Record<string, unknown>>): LayerConfig {
    return new LayerConfig({ ...this.values, ...values }, this.path, this.kerasMajor);
  }

  /** Axes, `null` for all of them when the argument is missing. */
  axes(key = 'axis'): number[] | null {
    return this.has(key) ? this.intList(key) : null;
  }

  /** Whether a value in the arguments stands for a single number that the model computes. */
  isComputedNumber(value: unknown): boolean {
    const slot = slotOf(value);
    return slot !== null && this.inputs[slot]?.shape.length === 0;
  }

  /** The values of the tensor at `slot`, as far as known. */
  private computed(slot: number): StaticValues {
    return this.inputs[slot]?.values() ?? [null];
  }

  /** The operands of the arguments `keys`, in order. Missing and `null` arguments have none. */
  operands(keys: readonly string[]): Operand[] {
    return keys.flatMap((key) => this.operandsOf(key, this.raw(key)));
  }

  private operandsOf(key: string, value: unknown): Operand[] {
    if (value === undefined || value === null) return [];
    const slot = slotOf(value);
    if (slot !== null) return [{ input: slot }];
    if (Array.isArray(value) && containsSlot(value))
      return value.flatMap((item) => this.operandsOf(key, item));
    const constant = constantOf(value);
    return constant === null ? this.bad(key, l10n.t('a tensor or numbers'), value) : [{ constant }];
  }
}

/** Positional arguments by name; a name that starts with `*` takes all of them from there on, as a list. */
function byName(parameters: readonly string[], args: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(
    parameters.slice(0, args.length).map((name, i) => [name, name.startsWith('*') ? args.slice(i) : args[i]]),
  );
}

/** The input that a slot refers to, `null` for anything else. */
export function slotOf(value: unknown): number | null {
  return isRecord(value) && typeof value.input === 'number' ? value.input : null;
}

const containsSlot = (list: readonly unknown[]): boolean =>
  list.some((item) => slotOf(item) !== null || (Array.isArray(item) && containsSlot(item)));
