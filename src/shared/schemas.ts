import * as z from 'zod/mini';
import { inputEdits } from './edits/editSchema';
import { SAVE_FORMATS } from './edits/saveFormats';
import { STAGES } from './layerValues';
import { COLOUR_MAPS } from './maps/colourMaps';
import { DISPLAY_RULES, METHOD_IDS } from './methods';
import { EXPORT_FORMATS } from './results/tensorSlice';
import { FILTER_ORDERS, FILTER_SCALES } from './results/weights';
import { RESIZES } from './sources/resizing';
import { MAX_TYPED_CHARACTERS } from './sources/typedInput';

/**
 * The schemas of everything that crosses a boundary: stored state, sidecar files, calls from pages to the extension and
 * requests from the extension to the server. Any of it may come from another version of Layerglass or from untrusted code,
 * so the receiver validates it. The types in `inputs.ts`, `explanation.ts`, `view.ts` and `protocol.ts` are inferred from
 * these schemas. Pages import only the types, so that zod stays out of their bundles.
 */

/** A schema whose checked value is a `T`. */
export type Schema<T> = z.ZodMiniType<T>;
/** The output of a schema, deeply readonly. */
export type Checked<S extends z.ZodMiniType> = Immutable<z.output<S>>;
type Immutable<T> = T extends object ? { readonly [K in keyof T]: Immutable<T[K]> } : T;

const MAX_CHANNELS = 4096;
const MAX_LABELS = 1_000_000;
const MAX_FUSED_LAYERS = 64;
const MAX_LETTERS = 1000;
/** Files that are offered as an input. */
const MAX_CANDIDATES = 1000;
/** Files and folders whose inputs are listed together. */
const MAX_SOURCES = 100;
/** More than any real model has. */
const MAX_INPUTS = 10_000;

export const index = z.int().check(z.nonnegative());
const numbers = z.array(z.number()).check(z.maxLength(MAX_CHANNELS));
export const colourMap = z.enum(COLOUR_MAPS);
export const opacity = z.number().check(z.gte(0), z.lte(1));
const method = z.enum(METHOD_IDS);

export const preprocessing = z.object({
  name: z.enum(['none', '0..1', '-1..1', 'caffe', 'torch', 'custom']),
  /** For `custom`: (x - mean) / scale per channel, in the units of the file (0..255 for images). */
  mean: z.optional(numbers),
  scale: z.optional(numbers),
  /** How an image gets the model's size; bilinear by default. */
  resize: z.optional(z.enum(RESIZES)),
});

/** A text that a user types. */
export const typedText = z.string().check(z.maxLength(MAX_TYPED_CHARACTERS));

/** What the user changed of an input on a page. The file stays as it is. */
const edits = { edits: z.optional(inputEdits) };

export const inputSource = z.union([
  z.object({
    kind: z.literal('file'),
    path: z.string(),
    /** Name of an array in an .npz or of a sequence in a FASTA file; number of a row of a table, from 1. */
    member: z.optional(z.string()),
    /** Index of a sample of an array; the first one by default. */
    sample: z.optional(index),
    ...edits,
  }),
  z.object({ kind: z.literal('random'), seed: z.number(), ...edits }),
  z.object({ kind: z.literal('text'), text: typedText, ...edits }),
]);
/** One source for each model input. */
export const inputSources = z.array(inputSource).check(z.maxLength(MAX_INPUTS));

/** Class names by index; for a single sigmoid two names, index 0 = class 0. */
export const labels = z.array(z.string()).check(z.maxLength(MAX_LABELS));

/** The letters of a model's sequences, in the order of their channels or ids. */
export const alphabet = z.string().check(
  z.minLength(1),
  z.maxLength(MAX_LETTERS),
  z.refine((text) => new Set(text).size === [...text].length),
);

/** The words of a model's token ids, in the order of the ids. */
export const vocabulary = z.array(z.string()).check(z.minLength(1), z.maxLength(MAX_LABELS));

const columnNames = z.array(z.string()).check(z.maxLength(MAX_CHANNELS));
/** The names of a table's columns in the model's order; by the input's name for a model of several inputs. */
export const columns = z.union([columnNames, z.record(z.string(), columnNames)]);

export const galleryPaths = z.array(z.string()).check(z.maxLength(MAX_SOURCES));

/** A user's settings for one model. Paths in a sidecar file are relative to that file. */
export const modelSettings = z.object({
  preprocessing: z.optional(preprocessing),
  labels: z.optional(labels),
  lastInputs: z.optional(inputSources),
  alphabet: z.optional(alphabet),
  columns: z.optional(columns),
  vocabulary: z.optional(vocabulary),
  /** What the gallery of the model's inputs shows: files and folders. */
  gallery: z.optional(z.object({ sources: galleryPaths })),
});

const versus = z.union([index, z.literal('look-alikes')]);
const region = z.tuple([index, index, index, index]);

