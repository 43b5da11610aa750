import type { TargetChoice } from './explanation';
import type { ExplainChange, ExplainChoice } from './view';

/** The choice with the user's change merged into it. Parts of the target that are left out stay; `null` removes one. */
export function changedChoice(choice: ExplainChoice, change: ExplainChange): ExplainChoice {
  const parts = Object.entries({ ...choice.target, ...change.target });
  const target = Object.fromEntries(parts.filter(([, part]) => part !== null)) as TargetChoice;
  return { ...choice, ...change, target };
}

/** Whether a change affects only how the explanation is drawn. */
export function isDisplayChange(change: ExplainChange): boolean {
  return Object.keys(change).every((part) => part === 'colourMap' || part === 'opacity');
}
