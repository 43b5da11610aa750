import type { ForeignCode, ModelFormat } from '../../../shared/model';

/** A tensor in the file. */
export interface Constant {
  readonly shape: readonly number[];
  /** In TF.js's names. */
  readonly dtype: string;
  /** Read immediately where it may be an argument such as a shape or an axis; `null` for weights. */
  readonly values: readonly number[] | null;
  /** Whether training changes it; false when left out. */
  readonly trainable?: boolean;
}

export interface OpGraphSource {
  /** A `GraphDef` as JSON: untrusted. */
  readonly topology: unknown;
  readonly signature: unknown;
  /** By name of the `Const` node. */
  readonly constants: ReadonlyMap<string, Constant>;
  /** The folder or file with the missing constants, as text, where it is known but does not exist. */
  readonly constantsFrom?: string;
  readonly notices?: readonly string[];
  readonly foreignCode?: readonly ForeignCode[];
  readonly format: ModelFormat;
  /** For messages. */
  readonly path: string;
}