export const targetChoice = z.object({
  /** Class index, or the unit of `unit`; `auto` is the predicted class. */
  index: z.union([z.literal('auto'), z.int()]),
  /** Explain the evidence against the unit; for a single sigmoid this is class 0. */
  negative: z.optional(z.boolean()),
  score: z.optional(z.enum(['logit', 'probability', 'log-odds'])),
  /** Which model output; default 0. */
  output: z.optional(index),
  /** Why the target rather than this class, or than the classes that come next. */
  versus: z.optional(versus),
  /** Path of a layer whose units are explained instead of those of an output. */
  unit: z.optional(z.string()),
  /** The position explained of an output over time; by default all that are predicted as the target. */
  step: z.optional(index),
  /** The pixels explained of an output with height and width: x0, y0, x1, y1, the last two exclusive. */
  region: z.optional(region),
});

const run = { inputs: inputSources, preprocessing };
const explanationChoice = {
  ...run,
  method,
  /** `auto` for the default layer. */
  layer: z.string(),
  /** Further layers, whose maps are fused with that of `layer` (option `fuse`). */
  fusedLayers: z.optional(z.array(z.string()).check(z.maxLength(MAX_FUSED_LAYERS))),
  /** Options of the method by name; the defaults for the others. */
  options: z.optional(z.record(z.string(), z.union([z.number(), z.string()]))),
  target: targetChoice,
  /** How the raw map is reduced to the one that is drawn; by default as the method states. */
  display: z.optional(z.enum(DISPLAY_RULES)),
};
const display = { colourMap, opacity };

/** Another map of the same input beside the first: of a target, of a method, or of the same method at another layer. */
const compared = z.object({
  target: z.optional(targetChoice),
  method: z.optional(method),
  layer: z.optional(z.string()),
});
export const comparison = z.nullable(compared);

/** What an explain page explains and how it draws it. Saved while the page is hidden, moved or reloaded. */
export const explainChoice = z.object({
  modelPath: z.string(),
  ...explanationChoice,
  ...display,
  /** Both classes of a single sigmoid side by side. */
  compare: z.optional(z.boolean()),
  /** Another method or layer beside the first map, with the difference. */
  compareWith: z.optional(z.pick(compared, { method: true, layer: true })),
});
/** What the user can change on the page itself; inputs and preprocessing are picked in VS Code. */
const NO_PATH = /^[\w-]{1,40}$/;
export const explainChange = z.partial(
  z.object({
    method,
    layer: z.string(),
    fusedLayers: explanationChoice.fusedLayers,
    /** A page names no files: those of options are given on the command line. */
    options: z.record(z.string(), z.union([z.number(), z.string().check(z.regex(NO_PATH))])),
    /** `null` removes a part. */
    target: z.extend(z.partial(targetChoice), {
      versus: z.optional(z.nullable(versus)),
      step: z.optional(z.nullable(index)),
      region: z.optional(z.nullable(region)),
      unit: z.optional(z.nullable(z.string())),
    }),
    display: explanationChoice.display,
    ...display,
    compare: z.boolean(),
    /** `null` ends the comparison. */
    compareWith: z.nullable(z.pick(compared, { method: true, layer: true })),
  }),
);

export const healthChoice = z.object({ modelPath: z.string(), ...run });
export const layerChoice = z.object({
  modelPath: z.string(),
  layer: z.string(),
  ...run,
  /** Of the explain page from which the layer was opened. */
  target: z.optional(targetChoice),
});
/** What a graph page shows: a model, and the box that is marked. */
export const graphChoice = z.object({ modelPath: z.string(), layer: z.nullable(z.string()) });

const MAX_AXES = 16;
export const position = z.array(index).check(z.maxLength(MAX_AXES));

/** A value of a layer that a page asks for: by default the largest of the layer that it shows. */
export const unitAsked = z.object({
  layer: z.optional(z.string()),
  output: z.optional(index),
  unit: z.optional(index),
  position: z.optional(position),
  /** In place of unit and position: among the values of the layer's output, without the batch axis. */
  index: z.optional(position),
});

export const filterOrder = z.enum(FILTER_ORDERS);
export const filterScale = z.enum(FILTER_SCALES);
export const stage = z.enum(STAGES);
/** The axes of the rows and columns of a slice of a tensor, and one index per axis, where the others are fixed. */
export const tensorAxes = z.object({
  rowAxis: z.nullable(index),
  columnAxis: z.nullable(index),
  at: position,
});
export const saveFormat = z.enum(SAVE_FORMATS);
export const tensorFormat = z.enum(EXPORT_FORMATS);
const MAX_TILES = 1024;
export const tileChannels = z.array(index).check(z.maxLength(MAX_TILES));
/** About how many pixels the longer side of a tile has. */
export const tileSide = z.int().check(z.gte(1), z.lte(1024));
export const exportFormats = z
  .array(z.enum(['map.png', 'overlay.png', 'side-by-side.png', 'svg', 'npy']))
  .check(z.maxLength(5));

export const workDoneToken = z.optional(z.union([z.string(), z.number()]));
/** Common to every request about values: the model and its inputs. */
export const runParams = {
  modelId: z.string(),
  ...run,
  workDoneToken,
  /** Run even if it is costly (`too-costly`) or ended its process before (`compute-ended`). */
  insist: z.optional(z.boolean()),
};
const explainParams = {
  ...runParams,
  ...explanationChoice,
  labels: z.optional(labels),
  /** `inputKey` of an explanation that the caller still has: its input is not sent again. */
  knownInput: z.optional(z.string()),
};

