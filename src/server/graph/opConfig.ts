import type { Shape } from '../../shared/model';
import { LayerConfig } from './layerConfig';

/** A whole number of a small tensor that is known before anything runs, `null` where only its place is. */
export type StaticValues = readonly (number | null)[];

/** One argument of a graph operation: what another one computes, a weight, or a constant so small that it is an argument. */
export interface Operand {
  readonly from: 'input' | 'weight' | 'value';
  /** Position among the node's inputs or its weights. */
  readonly index: number;
  readonly shape: Shape;
  readonly dtype: string;
  /** Row-major, of constants and of what follows from static shapes; `null` where nothing is known. */
  readonly values: StaticValues | null;
  /** Whether it depends on what the model is fed: what does not needs no gradient. */
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
