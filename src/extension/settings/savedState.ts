import { checkpointsChoice } from '../../shared/checkpoints/checkpointSchemas';
import type { CheckpointsChoice } from '../../shared/checkpoints/checkpointsView';
import { compareChoice } from '../../shared/compare/compareSchemas';
import type { CompareChoice } from '../../shared/compare/compareView';
import { galleryChoice } from '../../shared/gallery/gallerySchemas';
import type { GalleryChoice } from '../../shared/gallery/galleryView';
import type { GraphChoice } from '../../shared/graphView/graphPage';
import type { InputSource, ModelSettings } from '../../shared/inputs';
import {
  explainChoice,
  graphChoice,
  healthChoice,
  inputSources,
  layerChoice,
  modelSettings,
} from '../../shared/schemas';
import type { ExplainChoice, HealthChoice, LayerChoice } from '../../shared/view';

/**
 * Workspace storage and saved pages may have been written by another version of Layerglass, so they are validated like
 * files; invalid state is dropped.
 */

/** Stored settings; empty when invalid. */
export function parseSettings(stored: unknown): ModelSettings {
  return modelSettings.safeParse(stored).data ?? {};
}

export function parseInputSources(stored: unknown): readonly InputSource[] {
  return inputSources.safeParse(stored).data ?? [];
}

/** The state of an explain page, `undefined` when invalid. */
export function parseExplainChoice(stored: unknown): ExplainChoice | undefined {
  return explainChoice.safeParse(stored).data;
}

/** The state of a health page, `undefined` when invalid. */
export function parseHealthChoice(stored: unknown): HealthChoice | undefined {
  return healthChoice.safeParse(stored).data;
}

/** The state of a layer page, `undefined` when invalid. */
export function parseLayerChoice(stored: unknown): LayerChoice | undefined {
  return layerChoice.safeParse(stored).data;
}

/** The state of a page of checkpoints, `undefined` when invalid. */
export function parseCheckpointsChoice(stored: unknown): CheckpointsChoice | undefined {
  return checkpointsChoice.safeParse(stored).data;
}

/** The state of a page of two models, `undefined` when invalid. */
export function parseCompareChoice(stored: unknown): CompareChoice | undefined {
  return compareChoice.safeParse(stored).data;
}

/** The state of a graph page, `undefined` when invalid. */
export function parseGraphChoice(stored: unknown): GraphChoice | undefined {
  return graphChoice.safeParse(stored).data;
}

/** The state of a gallery page, `undefined` when invalid. */
export function parseGalleryChoice(stored: unknown): GalleryChoice | undefined {
  return galleryChoice.safeParse(stored).data;
}