/** The parameters of each request in `protocol.ts`, by its name. */
export const params = {
  none: z.object({}),
  openModel: z.object({
    path: z.string(),
    /** For a file of weights: the model that they are of. */
    architecture: z.optional(z.string()),
  }),
  model: z.object({ modelId: z.string() }),
  closeModel: z.object({
    modelId: z.string(),
    /** Nothing of it is kept for the next time that it is opened. */
    atOnce: z.optional(z.boolean()),
  }),
  run: z.object(runParams),
  explain: z.object(explainParams),
  wasItTheInput: z.object({
    ...runParams,
    labels: z.optional(labels),
    /** Which model output; default 0. */
    output: z.optional(index),
  }),
  inputValues: z.object({ ...runParams, input: index }),
  editableInput: z.object({
    ...runParams,
    input: index,
    labels: z.optional(labels),
    /** Of the predictions. */
    target: z.optional(targetChoice),
  }),
  saveInput: z.object({ ...runParams, input: index, path: z.string(), format: saveFormat }),
  layerValues: z.object({ ...runParams, layer: z.string() }),
  layerQuantities: z.object({ ...runParams, layer: z.string(), target: targetChoice, colourMap }),
  layerGradients: z.object({ ...runParams, target: targetChoice, labels: z.optional(labels) }),
  channelTiles: z.object({
    ...runParams,
    layer: z.string(),
    stage,
    /** Along the axis before the rows, of volumes. */
    slice: index,
    channels: tileChannels,
    side: tileSide,
  }),
  channels: z.object({
    ...runParams,
    layer: z.string(),
    stage,
    /** Also ask how much each channel adds to the score of the target, by default of the predicted class. */
    attribution: z.optional(z.boolean()),
    target: z.optional(targetChoice),
    labels: z.optional(labels),
  }),
  channelMap: z.object({
    ...runParams,
    layer: z.string(),
    stage,
    channel: index,
    slice: index,
    /** Also ask for the input and the receptive field. */
    source: z.optional(z.boolean()),
  }),
  tensorSlice: z.object({
    ...runParams,
    layer: z.string(),
    stage,
    /** By default those that suit the shape. */
    axes: z.optional(tensorAxes),
    /** The first row and column, and how many of each. */
    row: index,
    rows: index,
    column: index,
    columns: index,
  }),
  exportTensor: z.object({
    ...runParams,
    layer: z.string(),
    stage,
    /** The whole tensor if left out. */
    axes: z.optional(tensorAxes),
    path: z.string(),
    format: tensorFormat,
  }),
  trace: z.object({
    ...runParams,
    layer: z.string(),
    /** All units if left out. */
    unit: z.optional(index),
    /** A number to compare with the results of the usual mistakes for `unit`. */
    check: z.optional(z.number()),
    /** Show how the value of `unit` is computed. */
    arithmetic: z.optional(z.boolean()),
    /** Show how strongly `unit` depends on each position of the input. */
    effective: z.optional(z.boolean()),
  }),
  openUnit: z.object({
    ...runParams,
    layer: z.string(),
    /** Which output of the layer; the first if left out. */
    output: z.optional(index),
    /** The channel; the one with the largest value if left out. */
    unit: z.optional(index),
    /** One index per axis that is neither batch nor channels; of the largest value of the unit if left out. */
    position: z.optional(position),
    /** In place of unit and position: among the values of the layer's output, without the batch axis. */
    index: z.optional(position),
  }),
  exportHeatMap: z.object({
    ...explainParams,
    folder: z.string(),
    /** File names are `<base>.map.png`, `<base>.overlay.png`, ... */
    base: z.string(),
    formats: exportFormats,
    ...display,
  }),
  exportSet: z.object({
    ...explainParams,
    folder: z.string(),
    /** Replace the files of an earlier set. */
    overwrite: z.optional(z.boolean()),
    ...display,
  }),
  explanationPicture: z.object({ ...explainParams, ...display }),
  callTool: z.object({
    tool: z.string(),
    /** The tool's arguments, which it checks itself. */
    input: z.unknown(),
    /** Absolute paths of the folders that it may read. */
    roots: z.array(z.string()).check(z.maxLength(MAX_CANDIDATES)),
    workDoneToken: runParams.workDoneToken,
  }),
  inputParts: z.object({ modelId: z.string(), input: index, source: inputSource }),
  fittingInputs: z.object({
    modelId: z.string(),
    input: index,
    paths: z.array(z.string()).check(z.maxLength(MAX_CANDIDATES)),
  }),
  layerConfig: z.object({ modelId: z.string(), layer: z.string() }),
  writeSidecar: z.object({ modelId: z.string(), settings: modelSettings }),
  locateLayer: z.object({ path: z.string(), layer: z.string() }),
  layerInCode: z.object({ layer: z.string(), names: z.array(z.string()), paths: z.array(z.string()) }),
  activeModel: z.object({ path: z.nullable(z.string()) }),
  willExplain: z.object({ path: z.string() }),
};
