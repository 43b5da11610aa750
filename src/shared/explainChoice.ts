import type { ExplainChange, ExplainChoice } from './view';

/** The choice with the user's change merged into it. Parts of the target that are left out stay. */
export function changedChoice(choice: ExplainChoice, change: ExplainChange): ExplainChoice {
  return { ...choice, ...change, target: { ...choice.target, ...change.target } };
}

/** Whether a change affects only how the explanation is drawn. */
export function isDisplayChange(change: ExplainChange): boolean {
  return Object.keys(change).every((part) => part === 'colourMap' || part === 'opacity');
}
