import * as z from 'zod/mini';
import { inputSources, labels, preprocessing, runParams } from '../schemas';

/** Of values, relative to the largest one of a layer. */
const tolerance = z.number().check(z.gte(0), z.lte(1));

export const comparedModel = z.enum(['a', 'b']);
/** What a page of two models shows. */
export const compareChoice = z.object({
  modelPath: z.string(),
  otherPath: z.string(),
  /** Empty where none was chosen. */
  inputs: inputSources,
  preprocessing,
});

/** The parameters of the requests in `protocol.ts`, by their names. */
export const compareParams = {
  compare: z.object({
    ...runParams,
    /** Model B; `modelId` is model A. */
    otherModelId: z.string(),
    tolerance: z.optional(tolerance),
    labels: z.optional(labels),
  }),
};
