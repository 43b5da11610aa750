import { z } from 'zod';

/** What a file or a request may say about how inputs are chosen and prepared (`shared/inputs.ts`). */

const numbers = z.array(z.number()).max(4096);

export const preprocessingSchema = z.object({
  name: z.enum(['none', '0..1', '-1..1', 'caffe', 'torch', 'custom']),
  mean: numbers.optional(),
  scale: numbers.optional(),
});

export const labelsSchema = z.array(z.string()).max(1_000_000);

export const inputSourceSchema = z.union([
  z.object({ kind: z.literal('file'), path: z.string(), member: z.string().optional() }),
  z.object({ kind: z.literal('random'), seed: z.number() }),
]);

/** No model takes more. */
const MAX_INPUTS = 10_000;
export const inputSourcesSchema = z.array(inputSourceSchema).max(MAX_INPUTS);

export const settingsSchema = z.object({
  preprocessing: preprocessingSchema.optional(),
  labels: labelsSchema.optional(),
  lastInputs: inputSourcesSchema.optional(),
});
