import { colourOf } from '../../canvas';
import type { FlatScene } from '../scene';
import type { Colours } from './picture';

/** Where bars begin and end, in units of the map. */
export interface BarRange {
  readonly bottom: number;
  readonly top: number;
}

export function barRange(values: readonly number[]): BarRange {
  let [bottom, top] = [0, 0];
  let [hasPositive, hasNegative] = [false, false];
  for (const value of values) {
    if (Number.isFinite(value)) {
      bottom = Math.min(bottom, value);
      top = Math.max(top, value);
    } else {
      hasPositive ||= value > 0;
      hasNegative ||= value < 0;
    }
  }
  return { bottom: Math.min(bottom, hasNegative ? -1 : 0), top: Math.max(top, hasPositive ? 1 : 0) };
}

/** An infinity fills its direction; NaN fills both. */
export function barOf(value: number, { bottom, top }: BarRange): readonly [number, number] {
  if (Number.isNaN(value)) return [bottom, top];
  return [Math.max(bottom, Math.min(0, value)), Math.min(top, Math.max(0, value))];
}

export function barColour({ table, isSigned }: Colours, value: number, { top }: FlatScene): string {
  const share = top > 0 ? value / top : Math.sign(value);
  const colour = colourOf(table, Number.isNaN(value) ? value : isSigned ? 0.5 + share / 2 : share);
  return `rgb(${Array.from(colour).join(' ')})`;
}
