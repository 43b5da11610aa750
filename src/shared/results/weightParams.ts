import * as z from 'zod/mini';
import { filterOrder, filterScale, index } from '../schemas';

/** The parameters of the requests about weights, by their names in `protocol.ts`. */
export const weightParams = {
  layerWeights: z.object({ modelId: z.string(), layer: z.string() }),
  weight: z.object({ modelId: z.string(), layer: z.string(), weight: index }),
  weightFilters: z.object({
    modelId: z.string(),
    layer: z.string(),
    weight: index,
    order: filterOrder,
    scale: filterScale,
    from: index,
    count: index,
  }),
  weightValues: z.object({
    modelId: z.string(),
    layer: z.string(),
    weight: index,
    from: index,
    count: index,
  }),
  exportWeights: z.object({
    modelId: z.string(),
    layer: z.string(),
    /** One weight, written to the file `path`; without it all of them, into the folder `path`. */
    weight: z.optional(index),
    path: z.string(),
  }),
};
