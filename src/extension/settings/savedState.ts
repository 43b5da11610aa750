import type { InputSource, ModelSettings } from '../../shared/inputs';
import { explainChoice, inputSources, layerChoice, modelSettings } from '../../shared/schemas';
import type { ExplainChoice, LayerChoice } from '../../shared/view';

/**
 * What comes back from workspace storage and from pages after a reload was written by some version of
 * Layerglass, not necessarily this one, so it is checked like a file; what cannot be understood is dropped.
 */

/** Stored settings, or nothing when they cannot be understood. */
export function parseSettings(stored: unknown): ModelSettings {
  return modelSettings.safeParse(stored).data ?? {};
}

export function parseInputSources(stored: unknown): readonly InputSource[] {
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
