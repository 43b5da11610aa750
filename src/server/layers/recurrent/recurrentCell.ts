import type { Shape } from '../../../shared/model';
import type { LayerConfig } from '../../graph/layerConfig';
import type { WeightSpec } from '../../graph/layerRule';
import type { ComputeContext } from '../convolution/convolutionOps';
import type { Activation, LoopOperator, Tensor, TF } from '../kind';

/**
 * The result of one time step: the new states, the first of which is the output, and the values that the backward pass
 * needs. A mutable type alias, which `tf.tidy` accepts as a container of tensors.
 */
export type CellStep = { states: Tensor[]; memo: Record<string, Tensor> };

export interface CellGradients {
  /** With respect to the projected input of this step. */
  readonly projected: Tensor;
  /** With respect to each state before the step. */
  readonly states: readonly Tensor[];
}

/** A recurrent cell with its weights. `project` computes the part that depends on the input only, for all steps together. */
export interface Cell {
  /** The part of each step that does not depend on the states, with the bias. @param inputs [steps, ...]. */
  project(inputs: Tensor): Tensor;
  /** dScore/dInputs from the gradient of the output of `project`, for inputs of `shape`. */
  unproject(gradient: Tensor, shape: readonly number[]): Tensor;
  /** @param projected one step of each example, [batch, ...]. */
  step(projected: Tensor, states: readonly Tensor[]): CellStep;
  /** Its loop as an operator of ONNX, where it is one. */
  operator?(): Omit<LoopOperator, 'input'>;
  /** @param gradients to each state after the step. */
  back(step: CellStep, states: readonly Tensor[], gradients: readonly Tensor[]): CellGradients;
}

/** The static rules of a cell class, and `bind`, which creates a cell. Activations act inside each step. */
export interface CellRule {
  /** The shape of each state; the first is the output's. @param input of one step, batch axis first. */
  stateShapes(config: LayerConfig, input: Shape): readonly Shape[];
  /** At `vars/<position>` below the cell. */
  weights(config: LayerConfig, input: Shape): readonly WeightSpec[];
  bind(context: ComputeContext, config: LayerConfig, weights: readonly Tensor[]): Cell;
}

/** Element `index`; a cell's own lists are never too short. */
export function at(tensors: readonly Tensor[], index: number): Tensor {
  const tensor = tensors[index];
  if (tensor === undefined) throw new RangeError(`A recurrent cell lacks tensor ${index}.`);
  return tensor;
}

/** Reads a value that `step` stored. */
export function kept({ memo }: CellStep, name: string): Tensor {
  const tensor = memo[name];
  if (tensor === undefined) throw new RangeError(`A recurrent cell did not store "${name}".`);
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
