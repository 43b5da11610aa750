import type { Disposable } from 'vscode';
import type { CompareChoice } from '../../../shared/compare/compareView';
import type { Comparison } from '../../../shared/compare/comparison';
import type { LayerglassError } from '../../../shared/errors';

/** What makes one page another one than the next. */
export type ComparedModels = Pick<CompareChoice, 'modelPath' | 'otherPath' | 'code'>;

/** A page of two models, or of a model and code. */
export interface ComparedPage extends Disposable {
  shows(models: ComparedModels): boolean;
  /** Whether one of its models is in this file. */
  has(path: string): boolean;
  reveal(): void;
  /** A model was reopened: the page requests its data again. */
  reopened(): void;
  serverDown(error: LayerglassError): void;
}

/** What a page found, and about which files. */
export interface ShownComparison {
  readonly choice: CompareChoice;
  readonly comparison: Comparison;
}
