import { LayerConfig } from '../../graph/layerConfig';
import type { OpConfig } from '../../graph/opConfig';
import { buildActivation } from '../../layers/activations/activations';
import { prelu } from '../../layers/activations/rectifiers';
import type { Activation, Tensor } from '../../layers/kind';
import { identity } from '../identity';
import { type OpKind, type OpTable, opKind } from './opKind';

interface Spelled {
  /** Keras's name. */
  readonly name: string;
  args?(config: OpConfig): Record<string, unknown>;
}

/** Operations that are one of Keras's activations, and the arguments that Keras gives it. */
const ACTIVATIONS: ReadonlyMap<string, Spelled> = new Map<string, Spelled>([
  ['Relu', { name: 'relu' }],
  ['Relu6', { name: 'relu6' }],
  ['Elu', { name: 'elu' }],
  ['Selu', { name: 'selu' }],
  ['Softplus', { name: 'softplus' }],
  ['Softsign', { name: 'softsign' }],
  ['Sigmoid', { name: 'sigmoid' }],
  ['Tanh', { name: 'tanh' }],
  ['Softmax', { name: 'softmax' }],
  ['LogSoftmax', { name: 'log_softmax' }],
  [
    'LeakyRelu',
    {
      name: 'leaky_relu',
      // Fused into another operation it has its slope under another name.
      args: (config) => ({ negative_slope: config.raw('leakyrelu_alpha') ?? config.raw('alpha') ?? 0.2 }),
    },
  ],
]);

/** Keras's name of the activation that an operation is; `null` for one that is none. */
export const activationCalled = (op: string): string | null =>
  op === 'Prelu' ? 'prelu' : (ACTIVATIONS.get(op)?.name ?? null);

/**
 * The activation that an operation is, alone or fused into another whose attributes are `config`.
 * @param weights of the operation; the last are the slopes of a `Prelu`.
 */
export function activationFor(op: string, config: OpConfig, weights: readonly Tensor[]): Activation | null {
  if (op === 'Prelu') {
    const slopes = weights.at(-1);
    if (slopes === undefined) throw new RangeError(`operation "${config.path}" has no slopes for its Prelu`);
    return prelu(slopes);
  }
  const found = ACTIVATIONS.get(op);
  return found
    ? buildActivation({ name: found.name, args: new LayerConfig(found.args?.(config) ?? {}, config.path, 3) })
    : null;
}

/** `forward` hands the operand on: it is the value before the activation, and `activation` does the work. */
const activationOp = (op: string): OpKind =>
  opKind({
    operandNames: ['features', 'alpha'],
    operation: identity,
    activationName: () => activationCalled(op),
    activation: (config, weights) => activationFor(op, config, weights),
  });

/** `Prelu` is what the TensorFlow.js converter makes of `relu(x) - alpha * relu(-x)`. */
export const activationOps: OpTable = Object.fromEntries(
  [...ACTIVATIONS.keys(), 'Prelu'].map((op) => [op, activationOp(op)]),
);
