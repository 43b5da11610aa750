import type { InputEdit } from './edits/inputEdit';
import type { SaveFormat } from './edits/saveFormats';
import type { LayerglassError, Result } from './errors';
import type { Explanation } from './explanation';
import type { Preprocessing } from './inputs';
import type { LayerValues } from './layerValues';
import type { ModelSummary, WireTensor } from './model';
import type { ExplainableLayers, ExportFormat } from './protocol';
import type { ChannelMap, ChannelTiles, LayerChannels } from './results/channels';
import type { DoctorFinding } from './results/doctor';
import type { EditableInput } from './results/editableInput';
import type { ExportedSet } from './results/exportSet';
import type { ModelHealth } from './results/health';
import type { DrawnQuantities } from './results/layerQuantities';
import type { ModelConfig } from './results/modelConfig';
import type { TensorExportFormat, TensorSlice } from './results/tensorSlice';
import type { DrawnTrace } from './results/tracing';
import type { Trust } from './results/trust';
import type { OpenedUnit } from './results/unit';
import type {
  ExportedWeights,
  FilterOrder,
  FilterScale,
  FilterTiles,
  LayerWeights,
  WeightStatistics,
  WeightValues,
} from './results/weights';
import type { WasItTheInput, WhatWouldChange } from './results/whatIf';
import type {
  Checked,
  comparison,
  explainChange,
  explainChoice,
  healthChoice,
  layerChoice,
  stage,
  tensorAxes,
  unitAsked,
} from './schemas';
import type { InputPosition } from './sources/inputPosition';
import type { TypedKind } from './sources/typedInput';
import type { Mark } from './timeLine';

/**
 * The interface between the extension and its pages. Each page has two: methods of the extension that the page may call
 * (`...Host`), and methods of the page that the extension may call without a result (`...Page`). `Call`, `Reply` and `Tell`
 * are the messages that postMessage carries; they are derived from these interfaces.
 */
type Methods<T> = { [K in keyof T]: T[K] extends (...args: infer A) => unknown ? A : never };

/** Page to extension: a call with an id; the `Reply` has the same id. */
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
  /** 0..1, null when unknown. */
  readonly fraction: number | null;
  readonly message: string;
}

export type ExplainChoice = Checked<typeof explainChoice>;
export type ExplainChange = Checked<typeof explainChange>;
export type Comparison = NonNullable<Checked<typeof comparison>>;

export interface ExplainContext {
  readonly choice: ExplainChoice;
  readonly summary: ModelSummary;
  readonly layers: ExplainableLayers;
  readonly labels: readonly string[];
  /** Where the names of the classes come from, as a part of a sentence; `null` without names. */
  readonly labelsFrom: string | null;
  /** Sentences about names that were found and are not used. */
  readonly labelNotices: readonly string[];
  /** Why the preprocessing is probably this one, where nobody has chosen it; else `null`. */
  readonly preprocessingGuess: string | null;
  /** One short name per input, for the header: a file name or "random, seed 1". */
  readonly inputNames: readonly string[];
  /** What can be typed for each input of the model; `null` for one that is not typed. */
  readonly typed: readonly (TypedKind | null)[];
}

/** What can be asked about an explanation that is shown. */
export interface Answers {
  readonly trust: Trust;
  readonly whatWouldChange: WhatWouldChange;
  readonly wasItTheInput: WasItTheInput;
}

/** An explanation, with what was answered before about the same explanation. */
export interface Explained extends Explanation {
  readonly answers?: Partial<Answers>;
}

