import type { Activation, Tensor, TF } from './kind';

/** What a cell computes with: recurrent kernel [units, gates * units] and, for a GRU, the bias inside its reset. */
export interface CellWeights {
  readonly recurrent: Tensor;
  readonly recurrentBias: Tensor | null;
}

/**
 * One time step: the new states, the output being the first of them, and what the way back needs.
 * A type, not an interface, and mutable: so `tf.tidy` takes it as a container of tensors.
 */
export type CellStep = { states: Tensor[]; memo: Record<string, Tensor> };

export interface CellGradients {
  /** To the projected input, [batch, gates * units]. */
  readonly projected: Tensor;
  /** To each state before the step. */
  readonly states: readonly Tensor[];
}

/** A recurrent cell between the projection of its input and its states; `null` activations are linear. */
export interface Cell {
  /** How many blocks of `units` columns its kernels have. */
  readonly gates: number;
  readonly stateCount: number;
  /** @param projected input x kernel + bias, [batch, gates * units]. */
  step(tf: TF, projected: Tensor, states: readonly Tensor[], weights: CellWeights): CellStep;
  /** @param gradients to each state after the step. */
  back(
    tf: TF,
    step: CellStep,
    states: readonly Tensor[],
    gradients: readonly Tensor[],
    weights: CellWeights,
  ): CellGradients;
}

/** Element `index`; a cell's own lists are never too short. */
export function at(tensors: readonly Tensor[], index: number): Tensor {
  const tensor = tensors[index];
  if (tensor === undefined) throw new RangeError(`A recurrent cell lacks tensor ${index}.`);
  return tensor;
}

/** Reads a value that `step` kept. */
export function kept({ memo }: CellStep, name: string): Tensor {
  const tensor = memo[name];
  if (tensor === undefined) throw new RangeError(`A recurrent cell did not keep "${name}".`);
  return tensor;
}

export function activate(tf: TF, activation: Activation | null, pre: Tensor): Tensor {
  return activation ? activation.forward(tf, pre) : pre;
}

export function unactivate(
  tf: TF,
  activation: Activation | null,
  pre: Tensor,
  out: Tensor,
  gradient: Tensor,
): Tensor {
  return activation ? activation.backward(tf, pre, out, gradient) : gradient;
}
