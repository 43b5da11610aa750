import * as z from 'zod/mini';
import { METHOD_IDS } from '../methods';
import { index, inputSources, labels, preprocessing, runParams, targetChoice } from '../schemas';

/** What a page of checkpoints sends and stores, as `schemas.ts` for the other pages. */

const method = z.enum(METHOD_IDS);

/** What a page of the epochs of a training shows. */
export const checkpointsChoice = z.object({
  folder: z.string(),
  /** Name of a file in it whose training is meant. */
  member: z.optional(z.string()),
  /** The epoch that stands for all where an input or a layer is chosen. */
  modelPath: z.string(),
  inputs: inputSources,
  preprocessing,
  method,
  layer: z.string(),
  /** Which model output; default 0. */
  output: z.optional(index),
  target: z.union([z.literal('auto'), index]),
  /** The right class of the input; `null` where the user has not said it. */
  label: z.nullable(index),
  /** Whether all heat maps have one colour scale. */
  isOneScale: z.boolean(),
});
/** What the user can change on the page itself. */
export const checkpointsChange = z.partial(
  z.pick(checkpointsChoice, {
    method: true,
    layer: true,
    output: true,
    target: true,
    label: true,
    isOneScale: true,
  }),
);
/** The parameters of the requests in `protocol.ts`, by their names. */
export const checkpointParams = {
  listCheckpoints: z.object({
    folder: z.string(),
    /** Name of a file in it whose training is meant, where it holds several. */
    member: z.optional(z.string()),
  }),
  epoch: z.object({
    ...runParams,
    /** By default that of the model. */
    method: z.optional(method),
    layer: z.string(),
    target: targetChoice,
    labels: z.optional(labels),
  }),
  weightChanges: z.object({
    ...runParams,
    /** The epoch before. */
    otherModelId: z.string(),
  }),
};
