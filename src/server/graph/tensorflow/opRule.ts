import type { Shape } from '../../../shared/model';
import type { LayerRule } from '../layerRule';
import type { OpConfig, StaticValues } from '../opConfig';

/** What is known of a graph operation without any tensors, beyond what is known of any layer. */
export interface OpRule extends LayerRule {
  /** Type of output 0 in TF.js's names (`float32`, `int32`, `bool`); left out, that of the first operand. */
  outputDtype?(config: OpConfig): string;
  /** The known values of output 0, where it is a small integer tensor such as a shape. */
  staticValues?(config: OpConfig, output: Shape): StaticValues | null;
  /** Names of the operands that are weights, e.g. `filter`, by position. */
  readonly operandNames?: readonly string[];
}

/** Returns the rule of a TensorFlow operation by its name; injected, so that graph/ does not depend on layers/. */
export type OpRuleLookup = (op: string) => OpRule | undefined;