/** The extension owns the choice: the page sends the user's changes and shows the choice that is returned. */
export interface ExplainHost {
  /** The first call of a page, also after it was hidden: what the page needs before it can request an explanation. */
  ready(): Promise<Result<ExplainContext>>;
  /** Merges a change by the user. @returns the new choice */
  change(change: ExplainChange): Promise<ExplainChoice>;
  /**
   * Explains the choice.
   * @param knownInput `inputKey` of an explanation that the page still has
   * @param compared another target, method or layer, explained only for comparison: the choice stays the one exported and restored
   */
  explain(knownInput: string | null, compared: Comparison | null): Promise<Result<Explained>>;
  /** The first map was painted. @param marks what the page reached on the way */
  painted(marks: readonly Mark[]): Promise<void>;
  /**
   * Questions about the choice. One is answered at a time: a new one, or a changed choice, cancels the one before it.
   * @param insist run even if it is costly or ended its process before
   */
  trust(insist: boolean): Promise<Result<Trust>>;
  whatWouldChange(insist: boolean): Promise<Result<WhatWouldChange>>;
  wasItTheInput(insist: boolean): Promise<Result<WasItTheInput>>;
  cancelQuestion(): Promise<void>;
  /**
   * The user chose "Try Again" or "Run Anyway". Called before the request is repeated, which would otherwise be refused.
   * @param insist run even if it is costly or ended its process before
   */
  retry(insist: boolean): Promise<void>;
  cancel(): Promise<void>;
  /** Opens VS Code's own pickers. @returns the changed context, or null when the user cancelled */
  pickInput(): Promise<ExplainContext | null>;
  /** Where the input lies among those that can be stepped through; `null` where it is the only one. */
  position(): Promise<InputPosition | null>;
  /** Explains another of them, by its index from 0, with the same method, layer and target. @returns the changed context */
  step(at: number): Promise<Result<ExplainContext>>;
  /**
   * Explains the nearest input that is not predicted as it is labelled. Inputs on the way that are not predicted yet are predicted.
   * @returns `null` where there is none
   */
  nextWrong(direction: 'next' | 'previous'): Promise<Result<ExplainContext | null>>;
  /** Opens the page with all inputs of the model. */
  openGallery(): Promise<void>;
  /** Makes a typed text an input. @returns the changed context */
  typeInput(input: number, text: string): Promise<Result<ExplainContext>>;
  /** Makes a file of the workspace an input that was dragged from the explorer or a tab. */
  dropUri(input: number, uri: string): Promise<Result<ExplainContext>>;
  /** Makes a file of another program an input. @param contents base64, at most `MAX_DROPPED_BYTES` */
  dropContents(input: number, name: string, contents: string): Promise<Result<ExplainContext>>;
  /** An input as it is before it is edited, and the prediction for it. */
  editable(input: number): Promise<Result<EditableInput>>;
  /** Replaces the edits of an input; none gives the input back as it was. @returns the changed context */
  editInput(input: number, edits: readonly InputEdit[]): Promise<Result<ExplainContext>>;
  /**
   * Asks for a file and writes an input with its edits to it.
   * @returns the name of the file, or null when the user cancelled
   */
  saveInput(input: number, formats: readonly SaveFormat[]): Promise<Result<string | null>>;
  pickPreprocessing(): Promise<ExplainContext | null>;
  /** As if the user had picked it. */
  setPreprocessing(preprocessing: Preprocessing): Promise<ExplainContext | null>;
  /** What is wrong with the model for the chosen input; `null` where there is nothing to say. */
  doctor(): Promise<Result<DoctorFinding | null>>;
  editLabels(): Promise<ExplainContext | null>;
  exportMap(formats: readonly ExportFormat[]): Promise<Result<readonly string[]> | null>;
  /** Exports everything about the explanation to a folder that the user selects. @returns null when the user cancelled */
  exportSet(): Promise<Result<ExportedSet> | null>;
  /** The output of a layer, the gradient of the explained score at it, and the channel weights. */
  layerQuantities(layer: string): Promise<Result<DrawnQuantities>>;
  /** The values of an image input; `null` when too large to send. */
  inputValues(input: number): Promise<Result<WireTensor | null>>;
  openLayer(layer: string): Promise<void>;
  /** Opens the page with the statistics of all layers. */
  openHealth(): Promise<void>;
  /** Reports a failure of the page itself, for the log. */
  failed(error: LayerglassError): Promise<void>;
  showLog(): Promise<void>;
}
export interface ExplainPage {
  progress(progress: Progress | null): void;
  /** Of the question that is being answered. */
  questionProgress(progress: Progress | null): void;
  /** After a change outside the page: "Explain Here" in the tree, a restarted server, new labels. */
  setContext(context: ExplainContext): void;
  serverDown(error: LayerglassError): void;
}

export type LayerChoice = Checked<typeof layerChoice>;
export type HealthChoice = Checked<typeof healthChoice>;
export type UnitAsked = Checked<typeof unitAsked>;
/** One value taken apart, with the names of its layer's units where they are classes. */
export interface ShownUnit {
  readonly unit: OpenedUnit;
  readonly names: readonly string[];
}
export type TensorAxes = Checked<typeof tensorAxes>;
export type Stage = Checked<typeof stage>;

export interface LayerContext {
  readonly choice: LayerChoice;
  readonly inputNames: readonly string[];
  /** The layer has weights only: it is of a file that does not describe its layers, or of an unknown class. */
  readonly weightsOnly?: true;
}

