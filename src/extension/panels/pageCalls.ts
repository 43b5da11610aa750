import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { checkpointsChange } from '../../shared/checkpoints/checkpointSchemas';
import type { CheckpointsHost } from '../../shared/checkpoints/checkpointsView';
import { comparedModel } from '../../shared/compare/compareSchemas';
import type { CompareHost } from '../../shared/compare/compareView';
import { inputEdits } from '../../shared/edits/editSchema';
import { SAVE_FORMATS } from '../../shared/edits/saveFormats';
import { type ErrorKind, fail, RETRY_HELPS } from '../../shared/errors';
import { galleryFilter, galleryPlaces } from '../../shared/gallery/gallerySchemas';
import type { GalleryHost } from '../../shared/gallery/galleryView';
import type { GraphHost } from '../../shared/graphView/graphPage';
import {
  comparison,
  explainChange,
  exportFormats,
  filterOrder,
  filterScale,
  index,
  preprocessing,
  type Schema,
  saveFormat,
  stage,
  tensorAxes,
  tensorFormat,
  tileChannels,
  tileSide,
  typedText,
  unitAsked,
} from '../../shared/schemas';
import { MAX_DROPPED_BYTES } from '../../shared/sources/droppedFile';
import type { ExplainHost, HealthHost, LayerHost, SummaryHost } from '../../shared/view';

/** Schemas of the arguments of a host's methods. Every call is validated: any script in a page could post a message. */
export type CallSchemas<Host> = {
  readonly [K in keyof Host]: Host[K] extends (...args: infer Args) => unknown ? Schema<Args> : never;
};

const MAX_NAME = 4096;
const MAX_DROPPED_BASE64 = Math.ceil(MAX_DROPPED_BYTES / 3) * 4;

const nothing = z.tuple([]);
const error = z.object({
  kind: z.enum(Object.keys(RETRY_HELPS) as ErrorKind[]),
  message: z.string(),
  remedy: z.optional(z.string()),
  subject: z.optional(z.string()),
  suggestion: z.optional(z.object({ open: z.string() })),
  stack: z.optional(z.string()),
});

const mark = z.object({ name: z.string().check(z.maxLength(MAX_NAME)), at: z.number() });
const MAX_MARKS = 100;

export const EXPLAIN_CALLS: CallSchemas<ExplainHost> = {
  ready: nothing,
  change: z.tuple([explainChange]),
  explain: z.tuple([z.nullable(z.string()), comparison]),
  painted: z.tuple([z.array(mark).check(z.maxLength(MAX_MARKS))]),
  trust: z.tuple([z.boolean()]),
  whatWouldChange: z.tuple([z.boolean()]),
  wasItTheInput: z.tuple([z.boolean()]),
  cancelQuestion: nothing,
  retry: z.tuple([z.boolean()]),
  cancel: nothing,
  pickInput: nothing,
  position: nothing,
  step: z.tuple([index]),
  nextWrong: z.tuple([z.enum(['next', 'previous'])]),
  openGallery: nothing,
  typeInput: z.tuple([index, typedText]),
  dropUri: z.tuple([index, z.string().check(z.maxLength(MAX_NAME))]),
  dropContents: z.tuple([
    index,
    z.string().check(z.maxLength(MAX_NAME)),
    z.string().check(z.maxLength(MAX_DROPPED_BASE64)),
  ]),
  editable: z.tuple([index]),
  editInput: z.tuple([index, inputEdits]),
  saveInput: z.tuple([index, z.array(saveFormat).check(z.maxLength(SAVE_FORMATS.length))]),
  pickPreprocessing: nothing,
  setPreprocessing: z.tuple([preprocessing]),
  doctor: nothing,
  editLabels: nothing,
  exportMap: z.tuple([exportFormats]),
  exportSet: nothing,
  layerQuantities: z.tuple([z.string()]),
  inputValues: z.tuple([index]),
  openLayer: z.tuple([z.string()]),
  openHealth: nothing,
  failed: z.tuple([error]),
  showLog: nothing,
};

