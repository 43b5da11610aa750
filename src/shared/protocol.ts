import { checkpointParams } from './checkpoints/checkpointSchemas';
import { compareParams } from './compare/compareSchemas';
import type { Comparison } from './compare/comparison';
import type { Result } from './errors';
import type { Explanation, ExplanationHeader } from './explanation';
import { galleryParams } from './gallery/gallerySchemas';
import type { ViewGraph } from './graphView/viewGraph';
import type { ModelSettings, Preprocessing } from './inputs';
import type { FoundLabels } from './labels/foundLabels';
import type { LayerValues } from './layerValues';
import type { BackendName, BackendStatus, ModelSummary, WireTensor } from './model';
import type { ChannelMap, ChannelTiles, LayerChannels } from './results/channels';
import type { CheckpointList, EpochReport, LayerChange } from './results/checkpoints';
import type { CodeComparison, CodePlace, TextRange } from './results/codeComparison';
import type { DoctorFinding } from './results/doctor';
import type { EditableInput } from './results/editableInput';
import type { ExplanationPicture } from './results/explanationPicture';
import type { ExportedSet } from './results/exportSet';
import type { InputList, InputPredictions, Thumbnail } from './results/gallery';
import type { ModelHealth } from './results/health';
import type { LayerGradients } from './results/layerGradients';
import type { DrawnQuantities } from './results/layerQuantities';
import type { ModelConfig } from './results/modelConfig';
import type { TensorSlice } from './results/tensorSlice';
import type { ToolAnswer } from './results/toolAnswer';
import type { DrawnTrace } from './results/tracing';
import type { Trust } from './results/trust';
import type { OpenedUnit } from './results/unit';
import { weightParams } from './results/weightParams';
import type {
  ExportedWeights,
  FilterTiles,
  LayerWeights,
  WeightStatistics,
  WeightValues,
} from './results/weights';
import type { WasItTheInput, WhatWouldChange } from './results/whatIf';
import { type Checked, type exportFormats, params, type Schema } from './schemas';
import type { InputParts } from './sources/inputParts';

/**
 * The requests and notifications between the extension and the server beyond LSP.
 * Every request returns a `Result`, encoded by `packNumbers`. Long requests take a `workDoneToken` (LSP work-done progress)
 * and can be cancelled with LSP's `$/cancelRequest`.
 */