/** The extension owns the choice, as on the explain page. */
export interface LayerHost {
  ready(): Promise<Result<LayerContext>>;
  /** The values of the panel's layer, for its input. */
  values(): Promise<Result<LayerValues>>;
  /**
   * The user chose "Try Again" or "Run Anyway". Called before the request is repeated, which would otherwise be refused.
   * @param insist run even if it is costly or ended its process before
   */
  retry(insist: boolean): Promise<void>;
  /** Where the values of the layer's units come from; of one unit also its arithmetic, and the check of a number. */
  trace(unit: number | null, check: number | null): Promise<Result<DrawnTrace>>;
  /** The trace of one unit with its effective receptive field. */
  effectiveField(unit: number): Promise<Result<DrawnTrace>>;
  /** The config of the panel's layer. Needs no input. */
  config(): Promise<Result<ModelConfig>>;
  /** How one value is computed. */
  openUnit(asked: UnitAsked): Promise<Result<ShownUnit>>;
  /** Shows another layer. The new choice comes with `setChoice`. */
  showLayer(layer: string): Promise<void>;
  copy(text: string): Promise<void>;
  /** The weights of the panel's layer, from the file alone. */
  weights(): Promise<Result<LayerWeights>>;
  /** @param weight its place in the list of the layer's weights, here and below */
  weightStatistics(weight: number): Promise<Result<WeightStatistics>>;
  weightFilters(
    weight: number,
    order: FilterOrder,
    scale: FilterScale,
    from: number,
    count: number,
  ): Promise<Result<FilterTiles>>;
  weightValues(weight: number, from: number, count: number): Promise<Result<WeightValues>>;
  /** Exports one weight, or all with `null`, to a place that the user selects. @returns null when the user cancelled */
  exportWeights(weight: number | null): Promise<Result<ExportedWeights | null>>;
  /**
   * How the channels of the layer are looked at.
   * @param attribution also how much each adds to the score of the choice's target, by default of the predicted class
   */
  channels(stage: Stage, attribution: boolean): Promise<Result<LayerChannels>>;
  /** Some channels as small images of about `side` pixels. */
  tiles(
    stage: Stage,
    slice: number,
    channels: readonly number[],
    side: number,
  ): Promise<Result<ChannelTiles>>;
  /** A page of exact values: `rows` x `columns` from `row`, `column` on; along the axes that suit the shape if none are given. */
  tensorSlice(
    stage: Stage,
    axes: TensorAxes | null,
    row: number,
    rows: number,
    column: number,
    columns: number,
  ): Promise<Result<TensorSlice>>;
  /**
   * Asks for a file and writes a slice, or the whole value, to it.
   * @returns the name of the file, or null when the user cancelled
   */
  exportTensor(
    stage: Stage,
    axes: TensorAxes | null,
    format: TensorExportFormat,
  ): Promise<Result<string | null>>;
  /** @param source also the input that the channel is computed from, and its receptive field */
  channelMap(stage: Stage, slice: number, channel: number, source: boolean): Promise<Result<ChannelMap>>;
  /** Opens VS Code's own picker. The new choice comes with `setChoice`; nothing comes when the user cancelled. */
  pickInput(): Promise<void>;
  /** As if the user had picked it. The new choice comes with `setChoice`. */
  setPreprocessing(preprocessing: Preprocessing): Promise<void>;
  /** What is wrong with the model for the chosen input; `null` where there is nothing to say. */
  doctor(): Promise<Result<DoctorFinding | null>>;
  cancel(): Promise<void>;
  showLog(): Promise<void>;
}
export interface LayerPage {
  progress(progress: Progress | null): void;
  setChoice(choice: LayerChoice, inputNames: readonly string[]): void;
  /** Another target was explained on the input of the page: nothing else has changed. */
  setTarget(choice: LayerChoice): void;
  serverDown(error: LayerglassError): void;
}

/** The statistics of all layers of a model for one input. The extension owns the choice. */
export interface HealthHost {
  ready(): Promise<
    Result<{
      readonly choice: HealthChoice;
      readonly fileName: string;
      readonly inputNames: readonly string[];
    }>
  >;
  health(): Promise<Result<ModelHealth>>;
  /** What is wrong with the model for the chosen input; `null` where there is nothing to say. */
  doctor(): Promise<Result<DoctorFinding | null>>;
  /** As if the user had picked it. The new choice comes with `setChoice`. */
  setPreprocessing(preprocessing: Preprocessing): Promise<void>;
  openLayer(layer: string): Promise<void>;
  /** Opens VS Code's own picker. The new choice comes with `setChoice`; nothing comes when the user cancelled. */
  pickInput(): Promise<void>;
  /**
   * The user chose "Try Again" or "Run Anyway". Called before the request is repeated, which would otherwise be refused.
   * @param insist run even if it is costly or ended its process before
   */
  retry(insist: boolean): Promise<void>;
  cancel(): Promise<void>;
  showLog(): Promise<void>;
}
export interface HealthPage {
  progress(progress: Progress | null): void;
  setChoice(choice: HealthChoice, inputNames: readonly string[]): void;
  serverDown(error: LayerglassError): void;
}

export interface SummaryContext {
  readonly fileName: string;
  /** Said below the title where something else than the file on disk is shown, e.g. an old revision. */
  readonly notice: string | null;
  readonly summary: ModelSummary;
}

/** The read-only editor of `.keras` and `.h5` files. */
export interface SummaryHost {
  ready(): Promise<Result<SummaryContext>>;
  /** The user chose "Try Again". Called before the request is repeated, which would otherwise be refused. */
  retry(): Promise<void>;
  explain(layer: string | null): Promise<void>;
  openLayer(layer: string): Promise<void>;
  copy(text: string): Promise<void>;
  /** How the model was compiled. */
  trainingConfig(): Promise<Result<ModelConfig>>;
  /** Whether the extension H5Web, which shows any HDF5 file, can open this one. */
  offersH5Web(): Promise<boolean>;
  openWithH5Web(): Promise<void>;
  /** Opens the file that the last error suggested. */
  openSuggestion(): Promise<void>;
  /** Opens the graph page of this model. */
  showGraph(): Promise<void>;
  showLog(): Promise<void>;
}
export interface SummaryPage {
  setSummary(summary: ModelSummary): void;
  serverDown(error: LayerglassError): void;
}
