import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { Shape } from '../../../shared/model';
import { damaged } from '../../graph/damaged';
import type { LayerConfig } from '../../graph/layerConfig';
import type { LayerRole } from '../../graph/layerRule';
import { OpConfig, type Operand, type StaticValues } from '../../graph/opConfig';
import type { OpRule } from '../../graph/tensorflow/opRule';
import type { Activation, LayerContext, LayerKind, Tensor, TF } from '../../layers/kind';
import { tensorAt } from '../../layers/support/layerInputs';
import { noMask } from '../../layers/support/singleInput';
import { computeSized, type Operation, REMEDIES, Refusal, refuse } from '../operation';

/** A graph operation as a layer kind: the rules that graph/ uses, and the computation. */
export type OpKind = LayerKind & OpRule;

/** The operations of one file, by TensorFlow's name. */
export type OpTable = Readonly<Record<string, OpKind>>;

/** The operands of a graph operation that are arguments: numbers, not tensors to compute with. */
export interface OpArguments {
  readonly config: OpConfig;
  /** How many operands there are. */
  readonly count: number;
  /** Whether the numbers of operand `i` are known by now. */
  isKnown(i: number): boolean;
  /** The rank of operand `i`. */
  rank(i: number): number;
  /** The numbers of operand `i`, `null` where one is only known while the model runs. @throws Refusal where not even their count is known. */
  sizes(i: number): StaticValues;
  /** The numbers of operand `i`. @throws Refusal where one is only known while the model runs. */
  numbers(i: number): readonly number[];
  /** The one number of operand `i`. */
  number(i: number): number;
}

/** How an operation of a graph is spelled; operands are counted in TensorFlow's order, negative ones from the end. */
export interface OpSpelling {
  readonly role?: LayerRole;
  /** What an operand is called where it is a weight. */
  readonly operandNames?: readonly string[];
  /** Which operands are tensors to compute with, in the order in which `operation` takes them; the first if left out. */
  tensors?(count: number): readonly number[];
  operation(args: OpArguments): Operation;
  /** The dtype of output 0; that of the first operand if left out. */
  dtype?(config: OpConfig): string;
  /** The values of an output that are known before the model runs (it may be a shape); `null` if unknown. */
  values?(args: StaticArguments): StaticValues | null;
  /** Multiply-adds per call, by the shapes of its tensors and of output 0; none if left out. */
  multiplyAdds?(tensors: readonly Shape[], output: Shape, config: OpConfig): number | null;
  activationName?(config: OpConfig): string | null;
  activation?(config: OpConfig, weights: readonly Tensor[]): Activation | null;
}

/** What is known of the operands of an operation on shapes. */
export interface StaticArguments {
  readonly config: OpConfig;
  readonly count: number;
  shape(i: number): Shape;
  values(i: number): StaticValues | null;
}

export const everyOperand = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** The layer kind of an operation; operands that are weights or arguments get no gradient. */
export function opKind(spelling: OpSpelling): OpKind {
  const { operandNames, activationName, activation, dtype, values, multiplyAdds } = spelling;
  const places = (config: OpConfig): readonly number[] => spelling.tensors?.(config.operands.length) ?? [0];
  const shapesOf = (config: OpConfig, inputs: readonly Shape[]): Shape[] =>
    places(config).map((i) => shapeOf(config, operandAt(config, i), inputs));
  const bind = (ctx: LayerContext, inputs: readonly Tensor[]) => {
    const config = opConfig(ctx.config);
    const tensors = config.operands.map((operand) => once(() => tensorOf(ctx, config, operand, inputs)));
    const operation = spelling.operation(argumentsOf(config, tensors));
    const at = places(config);
    return { config, operation, at, operands: at.map((i) => tensors.at(i)?.() ?? missing(config, i)) };
  };
  return {
    ...(spelling.role === undefined ? {} : { role: spelling.role }),
    isPassThrough: (layer) =>
      withOperationName(layer, () => {
        const config = opConfig(layer);
        const { isPassThrough } = spelling.operation(argumentsOf(config, null));
        if (isPassThrough !== true || activation !== undefined) return false;
        const operands = places(config).map((i) => operandAt(config, i));
        return operands.every(({ from, index }, i) => from === 'input' && index === i);
      }),
    permutation: (layer, [shape]) =>
      withOperationName(layer, () => {
        const { permutation } = spelling.operation(argumentsOf(opConfig(layer), null));
        return shape === undefined || permutation === undefined ? null : permutation(shape.length);
      }),
    ...(operandNames === undefined ? {} : { operandNames }),
    ...(dtype === undefined ? {} : { outputDtype: (config) => dtype(config) }),
    ...(values === undefined ? {} : { staticValues: (config) => bounded(values(staticArguments(config))) }),
    outputShapes: (layer, inputs) =>
      withOperationName(layer, () => {
        const config = opConfig(layer);
        return spelling.operation(argumentsOf(config, null)).outputShapes(shapesOf(config, inputs));
      }),
    ...(multiplyAdds === undefined
      ? {}
      : {
          multiplyAdds: (layer, inputs, [output = []]) => {
            const config = opConfig(layer);
            return multiplyAdds(shapesOf(config, inputs), output, config);
          },
        }),
    work: (layer, inputs) =>
      withOperationName(layer, () => {
        const config = opConfig(layer);
        return spelling.operation(argumentsOf(config, null)).work?.(shapesOf(config, inputs)) ?? 0;
      }),
    workspace: (layer, inputs) =>
      withOperationName(layer, () => {
        const config = opConfig(layer);
        return spelling.operation(argumentsOf(config, null)).workspace?.(shapesOf(config, inputs)) ?? 0;
      }),
    ...(activationName === undefined ? {} : { activationName: (layer) => activationName(opConfig(layer)) }),
    ...(activation === undefined
      ? {}
      : { activation: (layer, weights) => activation(opConfig(layer), weights) }),
    forward: (ctx, inputs) =>
      withOperationName(ctx.config, () => {
        const { operation, operands } = bind(ctx, inputs);
        return computeSized(operation, ctx, operands);
      }),
    backward: (ctx, step) =>
      withOperationName(ctx.config, () => {
        const toInputs: (Tensor | null)[] = step.inputs.map(() => null);
        const { config, operation, at, operands } = bind(ctx, step.inputs);
        const wanted = at.map((i) => operandAt(config, i).varies);
        const gradients = operation.backward?.(ctx, { ...step, inputs: operands, requested: wanted }) ?? [];
        for (const [k, i] of at.entries()) {
          const { from, index } = operandAt(config, i);
          if (from === 'input') toInputs[index] = gradients[k] ?? null;
        }
        return toInputs;
      }),
    mask: noMask,
  };
}

