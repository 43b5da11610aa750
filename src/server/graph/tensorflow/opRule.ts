import type { Shape } from '../../../shared/model';
import type { LayerRule } from '../layerRule';
import type { OpConfig, StaticValues } from '../opConfig';

/** The questions about a graph operation that need no tensors, besides those about any layer. */
export interface OpRule extends LayerRule {
  /** What output 0 holds, in TF.js's words (`float32`, `int32`, `bool`); left out, that of the first operand. */
  outputDtype?(config: OpConfig): string;
  /** What is known of output 0 where it is a small tensor of whole numbers, such as a shape. */
  staticValues?(config: OpConfig, output: Shape): StaticValues | null;
  /** What an operand is called where it is a weight, e.g. `filter`. */
  readonly operandNames?: readonly string[];
}

/** Finds the rule of a TensorFlow operation by its name there; injected, so that graph/ does not depend on layers/. */
export type OpBook = (op: string) => OpRule | undefined;
