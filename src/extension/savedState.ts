import * as z from 'zod/mini';
import { COLOUR_MAPS } from '../shared/colourMaps';
import { type ModelSettings, PREPROCESSINGS } from '../shared/inputs';
import type { ExplainChoice, LayerChoice } from '../shared/view';

/**
 * What comes back from workspace storage and from pages after a reload was written by some version of
 * Layerglass, not necessarily this one, so it is checked like a file.
 */
const inputSource = z.union([
  z.object({ kind: z.literal('file'), path: z.string(), member: z.optional(z.string()) }),
  z.object({ kind: z.literal('random'), seed: z.number() }),
]);
const inputSources = z.array(inputSource);
const preprocessing = z.object({
  name: z.enum(PREPROCESSINGS.map((one) => one.name)),
  mean: z.optional(z.array(z.number())),
  scale: z.optional(z.array(z.number())),
});
const modelSettings = z.object({
  preprocessing: z.optional(preprocessing),
  labels: z.optional(z.array(z.string())),
  lastInputs: z.optional(inputSources),
});
const target = z.object({
  index: z.union([z.number(), z.literal('auto')]),
  negative: z.optional(z.boolean()),
  score: z.optional(z.enum(['logit', 'probability'])),
  output: z.optional(z.number()),
});
const explainChoice = z.object({
  modelPath: z.string(),
  inputs: inputSources,
  preprocessing,
  method: z.enum(['grad-cam', 'saliency', 'guided-grad-cam']),
  layer: z.string(),
  target,
  colourMap: z.enum(COLOUR_MAPS),
  opacity: z.number().check(z.gte(0), z.lte(1)),
});
const layerChoice = z.object({
  modelPath: z.string(),
  layer: z.string(),
  inputs: inputSources,
  preprocessing,
});

/** Stored settings, or nothing when they cannot be understood. */
export function parseSettings(stored: unknown): ModelSettings {
  return modelSettings.safeParse(stored).data ?? {};
}

export function parseInputSources(stored: unknown): z.infer<typeof inputSources> {
  return inputSources.safeParse(stored).data ?? [];
}

/** The state of an explain page, `undefined` when it cannot be understood. */
export function parseExplainChoice(stored: unknown): ExplainChoice | undefined {
  return explainChoice.safeParse(stored).data;
}

/** The state of a layer page, `undefined` when it cannot be understood. */
export function parseLayerChoice(stored: unknown): LayerChoice | undefined {
  return layerChoice.safeParse(stored).data;
}
