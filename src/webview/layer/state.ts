import type { LayerChoice } from '../../shared/view';

export type Stage = 'pre' | 'post';

/** The choice that the extension reads, and what the page stores for itself beside it. */
export interface LayerState extends LayerChoice {
  readonly stage: Stage;
  readonly colourMap: string;
}

/** Whether stored state is whole enough to be sent to the extension, which checks the rest against the model. */
export function isLayerState(value: unknown): value is LayerState {
  if (typeof value !== 'object' || value === null) return false;
  const state = value as Partial<Record<keyof LayerState, unknown>>;
  return (
    typeof state.modelPath === 'string' &&
    typeof state.layer === 'string' &&
    Array.isArray(state.inputs) &&
    typeof state.preprocessing === 'object' &&
    (state.stage === 'pre' || state.stage === 'post') &&
    typeof state.colourMap === 'string'
  );
}
