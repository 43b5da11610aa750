import type { Shape } from '../../../shared/model';
import type { LayerConfig } from '../../graph/layerConfig';
import type { WeightSpec } from '../../graph/layerRule';
import type { Where } from '../convolution/convolutionOps';
import type { Activation, Tensor, TF } from '../kind';

/**
 * One time step: the new states, the output being the first of them, and what the way back needs.
 * A type, not an interface, and mutable: so `tf.tidy` takes it as a container of tensors.
 */
export type CellStep = { states: Tensor[]; memo: Record<string, Tensor> };

export interface CellGradients {
  /** To what `project` gave for this step. */
  readonly projected: Tensor;
  /** To each state before the step. */
  readonly states: readonly Tensor[];
}

/** A recurrent cell with its weights, on one backend. The part that sees only the input is computed for all steps at once. */
export interface Cell {
  /** @param inputs [steps, ...]; what of each step does not depend on the states, bias included. */
  project(inputs: Tensor): Tensor;
  /** dScore/dInputs from the gradient of what `project` gave for inputs of `shape`. */
  unproject(gradient: Tensor, shape: readonly number[]): Tensor;
  /** @param projected one step of each example, [batch, ...]. */
  step(projected: Tensor, states: readonly Tensor[]): CellStep;
  /** @param gradients to each state after the step. */
  back(step: CellStep, states: readonly Tensor[], gradients: readonly Tensor[]): CellGradients;
}

/** What is known of a kind of cell without tensors, and how one is made. Its activations act inside each step. */
export interface CellRule {
  /** The shape of each state; the first is the output's. @param input of one step, batch axis first. */
  stateShapes(config: LayerConfig, input: Shape): readonly Shape[];
  /** At `vars/<position>` below the cell. */
  weights(config: LayerConfig, input: Shape): readonly WeightSpec[];
  bind(where: Where, config: LayerConfig, weights: readonly Tensor[]): Cell;
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
