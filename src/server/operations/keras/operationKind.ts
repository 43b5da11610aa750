import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { Shape } from '../../../shared/model';
import type { CallArguments } from '../../graph/callArguments';
import type { LayerConfig } from '../../graph/layerConfig';
import type { StaticValues } from '../../graph/opConfig';
import type { Activation, LayerKind, Tensor } from '../../layers/kind';
import { onlyShape, tensorAt } from '../../layers/support/layerInputs';
import { identity, noMask } from '../../layers/support/singleInput';
import { computeSized, type Operation, REMEDIES, Refusal, refuse } from '../operation';
import { constantTensor, type OperandConstant } from './constants';
import { type ArgumentInput, type Operand, OperationArguments, type Spelling } from './spelling';

/** No shape or index is longer. */
const MAX_NUMBERS = 64;

const NO_CALL: CallArguments = { args: [], kwargs: {} };

/** An operation of a functional graph as a layer kind: no weights, no mask. */
export function operationKind(spelling: Spelling): LayerKind {
  const bind = (
    config: LayerConfig,
    call: CallArguments,
    inputs: readonly ArgumentInput[],
  ): { operation: Operation; operands: Operand[] } => {
    const args = new OperationArguments(config, call, spelling.parameters, inputs);
    const operands = args.operands(spelling.operands ?? spelling.parameters);
    return { operation: spelling.operation(args), operands };
  };
  const count = (
    what: 'multiplyAdds' | 'work' | 'workspace',
    config: LayerConfig,
    inputs: readonly Shape[],
    call: CallArguments = NO_CALL,
  ): number | null =>
    withLayerName(config, () => {
      const { operation, operands } = bind(config, call, staticInputs(inputs, []));
      return operation[what]
        ? operation[what](operands.map((operand) => shapeOf(config, operand, inputs)))
        : 0;
    });
  const { role } = spelling;
  return {
    ...(role && { role }),
    isPassThrough: (config, inputs, call = NO_CALL) =>
      withLayerName(config, () => {
        const { operation, operands } = bind(config, call, staticInputs(inputs, []));
        const [operand] = operands;
        return operation.isPassThrough === true && operand !== undefined && slotIn(operand) === 0;
      }),
    permutation: (config, inputs, call = NO_CALL) =>
      withLayerName(config, () => {
        const { operation, operands } = bind(config, call, staticInputs(inputs, []));
        const [operand] = operands;
        if (!operation.permutation || operand === undefined || slotIn(operand) !== 0) return null;
        return operation.permutation(shapeOf(config, operand, inputs).length);
      }),
    outputShapes: (config, inputs, call = NO_CALL, values = []) =>
      withLayerName(config, () => {
        const { operation, operands } = bind(config, call, staticInputs(inputs, values));
        return operation.outputShapes(operands.map((operand) => shapeOf(config, operand, inputs)));
      }),
    outputValues: (config, inputs, call, values) =>
      withLayerName(config, () => {
        const { operation, operands } = bind(config, call, staticInputs(inputs, values));
        if (!operation.staticValues) return [];
        return operation.staticValues(
          operands.map((operand) => ({
            shape: shapeOf(config, operand, inputs),
            values:
              'constant' in operand ? staticValuesOf(operand.constant) : (values[operand.input] ?? null),
          })),
        );
      }),
    multiplyAdds: (config, inputs, _outputs, call) => count('multiplyAdds', config, inputs, call),
    work: (config, inputs, _outputs, call) => count('work', config, inputs, call),
    workspace: (config, inputs, _outputs, call) => count('workspace', config, inputs, call),
    forward: (ctx, inputs) =>
      withLayerName(ctx.config, () => {
        const { operation, operands } = bind(ctx.config, ctx.call, computedInputs(inputs));
        return computeSized(operation, ctx, tensorsOf(ctx.tf, ctx.config, operands, inputs));
      }),
    backward: (ctx, step) =>
      withLayerName(ctx.config, () => {
        const { operation, operands } = bind(ctx.config, ctx.call, computedInputs(step.inputs));
        if (!operation.backward) return step.inputs.map(() => null);
        const tensors = tensorsOf(ctx.tf, ctx.config, operands, step.inputs);
        const wanted = operands.map((operand) => 'input' in operand);
        const gradients = operation.backward(ctx, { ...step, inputs: tensors, requested: wanted });
        return step.inputs.map((_, slot) => {
          const own = operands.flatMap((operand, i) =>
            'input' in operand && operand.input === slot ? [gradients[i] ?? null] : [],
          );
          return own.reduce<Tensor | null>(
            (sum, part) => (sum && part ? ctx.tf.add(sum, part) : (sum ?? part)),
            null,
          );
        });
      }),
    mask: noMask,
  };
}

/** An operation that is an activation: run like a layer's activation, so that its values before and after are kept and rectifiers are recognized. */
export function activationKind(
  parameters: readonly string[],
  activation: (args: OperationArguments) => Activation,
): LayerKind {
  const of = (config: LayerConfig, call: CallArguments = NO_CALL): Activation =>
    withLayerName(config, () => activation(new OperationArguments(config, call, parameters, [])));
  return {
    ...identity,
    outputShapes(config, inputs, call) {
      of(config, call);
      return [onlyShape(config, inputs)];
    },
    activationName: (config, call) => of(config, call).name,
    activation: (config, _weights, call) => of(config, call),
    mask: noMask,
  };
}

const slotIn = (operand: Operand): number | null => ('input' in operand ? operand.input : null);

const staticInputs = (inputs: readonly Shape[], values: readonly (StaticValues | null)[]): ArgumentInput[] =>
  inputs.map((shape, i) => ({ shape, values: () => values[i] ?? null }));

const computedInputs = (inputs: readonly Tensor[]): ArgumentInput[] =>
  inputs.map((tensor) => ({
    shape: tensor.shape,
    values() {
      if (tensor.size > MAX_NUMBERS)
        refuse(l10n.t('{0} values cannot be the sizes of a shape.', tensor.size));
      return [...tensor.dataSync()];
    },
  }));

/** The numbers of a constant that may be part of a shape. */
const staticValuesOf = ({ values }: OperandConstant): StaticValues | null =>
  values.length <= MAX_NUMBERS && values.every(Number.isSafeInteger) ? values : null;

/** Adds the name of the layer to the cause that the operation states. */
function withLayerName<T>(config: LayerConfig, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    return fail(thrown.kind, l10n.t('Layer "{0}" cannot be computed: {1}', config.path, thrown.message), {
      subject: config.path,
      remedy: REMEDIES[thrown.kind],
    });
  }
}

function shapeOf(config: LayerConfig, operand: Operand, inputs: readonly Shape[]): Shape {
  if ('constant' in operand) return operand.constant.shape;
  const shape = inputs[operand.input];
  return shape ?? config.bad('inputs', l10n.t('tensors of the model'), operand.input);
}

function tensorsOf(
  tf: Parameters<typeof constantTensor>[0],
  config: LayerConfig,
  operands: readonly Operand[],
  inputs: readonly Tensor[],
): Tensor[] {
  const given = operands.flatMap((operand) =>
    'input' in operand ? [tensorAt(config, inputs, operand.input)] : [],
  );
  return operands.map((operand) =>
    'input' in operand
      ? tensorAt(config, inputs, operand.input)
      : constantTensor(tf, operand.constant, given),
  );
}
