import * as z from 'zod/mini';
import { MAX_BATCH, MAX_LISTED_INPUTS } from '../results/gallery';
import {
  galleryPaths,
  index,
  inputSources,
  labels,
  preprocessing,
  runParams,
  tileSide,
  workDoneToken,
} from '../schemas';

/** What a gallery page sends and stores, as `schemas.ts` for the other pages. */

export const galleryFilter = z.object({
  show: z.enum(['all', 'wrong', 'unsure']),
  /** Only inputs that are predicted as a class, or labelled as it. */
  class: z.nullable(z.object({ of: z.enum(['prediction', 'truth']), index })),
  order: z.enum(['listed', 'unsure']),
});
/** Not finite is `null`: the state of a page is JSON. */
const maybeNumber = z.nullable(z.number());
/** What a gallery page shows, with what was predicted for one version of its list. */
export const galleryChoice = z.object({
  modelPath: z.string(),
  filter: galleryFilter,
  /** Which model output; default 0. */
  output: z.optional(index),
  predicted: z.optional(
    z.object({
      version: z.string(),
      kind: z.nullable(z.enum(['class', 'positions', 'number'])),
      /** Index, logit, probability and margin of each input; `null` for one that is not predicted. */
      inputs: z
        .array(z.nullable(z.tuple([index, maybeNumber, maybeNumber, maybeNumber])))
        .check(z.maxLength(MAX_LISTED_INPUTS)),
    }),
  ),
});
/** Places of inputs in a list. */
export const galleryPlaces = z.array(index).check(z.maxLength(MAX_BATCH));

/** The parameters of the requests about many inputs, by their names in `protocol.ts`. */
export const galleryParams = {
  listInputs: z.object({
    modelId: z.string(),
    /** Absolute paths of files and folders. */
    paths: galleryPaths,
    /** Of the files of a folder that can be inputs, without dots. */
    extensions: galleryPaths,
    preprocessing,
    /** Names of the classes, by which labels in words are understood. */
    labels: z.optional(labels),
    /** Which model output; default 0. */
    output: z.optional(index),
    workDoneToken,
  }),
  predictInputs: z.object({
    ...runParams,
    /** One source for each model input, one example after the other; at most `MAX_BATCH` examples. */
    inputs: inputSources,
    /** Which model output; default 0. */
    output: z.optional(index),
  }),
  thumbnails: z.object({
    modelId: z.string(),
    /** As those of `predictInputs`. */
    inputs: inputSources,
    /** How an image gets the model's size. */
    preprocessing,
    side: tileSide,
  }),
};