/** A Keras config may name a class like ours; it then has no operands. @throws Failure `bad-config`. */
export function opConfig(config: LayerConfig): OpConfig {
  if (config instanceof OpConfig) return config;
  return damaged(
    l10n.t('Layer "{0}" names an operation of a TensorFlow graph as its class.', config.path),
    config.path,
  );
}

const EXPORT_AGAIN = l10n.t(
  'What comes before it works; convert or export the model again for what follows.',
);

/** Adds the name of the node to the cause that the operation states. */
function withOperationName<T>(config: LayerConfig, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    return fail(thrown.kind, l10n.t('Operation "{0}" cannot be computed: {1}', config.path, thrown.message), {
      subject: config.path,
      remedy:
        thrown.kind === 'bad-config' || thrown.kind === 'wrong-shape' ? EXPORT_AGAIN : REMEDIES[thrown.kind],
    });
  }
}

/** Tensors have fewer axes. */
const MAX_AXES = 16;
/** Larger tensors are not shapes. */
const MAX_STATIC_VALUES = 1024;

const bounded = (values: StaticValues | null): StaticValues | null =>
  values !== null && values.length <= MAX_STATIC_VALUES ? values : null;

const missing = (config: OpConfig, i: number): never =>
  damaged(
    l10n.t('Operation "{0}" has no operand {1}; it has {2}.', config.path, i, config.operands.length),
    config.path,
  );

const operandAt = (config: OpConfig, i: number): Operand => config.operands.at(i) ?? missing(config, i);

const shapeOf = (config: OpConfig, { from, index, shape }: Operand, inputs: readonly Shape[]): Shape =>
  from === 'input' ? (inputs[index] ?? missing(config, index)) : shape;

function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function tensorOf(ctx: LayerContext, config: OpConfig, operand: Operand, inputs: readonly Tensor[]): Tensor {
  const { from, index, shape, dtype, values } = operand;
  if (from === 'input') return tensorAt(config, inputs, index);
  const type = dtype === 'bool' || dtype === 'int32' ? dtype : 'float32';
  if (from === 'weight') {
    const weight = tensorAt(config, ctx.weights, index);
    return type === 'float32' ? weight : ctx.tf.cast(weight, type);
  }
  const sizes = shape.map((size) => size ?? 0);
  return constant(
    ctx.tf,
    (values ?? []).map((value) => value ?? 0),
    sizes,
    type,
  );
}

function constant(
  tf: TF,
  values: readonly number[],
  shape: number[],
  dtype: 'float32' | 'int32' | 'bool',
): Tensor {
  return tf.tensor([...values], shape, dtype);
}

/** @param tensors while the operation runs; `null` before. */
function argumentsOf(config: OpConfig, tensors: readonly (() => Tensor)[] | null): OpArguments {
  const sizes = (i: number): StaticValues => {
    const { values, shape } = operandAt(config, i);
    if (values?.every((value) => value !== null)) return values;
    const tensor = tensors?.at(i);
    if (tensor) return [...tensor().dataSync()];
    if (values !== null) return values;
    const [count = 1, ...more] = shape;
    // A list of sizes of known length still determines the number of axes.
    if (count !== null && count <= MAX_AXES && more.length === 0) return new Array<null>(count).fill(null);
    return refuse(l10n.t('its argument {0} is only known while the model runs.', i));
  };
  const numbers = (i: number): number[] =>
    sizes(i).map((size) => size ?? refuse(l10n.t('its argument {0} is only known while the model runs.', i)));
  return {
    config,
    count: config.operands.length,
    isKnown: (i) =>
      tensors !== null || (operandAt(config, i).values?.every((value) => value !== null) ?? false),
    rank: (i) => operandAt(config, i).shape.length,
    sizes,
    numbers,
    number: (i) => numbers(i)[0] ?? refuse(l10n.t('its argument {0} is empty.', i)),
  };
}

function staticArguments(config: OpConfig): StaticArguments {
  return {
    config,
    count: config.operands.length,
    shape: (i) => operandAt(config, i).shape,
    values: (i) => operandAt(config, i).values,
  };
}
