import type { ExplainChange, ExplainChoice } from './view';

/** The choice with what the user changed in it. Of the target only the parts that are given change. */
export function changedChoice(choice: ExplainChoice, change: ExplainChange): ExplainChoice {
  return { ...choice, ...change, target: { ...choice.target, ...change.target } };
}

/** Whether a change only draws the same explanation in another way. */
export function isLook(change: ExplainChange): boolean {
  return Object.keys(change).every((part) => part === 'colourMap' || part === 'opacity');
}
