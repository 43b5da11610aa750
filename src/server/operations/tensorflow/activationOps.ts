import { LayerConfig } from '../../graph/layerConfig';
import type { OpConfig } from '../../graph/opConfig';
import { buildActivation } from '../../layers/activations/activations';
import { prelu } from '../../layers/activations/rectifiers';
import type { Activation, Tensor } from '../../layers/kind';
import { identity } from '../identity';
import { type OpKind, type OpTable, opKind } from './opKind';

interface ActivationSpelling {
  /** Keras's name. */
  readonly name: string;
  args?(config: OpConfig): Record<string, unknown>;
}

/** Operations that are one of Keras's activations, and the arguments that Keras gives it. */
const ACTIVATIONS: ReadonlyMap<string, ActivationSpelling> = new Map<string, ActivationSpelling>([
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
      // Fused into another operation its slope has another key.
      args: (config) => ({ negative_slope: config.raw('leakyrelu_alpha') ?? config.raw('alpha') ?? 0.2 }),
    },
  ],
]);

/** Keras's name of the activation that an operation is; `null` for other operations. */
export const activationNameOf = (op: string): string | null =>
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

/** `forward` returns the operand, the value before the activation, which `activation` then computes. */
const activationOp = (op: string): OpKind =>
  opKind({
    operandNames: ['features', 'alpha'],
    operation: identity,
    activationName: () => activationNameOf(op),
    activation: (config, weights) => activationFor(op, config, weights),
  });

/** The TensorFlow.js converter turns `relu(x) - alpha * relu(-x)` into `Prelu`. */
export const activationOps: OpTable = Object.fromEntries(
  [...ACTIVATIONS.keys(), 'Prelu'].map((op) => [op, activationOp(op)]),
);