export const LAYER_CALLS: CallSchemas<LayerHost> = {
  ready: nothing,
  values: nothing,
  retry: z.tuple([z.boolean()]),
  trace: z.tuple([z.nullable(index), z.nullable(z.number())]),
  effectiveField: z.tuple([index]),
  config: nothing,
  openUnit: z.tuple([unitAsked]),
  showLayer: z.tuple([z.string()]),
  copy: z.tuple([z.string()]),
  weights: nothing,
  weightStatistics: z.tuple([index]),
  weightFilters: z.tuple([index, filterOrder, filterScale, index, index]),
  weightValues: z.tuple([index, index, index]),
  exportWeights: z.tuple([z.nullable(index)]),
  channels: z.tuple([stage, z.boolean()]),
  tiles: z.tuple([stage, index, tileChannels, tileSide]),
  tensorSlice: z.tuple([stage, z.nullable(tensorAxes), index, index, index, index]),
  exportTensor: z.tuple([stage, z.nullable(tensorAxes), tensorFormat]),
  channelMap: z.tuple([stage, index, index, z.boolean()]),
  pickInput: nothing,
  setPreprocessing: z.tuple([preprocessing]),
  doctor: nothing,
  cancel: nothing,
  showLog: nothing,
};

export const HEALTH_CALLS: CallSchemas<HealthHost> = {
  ready: nothing,
  health: nothing,
  doctor: nothing,
  setPreprocessing: z.tuple([preprocessing]),
  openLayer: z.tuple([z.string()]),
  pickInput: nothing,
  retry: z.tuple([z.boolean()]),
  cancel: nothing,
  showLog: nothing,
};

export const COMPARE_CALLS: CallSchemas<CompareHost> = {
  ready: nothing,
  compare: nothing,
  maps: nothing,
  openLayer: z.tuple([comparedModel, z.string()]),
  swap: nothing,
  pickInput: nothing,
  retry: z.tuple([z.boolean()]),
  cancel: nothing,
  showLog: nothing,
};

export const GALLERY_CALLS: CallSchemas<GalleryHost> = {
  ready: nothing,
  setFilter: z.tuple([galleryFilter]),
  setOutput: z.tuple([index]),
  thumbnails: z.tuple([galleryPlaces, tileSide]),
  open: z.tuple([index]),
  chooseSources: nothing,
  pickPreprocessing: nothing,
  predict: z.tuple([z.boolean()]),
  cancel: nothing,
  showLog: nothing,
};

export const CHECKPOINTS_CALLS: CallSchemas<CheckpointsHost> = {
  ready: nothing,
  epoch: z.tuple([index]),
  change: z.tuple([checkpointsChange]),
  openEpoch: z.tuple([index]),
  pickInput: nothing,
  retry: z.tuple([z.boolean()]),
  cancel: nothing,
  showLog: nothing,
};

export const SUMMARY_CALLS: CallSchemas<SummaryHost> = {
  ready: nothing,
  retry: nothing,
  explain: z.tuple([z.nullable(z.string())]),
  openLayer: z.tuple([z.string()]),
  copy: z.tuple([z.string()]),
  trainingConfig: nothing,
  offersH5Web: nothing,
  openWithH5Web: nothing,
  openSuggestion: nothing,
  showGraph: nothing,
  showLog: nothing,
};

export const GRAPH_CALLS: CallSchemas<GraphHost> = {
  ready: nothing,
  deadChannels: nothing,
  gradients: nothing,
  pickInput: nothing,
  cancel: nothing,
  retry: z.tuple([z.boolean()]),
  openLayer: z.tuple([z.string()]),
  mark: z.tuple([z.string()]),
  showLog: nothing,
};

/**
 * Calls the method of `host` that a page requested.
 * @throws Failure `internal` (the page is part of the extension) that names the call and the invalid argument.
 */
export function dispatchCall<Host extends object>(
  host: Host,
  schemas: CallSchemas<Host>,
  call: string,
  sent: readonly unknown[],
): unknown {
  const isKnown = (name: PropertyKey): name is keyof Host => Object.hasOwn(schemas, name);
  if (!isKnown(call)) {
    return fail('internal', l10n.t('The page called "{0}", which does not exist.', call), { remedy: RELOAD });
  }
  const schema: Schema<unknown> = schemas[call];
  const parsed = schema.safeParse(sent);
  if (!parsed.success) {
    const place = parsed.error.issues[0]?.path.join('.') ?? '';
    return fail('internal', l10n.t('The page called "{0}" with an invalid value at "{1}".', call, place), {
      remedy: RELOAD,
    });
  }
  const method: unknown = host[call];
  return typeof method === 'function' ? Reflect.apply(method, host, parsed.data as unknown[]) : undefined;
}

const RELOAD = l10n.t('Close the page and open it again: it may be from another version of the extension.');
