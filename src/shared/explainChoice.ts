import type { TargetChoice } from './explanation';
import { methodAtLayer } from './methods';
import type { Comparison, ExplainChange, ExplainChoice } from './view';

/** The choice with the user's change merged into it. Parts of the target that are left out stay; `null` removes one. */
export function changedChoice(choice: ExplainChoice, change: ExplainChange): ExplainChoice {
  const parts = Object.entries({ ...choice.target, ...change.target });
  const target = Object.fromEntries(parts.filter(([, part]) => part !== null)) as TargetChoice;
  const { compareWith = choice.compareWith, ...others } = change;
  const { compareWith: _, ...kept } = choice;
  return { ...kept, ...others, target, ...(compareWith && { compareWith }) };
}

/** The choice that is explained beside the first one. Options are those of one method: another has its defaults. */
export function comparedChoice(choice: ExplainChoice, compared: Comparison | null): ExplainChoice {
  if (compared === null) return choice;
  const { options, fusedLayers: _, ...rest } = choice;
  const { target = choice.target, method = choice.method, layer = choice.layer } = compared;
  return { ...rest, target, method, layer, ...(method === choice.method && options && { options }) };
}

const DRAWN: readonly string[] = ['colourMap', 'opacity'];
const BESIDE: readonly string[] = [...DRAWN, 'compare', 'compareWith'];

/** Whether a change affects only how the explanation is drawn. */
export const isDisplayChange = (change: ExplainChange): boolean =>
  Object.keys(change).every((part) => DRAWN.includes(part));

/** Whether a change leaves the explanation as it is: only what is beside it, or how it is drawn, is another. */
export const isBesideChange = (change: ExplainChange): boolean =>
  Object.keys(change).every((part) => BESIDE.includes(part));

/** The choice at another layer, with a method that explains layers. */
export const atLayer = (choice: ExplainChoice, layer: string): ExplainChoice => ({
  ...choice,
  layer,
  method: methodAtLayer(choice.method),
});

/** The choice for one output of the model; of another one than before the predicted class is explained. */
export const atOutput = (choice: ExplainChoice, output: number): ExplainChoice =>
  output === (choice.target.output ?? 0) ? choice : { ...choice, target: { index: 'auto', output } };
