import { z } from 'zod';
import { COLOUR_MAPS } from '../shared/colourMaps';
import { fail } from '../shared/errors';
import type * as protocol from '../shared/protocol';
import { inputSourcesSchema, labelsSchema, preprocessingSchema, settingsSchema } from './settingsSchema';

/**
 * What each request of `shared/protocol.ts` must look like. Whoever sends it may be another version of the extension or
 * another client: what arrives is checked here, once, and is what its type says from then on.
 */

const index = z.int().nonnegative();

const run = {
  modelId: z.string(),
  workDoneToken: z.union([z.string(), z.number()]).optional(),
  inputs: inputSourcesSchema,
  preprocessing: preprocessingSchema,
  insist: z.boolean().optional(),
};

const explaining = {
  ...run,
  method: z.enum(['grad-cam', 'saliency', 'guided-grad-cam']),
  layer: z.string(),
  target: z.object({
    index: z.union([z.literal('auto'), z.int()]),
    negative: z.boolean().optional(),
    score: z.enum(['logit', 'probability']).optional(),
    output: index.optional(),
  }),
  labels: labelsSchema.optional(),
  input: index.optional(),
  knownInput: z.string().optional(),
};

const colourMap = z.enum(COLOUR_MAPS);

export const REQUEST_PARAMS = {
  openModel: z.object({ path: z.string() }) satisfies z.ZodType<protocol.OpenModelParams>,
  model: z.object({ modelId: z.string() }) satisfies z.ZodType<protocol.ModelParams>,
  none: z.object({}) satisfies z.ZodType<Record<string, never>>,
  explain: z.object(explaining) satisfies z.ZodType<protocol.ExplainParams>,
  layerValues: z.object({
    ...run,
    layer: z.string(),
    labels: labelsSchema.optional(),
  }) satisfies z.ZodType<protocol.LayerValuesParams>,
  channelTiles: z.object({
    ...run,
    layer: z.string(),
    stage: z.enum(['pre', 'post']),
    from: index,
    count: index,
    colourMap,
  }) satisfies z.ZodType<protocol.ChannelTilesParams>,
  exportHeatMap: z.object({
    ...explaining,
    folder: z.string(),
    base: z.string(),
    formats: z.array(z.enum(['map.png', 'overlay.png', 'side-by-side.png', 'svg', 'npy'])).max(5),
    colourMap,
    opacity: z.number().min(0).max(1),
  }) satisfies z.ZodType<protocol.ExportHeatMapParams>,
  writeSidecar: z.object({
    modelId: z.string(),
    settings: settingsSchema,
  }) satisfies z.ZodType<protocol.WriteSidecarParams>,
  locateLayer: z.object({
    path: z.string(),
    layer: z.string(),
  }) satisfies z.ZodType<protocol.LocateLayerParams>,
  activeModelChanged: z.object({ path: z.string().nullable() }),
};

/** @throws Failure `bad-input` that names the request and the value. */
export function checkParams<Params>(schema: z.ZodType<Params>, params: unknown, method: string): Params {
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? 'its parameters' : issue.path.join('.');
  return fail('bad-input', `The request ${method} has a wrong value or none for ${place}.`, {
    remedy: 'Reload the window: the extension and its server may be of different versions.',
  });
}
