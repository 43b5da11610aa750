import type { LayerglassError, Result } from '../errors';
import type { OutputKind, PredictedInput, Thumbnail } from '../results/gallery';
import type { Checked } from '../schemas';
import type { Progress } from '../view';
import type { GalleryFilter } from './galleryFilter';
import type { galleryChoice } from './gallerySchemas';

/** What a gallery page keeps over a reload of the window. */
export type GalleryChoice = Checked<typeof galleryChoice>;

/** The inputs of a model, as a page needs them: it names one by its place in the list. */
export interface GalleryContext {
  readonly modelPath: string;
  readonly fileName: string;
  /** Short names of the files and folders whose inputs are shown. */
  readonly sources: readonly string[];
  readonly names: readonly string[];
  /** Index of the class of each input; `null` where it has no label. */
  readonly truths: readonly (number | null)[];
  /** Names of the classes by index; empty where they are not known. */
  readonly labels: readonly string[];
  readonly preprocessing: string;
  /** Sentences about what is left out. */
  readonly notices: readonly string[];
  /** Of the list, see `InputList`. */
  readonly version: string;
  /** `null` before anything is predicted. */
  readonly kind: OutputKind | null;
  /** What is predicted so far. */
  readonly predictions: readonly (PredictedInput | null)[];
  readonly filter: GalleryFilter;
  /** Names of the outputs of the model. */
  readonly outputs: readonly string[];
  /** The one whose predictions are shown. */
  readonly output: number;
}

/** The inputs of a model. The extension owns what is shown, as on the explain page. */
export interface GalleryHost {
  /** Lists the inputs; their predictions follow with `predicted`. */
  ready(): Promise<Result<GalleryContext>>;
  setFilter(filter: GalleryFilter): Promise<void>;
  /** Shows the predictions of another output; they come with `setContext`. */
  setOutput(output: number): Promise<void>;
  /** @param places in the list, at most `MAX_BATCH` */
  thumbnails(places: readonly number[], side: number): Promise<Result<readonly Thumbnail[]>>;
  /** Explains an input; stepping there follows this gallery. */
  open(place: number): Promise<void>;
  /** Opens VS Code's own pickers. The new list comes with `setContext`; nothing comes when the user cancelled. */
  chooseSources(): Promise<void>;
  pickPreprocessing(): Promise<void>;
  /** Goes on with the predictions. @param insist even if a run is costly or ended its process before */
  predict(insist: boolean): Promise<void>;
  cancel(): Promise<void>;
  showLog(): Promise<void>;
}
export interface GalleryPage {
  setContext(context: GalleryContext): void;
  /** @param predictions of the inputs from a place on */
  predicted(from: number, predictions: readonly (PredictedInput | null)[], kind: OutputKind | null): void;
  /** Of the predictions; `null` when they have ended, are cancelled or failed. */
  progress(progress: Progress | null): void;
  /** The predictions ended before all inputs were predicted. */
  stopped(error: LayerglassError): void;
  serverDown(error: LayerglassError): void;
}
