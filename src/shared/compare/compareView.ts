import type { LayerglassError, Result } from '../errors';
import type { Explanation } from '../explanation';
import type { Checked } from '../schemas';
import type { Progress } from '../view';
import type { compareChoice, comparedModel, modelCode } from './compareSchemas';
import type { Comparison } from './comparison';

export type CompareChoice = Checked<typeof compareChoice>;
export type ModelCode = Checked<typeof modelCode>;
/** Model A or model B. */
export type ComparedModel = Checked<typeof comparedModel>;

export interface CompareContext {
  readonly choice: CompareChoice;
  /** How the two models are called: file names, with folders where those are the same. */
  readonly names: { readonly a: string; readonly b: string };
  /** Empty where no input was chosen: then no values are compared. */
  readonly inputNames: readonly string[];
}

/** The heat maps of both models for the class that A predicts. */
export interface ComparedMaps {
  readonly a: Explanation;
  readonly b: Explanation;
}

/** Two models side by side. The extension owns the choice. */
export interface CompareHost {
  ready(): Promise<Result<CompareContext>>;
  compare(): Promise<Result<Comparison>>;
  /** On the chosen input. */
  maps(): Promise<Result<ComparedMaps>>;
  /** Of code, the line that makes the layer. */
  openLayer(model: ComparedModel, layer: string): Promise<void>;
  /** Makes A of B and B of A. The new context comes with `setContext`. */
  swap(): Promise<void>;
  /** Opens VS Code's own picker. The new context comes with `setContext`; nothing comes when the user cancelled. */
  pickInput(): Promise<void>;
  /**
   * The user chose "Try Again" or "Run Anyway". Called before the request is repeated, which would otherwise be refused.
   * @param insist run even if it is costly or ended its process before
   */
  retry(insist: boolean): Promise<void>;
  cancel(): Promise<void>;
  showLog(): Promise<void>;
}
export interface ComparePage {
  progress(progress: Progress | null): void;
  setContext(context: CompareContext): void;
  serverDown(error: LayerglassError): void;
}
