import type { ColourMapName } from './colourMaps';
import type { LayerglassError, Result } from './errors';
import type { Explanation, TargetChoice } from './explanation';
import type { ChannelTiles, LayerValues } from './layerValues';
import type { ModelSummary } from './model';
import type { ExplainableLayers, ExportFormat } from './protocol';
import type { Checked, explainChange, explainChoice, layerChoice, stage } from './schemas';

/**
 * What the extension and its pages say to each other. Each page is two interfaces: what the page may call
 * on the extension (`...Host`) and what the extension may tell the page (`...Page`, no answers).
 * `Messages<...>` derives what travels through postMessage; both ends are typed by it.
 */
type Methods<T> = { [K in keyof T]: T[K] extends (...args: infer A) => unknown ? A : never };

/** Page to extension: a call with a number, answered by `Reply` with the same number. */
export type Call<Host> = {
  [K in keyof Host & string]: { readonly id: number; readonly call: K; readonly args: Methods<Host>[K] };
}[keyof Host & string];
export type Reply =
  | { readonly reply: number; readonly value: unknown }
  | { readonly reply: number; readonly error: LayerglassError };
/** Extension to page. */
export type Tell<Page> = {
  [K in keyof Page & string]: { readonly tell: K; readonly args: Methods<Page>[K] };
}[keyof Page & string];

export interface Progress {
  /** 0..1, null when the length is not known. */
  readonly fraction: number | null;
  readonly message: string;
}

export type ExplainChoice = Checked<typeof explainChoice>;
export type ExplainChange = Checked<typeof explainChange>;

export interface ExplainContext {
  readonly choice: ExplainChoice;
  readonly summary: ModelSummary;
  readonly layers: ExplainableLayers;
  readonly labels: readonly string[];
  /** One short name an input, for the header: file name or "random, seed 1". */
  readonly inputNames: readonly string[];
}

/** The extension owns the choice: the page says what the user changed in it, and shows the choice that comes back. */
export interface ExplainHost {
  /** Asked first, also by a page that comes back: everything the page needs before it can ask for an explanation. */
  ready(): Promise<Result<ExplainContext>>;
  /** The user changed something; answers with the choice as it is then. */
  change(change: ExplainChange): Promise<ExplainChoice>;
  /**
   * Explains the choice.
   * @param knownInput `inputKey` of an explanation that the page still has.
   * @param compared another target to explain in place of the choice's, which stays what is exported and restored.
   */
  explain(knownInput: string | null, compared: TargetChoice | null): Promise<Result<Explanation>>;
  /**
   * The user chose "Try again" or "Run anyway": said before the question is asked once more, which alone would be refused.
   * @param insist the run is to be made although it is costly or ended its process before.
   */
  retry(insist: boolean): Promise<void>;
  cancel(): Promise<void>;
  /** Opens VS Code's own pickers; answers with the changed context, or null when the user cancelled. */
  pickInput(): Promise<ExplainContext | null>;
  pickPreprocessing(): Promise<ExplainContext | null>;
  editLabels(): Promise<ExplainContext | null>;
  exportMap(formats: readonly ExportFormat[]): Promise<Result<readonly string[]> | null>;
  openLayer(layer: string): Promise<void>;
  /** The page itself failed: its stack belongs into the log. */
  failed(error: LayerglassError): Promise<void>;
  showLog(): Promise<void>;
}
export interface ExplainPage {
  progress(progress: Progress | null): void;
  /** From outside the page: "Explain Here" in the tree, a restarted server, labels changed. */
  setContext(context: ExplainContext): void;
  serverDown(error: LayerglassError): void;
}

export type LayerChoice = Checked<typeof layerChoice>;
export type Stage = Checked<typeof stage>;

/** The extension owns the choice, as on the explain page. */
export interface LayerHost {
  ready(): Promise<Result<{ readonly choice: LayerChoice; readonly inputNames: readonly string[] }>>;
  /** The values of the panel's layer, for its input. */
  values(): Promise<Result<LayerValues>>;
  /**
   * The user chose "Try again" or "Run anyway": said before the question is asked once more, which alone would be refused.
   * @param insist the run is to be made although it is costly or ended its process before.
   */
  retry(insist: boolean): Promise<void>;
  tiles(stage: Stage, from: number, count: number, colourMap: ColourMapName): Promise<Result<ChannelTiles>>;
  /** Opens VS Code's own picker. The new choice comes with `setChoice`; nothing comes when the user cancelled. */
  pickInput(): Promise<void>;
  cancel(): Promise<void>;
  showLog(): Promise<void>;
}
export interface LayerPage {
  progress(progress: Progress | null): void;
  setChoice(choice: LayerChoice, inputNames: readonly string[]): void;
  serverDown(error: LayerglassError): void;
}

/** The read-only editor of `.keras` and `.h5` files. */
export interface SummaryHost {
  ready(): Promise<Result<{ readonly fileName: string; readonly summary: ModelSummary }>>;
  /** The user chose "Try again": said before the question is asked once more, which alone would be refused. */
  retry(): Promise<void>;
  explain(layer: string | null): Promise<void>;
  openLayer(layer: string): Promise<void>;
  copy(text: string): Promise<void>;
  /** Opens the file that the last error suggested. */
  openSuggestion(): Promise<void>;
  showLog(): Promise<void>;
}
export interface SummaryPage {
  setSummary(summary: ModelSummary): void;
  serverDown(error: LayerglassError): void;
}
