import type { Result } from './errors';
import type { Explanation, ExplanationHeader } from './explanation';
import type { ModelSettings, Preprocessing } from './inputs';
import type { ChannelTiles, LayerValues } from './layerValues';
import type { BackendName, BackendStatus, ModelSummary } from './model';
import { type Checked, type exportFormats, params, type Schema } from './schemas';

/**
 * Everything the extension and the server say to each other beyond LSP, one typed line each.
 * Every request answers with a `Result`, packed by `packNumbers` on the way; long ones take a `workDoneToken` (LSP work-done progress) and
 * can be cancelled with LSP's `$/cancelRequest`.
 */
export interface RequestType<Params, Value> {
  readonly method: string;
  /** What whoever answers it checks first. */
  readonly params: Schema<Params>;
  /** Never set: carries the type. */
  readonly result?: Result<Value>;
}
export interface NotificationType<Params> {
  readonly method: string;
  readonly params: Schema<Params>;
}

const request = <Params, Value>(name: string, schema: Schema<Params>): RequestType<Params, Value> => ({
  method: `layerglass/${name}`,
  params: schema,
});
const notification = <Params>(name: string, schema: Schema<Params>): NotificationType<Params> => ({
  method: `layerglass/${name}`,
  params: schema,
});

export const openModel = request<OpenModelParams, OpenedModel>('openModel', params.openModel);
/** Gives back one reference; the server lingers before it lets the model go. */
export const closeModel = request<ModelParams, null>('closeModel', params.model);
export const explain = request<ExplainParams, Explanation>('explain', params.explain);
/** What went into a layer's activation and what came out, for an input. */
export const layerValues = request<LayerValuesParams, LayerValues>('layerValues', params.layerValues);
/** Some of a layer's channels as small images. */
export const channelTiles = request<ChannelTilesParams, ChannelTiles>('channelTiles', params.channelTiles);
/** Writes the files and says which. Asks nobody: the caller has asked. */
export const exportHeatMap = request<ExportHeatMapParams, ExportedFiles>(
  'exportHeatMap',
  params.exportHeatMap,
);
/**
 * Settings of the sidecar file beside the model, `null` when there is none: for whoever finds another version of it than
 * `openModel` told.
 */
export const readSidecar = request<ModelParams, ModelSettings | null>('readSidecar', params.model);
export const writeSidecar = request<WriteSidecarParams, { readonly path: string }>(
  'writeSidecar',
  params.writeSidecar,
);
/** Where in a `model.json` text a layer's config stands. */
export const locateLayer = request<LocateLayerParams, TextRange | null>('locateLayer', params.locateLayer);
/** Starts the backend if it is not up yet. */
export const backendStatus = request<Record<string, never>, BackendStatus>('backendStatus', params.none);

/** The model that hovers in code refer to when the file names none. */
export const activeModelChanged = notification<ActiveModelParams>('activeModelChanged', params.activeModel);
/** Server to extension: a backend was chosen. */
export const backendChanged: { readonly method: string } = { method: 'layerglass/backendChanged' };

/** Sent as LSP `initializationOptions`. */
export interface ServerOptions {
  readonly backend: 'auto' | BackendName;
  /** Setting `layerglass.nativePath`: folder that holds `@tensorflow/tfjs-node`; empty for none. */
  readonly nativePath: string;
  /** Setting `layerglass.customLayers`: absolute paths of modules that implement a user's own layers. */
  readonly customLayers: readonly string[];
  /** Setting `layerglass.memoryLimit`: GiB that the compute process may take at most; 0 for the default. */
  readonly memoryLimit: number;
}

export type OpenModelParams = Checked<typeof params.openModel>;
export type ModelParams = Checked<typeof params.model>;
/** What every question about values needs: the model and its inputs. */
export type RunParams = Checked<typeof params.run>;
export type ExplainParams = Checked<typeof params.explain>;
export type LayerValuesParams = Checked<typeof params.layerValues>;
export type ChannelTilesParams = Checked<typeof params.channelTiles>;
export type ExportHeatMapParams = Checked<typeof params.exportHeatMap>;
export type ExportFormat = Checked<typeof exportFormats>[number];
export type WriteSidecarParams = Checked<typeof params.writeSidecar>;
export type LocateLayerParams = Checked<typeof params.locateLayer>;
export type ActiveModelParams = Checked<typeof params.activeModel>;

export interface OpenedModel {
  readonly modelId: string;
  readonly path: string;
  /** Absolute paths of further files that the model is read from: shards, weights beside a topology. */
  readonly companionFiles: readonly string[];
  readonly summary: ModelSummary;
  /** What is chosen when nobody chose: `none` when the model holds Rescaling or Normalization. */
  readonly defaultPreprocessing: Preprocessing;
  readonly layers: ExplainableLayers;
  readonly sidecar: Sidecar;
}
/** The sidecar file as it was when the model was opened. One that cannot be read is a value, and the model is open. */
export interface Sidecar {
  /** Another one after every write, as `sidecarVersion` tells it; `null` when there is no file. */
  readonly version: string | null;
  readonly settings: Result<ModelSettings | null>;
}
export interface ExportedFiles {
  readonly files: readonly string[];
  readonly header: ExplanationHeader;
}
/** The layers at which a map of the model's first output can be made. */
export interface ExplainableLayers {
  /** `null` when no layer keeps a spatial extent. */
  readonly defaultLayer: string | null;
  readonly layers: readonly { readonly path: string; readonly shape: readonly (number | null)[] }[];
}
/** Zero-based, as in LSP. */
export interface TextRange {
  readonly start: { readonly line: number; readonly character: number };
  readonly end: { readonly line: number; readonly character: number };
}