export interface RequestType<Params, Value> {
  readonly method: string;
  /** Validated by the receiver before the request is handled. */
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
/** Releases one reference; the server keeps the model a little longer before it frees it, except with `atOnce`. */
export const closeModel = request<CloseModelParams, null>('closeModel', params.closeModel);
/** The model as boxes and connections. */
export const viewGraph = request<ModelParams, ViewGraph>('viewGraph', params.model);
export const explain = request<ExplainParams, Explanation>('explain', params.explain);
/** The epochs of a training in a folder, in order. */
export const listCheckpoints = request<ListCheckpointsParams, CheckpointList>(
  'listCheckpoints',
  checkpointParams.listCheckpoints,
);
/** What one epoch predicts, its heat map, the health of its layers, and the norms of its weights. */
export const epoch = request<EpochParams, EpochReport>('epoch', checkpointParams.epoch);
/** How far the weights of an epoch have moved since another one. Reads both files and runs nothing. */
export const weightChanges = request<WeightChangesParams, readonly LayerChange[]>(
  'weightChanges',
  checkpointParams.weightChanges,
);
/** Two models: their layers, weights, and, where an input is given, values. */
export const compare = request<CompareParams, Comparison>('compare', compareParams.compare);
/** How far the same explanation can be trusted; takes much longer than the explanation. */
export const trust = request<ExplainParams, Trust>('trust', params.explain);
/** The smallest set of superpixels, tokens or columns whose removal changes the prediction; method, layer and display are ignored. */
export const whatWouldChange = request<ExplainParams, WhatWouldChange>('whatWouldChange', params.explain);
/** Which preprocessings and small changes of the input give another prediction. */
export const wasItTheInput = request<WasItTheInputParams, WasItTheInput>(
  'wasItTheInput',
  params.wasItTheInput,
);
/** The values of an image that an explanation left out (`MapDrawing.inputValues`); `null` when too large to send. */
export const inputValues = request<InputValuesParams, WireTensor | null>('inputValues', params.inputValues);
/** An input as it can be edited, and the prediction before that: for inputs without edits. */
export const editableInput = request<EditableInputParams, EditableInput>(
  'editableInput',
  params.editableInput,
);
/** Writes an input, with its edits, to a file. Overwrites an existing file: the caller has asked the user. */
export const saveInput = request<SaveInputParams, { readonly path: string }>('saveInput', params.saveInput);
/** Statistics of all layers before and after their activations. */
export const health = request<RunParams, ModelHealth>('health', params.run);
/** What is wrong with the model for these inputs; `null` where there is nothing to say. Asked after what the page shows. */
export const doctor = request<RunParams, DoctorFinding | null>('doctor', params.run);
/** Values before and after a layer's activation, for one input. */
export const layerValues = request<LayerValuesParams, LayerValues>('layerValues', params.layerValues);
/** How the channels of a layer are looked at, and the range of each. */
export const channels = request<ChannelsParams, LayerChannels>('channels', params.channels);
/** The values of one channel. */
export const channelMap = request<ChannelMapParams, ChannelMap>('channelMap', params.channelMap);
/** Some of a layer's channels as small images. */
export const channelTiles = request<ChannelTilesParams, ChannelTiles>('channelTiles', params.channelTiles);
/** A page of the exact values of a layer. */
export const tensorSlice = request<TensorSliceParams, TensorSlice>('tensorSlice', params.tensorSlice);
/** Writes a layer's value, or a slice of it, to a file. Overwrites an existing file: the caller has asked the user. */
export const exportTensor = request<ExportTensorParams, { readonly shape: readonly number[] }>(
  'exportTensor',
  params.exportTensor,
);
/** The output of a layer, the gradient of a score at it, and the channel weights. */
export const layerQuantities = request<LayerQuantitiesParams, DrawnQuantities>(
  'layerQuantities',
  params.layerQuantities,
);
/** The size of the gradient of a score at every layer. */
export const layerGradients = request<LayerGradientsParams, LayerGradients>(
  'layerGradients',
  params.layerGradients,
);
/** Where the values of a layer's units come from; of one unit also its arithmetic, and a number compared with it. */
export const trace = request<TraceParams, DrawnTrace>('trace', params.trace);
/** How one value of a layer is computed from the values of the layers before it. */
export const openUnit = request<OpenUnitParams, OpenedUnit>('openUnit', params.openUnit);
/** The weights of a layer, from the file alone: no run. Names and shapes only. */
export const layerWeights = request<LayerWeightsParams, LayerWeights>(
  'layerWeights',
  weightParams.layerWeights,
);
/** The statistics of one weight, by its place in the list. */
export const weightStatistics = request<WeightParams, WeightStatistics>(
  'weightStatistics',
  weightParams.weight,
);
/** Some filters of a weight as images. */
export const weightFilters = request<WeightFiltersParams, FilterTiles>(
  'weightFilters',
  weightParams.weightFilters,
);
/** Some values of a weight. */
export const weightValues = request<WeightValuesParams, WeightValues>(
  'weightValues',
  weightParams.weightValues,
);
/** Writes weights as .npy files and returns their paths. Overwrites existing files: the caller has asked the user. */
export const exportWeights = request<ExportWeightsParams, ExportedWeights>(
  'exportWeights',
  weightParams.exportWeights,
);
/** Writes the files and returns their paths. Overwrites existing files: the caller has asked the user. */
export const exportHeatMap = request<ExportHeatMapParams, ExportedFiles>(
  'exportHeatMap',
  params.exportHeatMap,
);
/** Writes everything about one explanation into a folder, with an index; parts that do not apply are named. */
export const exportSet = request<ExportSetParams, ExportedSet>('exportSet', params.exportSet);
/** The heat maps over their inputs as images, with the figures of the explanation. */
export const explanationPicture = request<ExplanationPictureParams, ExplanationPicture>(
  'explanationPicture',
  params.explanationPicture,
);
/** Answers a language model that uses one of the tools of `server/tools/`. */
export const callTool = request<CallToolParams, ToolAnswer>('callTool', params.callTool);
/** What a file holds several of, of which an input takes one; `null` where there is nothing to choose. */
export const inputParts = request<InputPartsParams, InputParts | null>('inputParts', params.inputParts);
/** The inputs of a model in files and folders, with their true classes where something says them. */
export const listInputs = request<ListInputsParams, InputList>('listInputs', galleryParams.listInputs);
/** What the model predicts for many inputs. One that cannot be read or computed fails alone. */
export const predictInputs = request<PredictInputsParams, InputPredictions>(
  'predictInputs',
  galleryParams.predictInputs,
);
/** Small pictures or texts of inputs, in their order. */
export const thumbnails = request<ThumbnailsParams, readonly Thumbnail[]>(
  'thumbnails',
  galleryParams.thumbnails,
);
/** Which of these files can be an input, as far as their headers say. */
export const fittingInputs = request<FittingInputsParams, readonly boolean[]>(
  'fittingInputs',
  params.fittingInputs,
);
/**
 * Settings in the sidecar file beside the model, `null` when there is none. For callers that find another version of the
 * file than the one `openModel` returned.
 */
export const readSidecar = request<ModelParams, ModelSettings | null>('readSidecar', params.model);
export const writeSidecar = request<WriteSidecarParams, { readonly path: string }>(
  'writeSidecar',
  params.writeSidecar,
);
/** The config of a layer as the file has it. */
export const layerConfig = request<LayerConfigParams, ModelConfig>('layerConfig', params.layerConfig);
/** How the model was compiled. */
export const trainingConfig = request<ModelParams, ModelConfig>('trainingConfig', params.model);
/** Range of a layer's config in the text of a `model.json`. */
export const locateLayer = request<LocateLayerParams, TextRange | null>('locateLayer', params.locateLayer);
/** A model file, and what Python code builds for it. */
export const compareWithCode = request<CompareWithCodeParams, CodeComparison>(
  'compareWithCode',
  compareParams.compareWithCode,
);
/** URIs of the Python code that builds layers of a model file, what builds the most of them first. */
export const codeFor = request<CodeForParams, readonly string[]>('codeFor', compareParams.codeFor);
/** Where open Python code or Python files make a layer, in the programs that make the most layers of its model. */
export const layerInCode = request<LayerInCodeParams, readonly CodePlace[]>(
  'layerInCode',
  params.layerInCode,
);
/** Starts the backend if it is not running yet. */
export const backendStatus = request<Record<string, never>, BackendStatus>('backendStatus', params.none);

/** The model that hovers in code refer to when the code names none. */
export const activeModelChanged = notification<ActiveModelParams>('activeModelChanged', params.activeModel);
/** The user chooses an input for the open model at this path. */
export const willExplain = notification<WillExplainParams>('willExplain', params.willExplain);
/** Server to extension: a backend was chosen. */
export const backendChanged: { readonly method: string } = { method: 'layerglass/backendChanged' };
/** Server to extension: a `Mark` of the server or the compute process. */
export const reached: { readonly method: string } = { method: 'layerglass/reached' };

/** Sent as LSP `initializationOptions`. */
export interface ServerOptions {
  readonly backend: 'auto' | BackendName;
  /** Setting `layerglass.nativePath`: folder of `@tensorflow/tfjs-node`; empty for none. */
  readonly nativePath: string;
  /** Setting `layerglass.customLayers`: absolute paths of modules that implement custom layers. */
  readonly customLayers: readonly string[];
  /** Setting `layerglass.memoryLimit`: memory limit of the compute process in GiB; 0 for the default. */
  readonly memoryLimit: number;
  /** Setting `layerglass.threads`: threads of the backend; 0 for as many as suit the machine. */
  readonly threads: number;
}

export type OpenModelParams = Checked<typeof params.openModel>;
export type CloseModelParams = Checked<typeof params.closeModel>;
export type ListCheckpointsParams = Checked<typeof checkpointParams.listCheckpoints>;
export type EpochParams = Checked<typeof checkpointParams.epoch>;
export type WeightChangesParams = Checked<typeof checkpointParams.weightChanges>;
export type CompareParams = Checked<typeof compareParams.compare>;
export type ModelParams = Checked<typeof params.model>;
/** Common to every request about values: the model and its inputs. */
export type RunParams = Checked<typeof params.run>;
export type ExplainParams = Checked<typeof params.explain>;
export type WasItTheInputParams = Checked<typeof params.wasItTheInput>;
export type InputValuesParams = Checked<typeof params.inputValues>;
export type EditableInputParams = Checked<typeof params.editableInput>;
export type SaveInputParams = Checked<typeof params.saveInput>;
export type LayerValuesParams = Checked<typeof params.layerValues>;
export type LayerGradientsParams = Checked<typeof params.layerGradients>;
export type LayerQuantitiesParams = Checked<typeof params.layerQuantities>;
export type ChannelsParams = Checked<typeof params.channels>;
export type ChannelMapParams = Checked<typeof params.channelMap>;
export type ChannelTilesParams = Checked<typeof params.channelTiles>;
export type TensorSliceParams = Checked<typeof params.tensorSlice>;
export type ExportTensorParams = Checked<typeof params.exportTensor>;
export type TraceParams = Checked<typeof params.trace>;
export type OpenUnitParams = Checked<typeof params.openUnit>;
export type LayerWeightsParams = Checked<typeof weightParams.layerWeights>;
export type WeightParams = Checked<typeof weightParams.weight>;
export type WeightFiltersParams = Checked<typeof weightParams.weightFilters>;
export type WeightValuesParams = Checked<typeof weightParams.weightValues>;
export type ExportWeightsParams = Checked<typeof weightParams.exportWeights>;
export type ExportHeatMapParams = Checked<typeof params.exportHeatMap>;
export type ExportSetParams = Checked<typeof params.exportSet>;
export type ExportFormat = Checked<typeof exportFormats>[number];
export type ExplanationPictureParams = Checked<typeof params.explanationPicture>;
export type CallToolParams = Checked<typeof params.callTool>;
export type InputPartsParams = Checked<typeof params.inputParts>;
export type ListInputsParams = Checked<typeof galleryParams.listInputs>;
export type PredictInputsParams = Checked<typeof galleryParams.predictInputs>;
export type ThumbnailsParams = Checked<typeof galleryParams.thumbnails>;
export type FittingInputsParams = Checked<typeof params.fittingInputs>;
export type LayerConfigParams = Checked<typeof params.layerConfig>;
export type WriteSidecarParams = Checked<typeof params.writeSidecar>;
export type LocateLayerParams = Checked<typeof params.locateLayer>;
export type LayerInCodeParams = Checked<typeof params.layerInCode>;
export type CompareWithCodeParams = Checked<typeof compareParams.compareWithCode>;
export type CodeForParams = Checked<typeof compareParams.codeFor>;
export type ActiveModelParams = Checked<typeof params.activeModel>;
export type WillExplainParams = Checked<typeof params.willExplain>;

export interface OpenedModel {
  readonly modelId: string;
  readonly path: string;
  /** Absolute paths of the other files of the model: shards, weights beside a topology. */
  readonly companionFiles: readonly string[];
  /** The file that the settings lie beside: the model itself or, for weights that are shown as a model, the one they are of. */
  readonly settingsFile: string;
  /** For weights that fit several models beside them: absolute paths of those models, one of which the user has to choose. */
  readonly architectures: readonly string[];
  readonly summary: ModelSummary;
  /** Used until the user chooses: a guess. */
  readonly defaultPreprocessing: Preprocessing;
  /** Why it is probably this one, as the end of a sentence. */
  readonly preprocessingReason: string;
  readonly layers: ExplainableLayers;
  /** The names of the classes where neither the workspace nor the sidecar has any. */
  readonly foundLabels: FoundLabels;
  readonly sidecar: Sidecar;
}
/** The sidecar file when the model was opened. If it cannot be read, `settings` is an error, but the model still opens. */
export interface Sidecar {
  /** From `sidecarVersion`: changes with every write; `null` when there is no file. */
  readonly version: string | null;
  readonly settings: Result<ModelSettings | null>;
}
export interface ExportedFiles {
  readonly files: readonly string[];
  readonly header: ExplanationHeader;
}
/** The layers at which the model's first output can be explained. */
export interface ExplainableLayers {
  /** `null` when no layer keeps a spatial extent. */
  readonly defaultLayer: string | null;
  /** Paths of the attention layers, in the order of the graph: the last one is the default of the methods for them. */
  readonly attentionLayers: readonly string[];
  readonly layers: readonly { readonly path: string; readonly shape: readonly (number | null)[] }[];
}
