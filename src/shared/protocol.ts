import type { ColourMapName } from './colourMaps';
import type { Result } from './errors';
import type { Explanation, ExplanationHeader, MethodId, MethodInfo, TargetChoice } from './explanation';
import type { InputSource, ModelSettings, Preprocessing } from './inputs';
import type { ChannelTiles, LayerValues } from './layerValues';
import type { BackendName, BackendStatus, ModelSummary } from './model';

/**
 * Everything the extension and the server say to each other beyond LSP, one typed line each.
 * Every request answers with a `Result`, packed by `packNumbers` on the way; long ones take a `workDoneToken` (LSP work-done progress) and
 * can be cancelled with LSP's `$/cancelRequest`.
 */
export interface RequestType<Params, Value> {
  readonly method: string;
  /** Never set: carries the types. */
  readonly types?: { readonly params: Params; readonly result: Result<Value> };
}
export interface NotificationType<Params> {
  readonly method: string;
  readonly types?: { readonly params: Params };
}

const request = <Params, Value>(method: string): RequestType<Params, Value> => ({ method });
const notification = <Params>(method: string): NotificationType<Params> => ({ method });

export const openModel = request<OpenModelParams, OpenedModel>('layerglass/openModel');
/** Gives back one reference; the server lingers before it lets the model go. */
export const closeModel = request<ModelParams, null>('layerglass/closeModel');
export const explain = request<ExplainParams, Explanation>('layerglass/explain');
/** What went into a layer's activation and what came out, for an input. */
export const layerValues = request<LayerValuesParams, LayerValues>('layerglass/layerValues');
/** Some of a layer's channels as small pictures. */
export const channelTiles = request<ChannelTilesParams, ChannelTiles>('layerglass/channelTiles');
/** Writes the files and says which. Asks nobody: the caller has asked. */
export const exportHeatMap = request<ExportHeatMapParams, ExportedFiles>('layerglass/exportHeatMap');
/** Names the layers a method can explain, and the default one. */
export const explainableLayers = request<ModelParams, ExplainableLayers>('layerglass/explainableLayers');
/** Settings of the sidecar file beside the model, `null` when there is none. */
export const readSidecar = request<ModelParams, ModelSettings | null>('layerglass/readSidecar');
export const writeSidecar = request<WriteSidecarParams, { readonly path: string }>('layerglass/writeSidecar');
/** Where in a `model.json` text a layer's config stands. */
export const locateLayer = request<LocateLayerParams, TextRange | null>('layerglass/locateLayer');
/** Starts the backend if it is not up yet. */
export const backendStatus = request<Record<string, never>, BackendStatus>('layerglass/backendStatus');

/** The model that hovers in code refer to when the file names none. */
export const activeModelChanged = notification<{ readonly path: string | null }>(
  'layerglass/activeModelChanged',
);
/** Server to extension: a model file changed on disk or a backend was chosen. */
export const backendChanged = notification<BackendStatus>('layerglass/backendChanged');

/** Sent as LSP `initializationOptions`. */
export interface ServerOptions {
  readonly backend: 'auto' | BackendName;
  /** Setting `layerglass.nativePath`: folder that holds `@tensorflow/tfjs-node`; empty for none. */
  readonly nativePath: string;
  /** Setting `layerglass.customLayers`: absolute paths of modules that implement a person's own layers. */
  readonly customLayers: readonly string[];
  /** Setting `layerglass.memoryLimit`: GiB that the compute process may take at most; 0 for the default. */
  readonly memoryLimit: number;
}

export interface OpenModelParams {
  readonly path: string;
}
export interface OpenedModel {
  readonly modelId: string;
  readonly path: string;
  /** Absolute paths of further files that the model is read from: shards, weights beside a topology. */
  readonly also: readonly string[];
  readonly summary: ModelSummary;
  readonly methods: readonly MethodInfo[];
  /** What is chosen when nobody chose: `none` when the model holds Rescaling or Normalization. */
  readonly defaultPreprocessing: Preprocessing;
}
export interface ModelParams {
  readonly modelId: string;
}
interface WithProgress {
  readonly workDoneToken?: string | number;
}

/** What every question about values needs: the model and its inputs. */
export interface RunParams extends ModelParams, WithProgress {
  /** One source for each model input. */
  readonly inputs: readonly InputSource[];
  readonly preprocessing: Preprocessing;
  /** The user wants the run although it is costly (`too-costly`) or ended its process before (`compute-ended`). */
  readonly insist?: boolean;
}
export interface ExplainParams extends RunParams {
  readonly method: MethodId;
  /** `auto` for the default-layer rule. */
  readonly layer: 'auto' | string;
  readonly target: TargetChoice;
  readonly labels?: readonly string[];
  /** Which model input the map lies over; default 0. */
  readonly input?: number;
  /** `inputKey` of an explanation that the asker still has: its input is not sent once more. */
  readonly knownInput?: string;
}
export interface LayerValuesParams extends RunParams {
  readonly layer: string;
  readonly labels?: readonly string[];
}
export interface ChannelTilesParams extends RunParams {
  readonly layer: string;
  readonly stage: 'pre' | 'post';
  readonly from: number;
  readonly count: number;
  readonly colourMap: ColourMapName;
}
export type ExportFormat = 'map.png' | 'overlay.png' | 'side-by-side.png' | 'svg' | 'npy';
export interface ExportHeatMapParams extends ExplainParams {
  readonly folder: string;
  /** File names are `<base>.map.png`, `<base>.overlay.png`, ... */
  readonly base: string;
  readonly formats: readonly ExportFormat[];
  readonly colourMap: ColourMapName;
  readonly opacity: number;
}
export interface ExportedFiles {
  readonly files: readonly string[];
  readonly header: ExplanationHeader;
}
export interface ExplainableLayers {
  /** `null` when no layer keeps a spatial extent. */
  readonly defaultLayer: string | null;
  readonly layers: readonly { readonly path: string; readonly shape: readonly (number | null)[] }[];
}
export interface WriteSidecarParams extends ModelParams {
  readonly settings: ModelSettings;
}
export interface LocateLayerParams {
  readonly path: string;
  readonly layer: string;
}
/** Zero-based, as in LSP. */
export interface TextRange {
  readonly start: { readonly line: number; readonly character: number };
  readonly end: { readonly line: number; readonly character: number };
}
