import type { LayerglassError, Result } from '../errors';
import type { ExplainableLayers } from '../protocol';
import type { CheckpointList, EpochReport } from '../results/checkpoints';
import type { Checked } from '../schemas';
import type { Progress } from '../view';
import type { checkpointsChange, checkpointsChoice } from './checkpointSchemas';

export type CheckpointsChoice = Checked<typeof checkpointsChoice>;
export type CheckpointsChange = Checked<typeof checkpointsChange>;

export interface CheckpointsContext {
  readonly choice: CheckpointsChoice;
  readonly folderName: string;
  readonly list: CheckpointList;
  /** Of the epoch that stands for all. */
  readonly layers: ExplainableLayers;
  /** Of the chosen output. */
  readonly labels: readonly string[];
  /** Names of the outputs of the model. */
  readonly outputs: readonly string[];
  readonly inputNames: readonly string[];
}

/** The epochs of a training on one input. The extension owns the choice; the page asks for one epoch after the other. */
export interface CheckpointsHost {
  /** Lists the folder anew. */
  ready(): Promise<Result<CheckpointsContext>>;
  /** @param index among the files of the list */
  epoch(index: number): Promise<Result<EpochReport>>;
  /** Another output has other names of classes: they come with `setContext`. */
  change(change: CheckpointsChange): Promise<CheckpointsChoice>;
  /** Opens the explain page of an epoch, with the same input, method, layer and target. */
  openEpoch(index: number): Promise<void>;
  /** Opens VS Code's own picker. The new choice comes with `setContext`; nothing comes when the user cancelled. */
  pickInput(): Promise<void>;
  /**
   * The user chose "Try Again" or "Run Anyway". Called before the requests are repeated, which would otherwise be refused.
   * @param insist run even if it is costly or ended its process before
   */
  retry(insist: boolean): Promise<void>;
  /** Cancels the epoch that is computed. */
  cancel(): Promise<void>;
  showLog(): Promise<void>;
}
export interface CheckpointsPage {
  /** Of the epoch that is computed. */
  progress(progress: Progress | null): void;
  setContext(context: CheckpointsContext): void;
  serverDown(error: LayerglassError): void;
}
