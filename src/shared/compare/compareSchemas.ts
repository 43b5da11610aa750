import * as z from 'zod/mini';
import { inputSources, labels, preprocessing, runParams } from '../schemas';

/** Zero-based, as in LSP. */
const position = z.object({ line: z.int().check(z.gte(0)), character: z.int().check(z.gte(0)) });

/** Of values, relative to the largest one of a layer. */
const tolerance = z.number().check(z.gte(0), z.lte(1));

export const comparedModel = z.enum(['a', 'b']);
/** Python code: its document, and where a call starts in it that names the model's file, if there is one. */
export const modelCode = z.object({ uri: z.string(), position: z.optional(position) });
/** What a page of two models shows. */
export const compareChoice = z.object({
  modelPath: z.string(),
  /** Of the file, or of the code. */
  otherPath: z.string(),
  /** Where model B is what code builds. */
  code: z.optional(modelCode),
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
  compareWithCode: z.object({ path: z.string(), ...modelCode.shape }),
  /** Python files in which to look beside the open documents. */
  codeFor: z.object({ path: z.string(), paths: z.array(z.string()) }),
};
