import type { Shape } from '../../shared/model';
import { LayerConfig } from './layerConfig';

/** The integers of a small tensor that are known before anything runs, `null` for each that is not. */
export type StaticValues = readonly (number | null)[];

/** One argument of a graph operation: the value of another operation, a weight, or a small constant. */
export interface Operand {
  readonly from: 'input' | 'weight' | 'value';
  /** Position among the node's inputs or its weights. */
  readonly index: number;
  readonly shape: Shape;
  readonly dtype: string;
  /** Row-major; known for constants and for what follows from static shapes, else `null`. */
  readonly values: StaticValues | null;
  /** Whether it depends on the model's inputs; if not, it needs no gradient. */
  readonly varies: boolean;
}

/** The attributes of a graph operation with its operands in their order. */
export class OpConfig extends LayerConfig {
  constructor(
    values: Readonly<Record<string, unknown>>,
    path: string,
    readonly operands: readonly Operand[],
  ) {
    // The activations that operations share with Keras's layers are those of Keras 3.
    super(values, path, 3);
  }
}
