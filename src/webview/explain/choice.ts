import type { ExplainChoice } from '../../shared/view';

/** What the page stores for itself beside the choice that the extension reads. */
export interface ExplainState extends ExplainChoice {
  /** Both classes of a single sigmoid side by side. */
  readonly compare: boolean;
}

/** Whether stored state is whole enough to be sent to the extension, which checks the rest against the model. */
export function isExplainState(value: unknown): value is ExplainState {
  if (typeof value !== 'object' || value === null) return false;
  const choice = value as Partial<Record<keyof ExplainState, unknown>>;
  return (
    typeof choice.modelPath === 'string' &&
    Array.isArray(choice.inputs) &&
    typeof choice.preprocessing === 'object' &&
    typeof choice.method === 'string' &&
    typeof choice.layer === 'string' &&
    typeof choice.target === 'object' &&
    typeof choice.colourMap === 'string' &&
    typeof choice.opacity === 'number'
  );
}
