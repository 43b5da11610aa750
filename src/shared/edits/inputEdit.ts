import type { InputSource } from '../inputs';
import type { Checked } from '../schemas';
import { areFew } from './editLimits';
import type { inputEdit } from './editSchema';
import { maskOf, runsOf } from './runs';

export type InputEdit = Checked<typeof inputEdit>;
export type PaintEdit = Extract<InputEdit, { kind: 'paint' }>;
export type PaintFill = PaintEdit['fill'];

export const isEdited = ({ edits = [] }: InputSource): boolean => edits.length > 0;

/** The source as its file, seed or text gives it. */
export function unedited(source: InputSource): InputSource {
  const { edits: _, ...rest } = source;
  return rest;
}

/** The source with these edits in place of those that it has. */
export const withEdits = (source: InputSource, edits: readonly InputEdit[]): InputSource =>
  edits.length === 0 ? unedited(source) : { ...source, edits };

/**
 * The edits within the limits of a list: as long as there are too many, the oldest neighbours of the same kind become one, which
 * gives the same input.
 * @returns `null` where that is not enough
 */
export function bounded(edits: readonly InputEdit[]): readonly InputEdit[] | null {
  let list = edits;
  for (let at = 0; !areFew(list) && at < list.length - 1; ) {
    const [first, second] = [list[at], list[at + 1]];
    const one = first && second ? merged(first, second) : null;
    if (one === null) at += 1;
    else list = [...list.slice(0, at), one, ...list.slice(at + 2)];
  }
  return areFew(list) ? list : null;
}

/** One edit in place of two; `null` where they are of different kinds. */
function merged(first: InputEdit, second: InputEdit): InputEdit | null {
  if (first.kind === 'paint' && second.kind === 'paint') return mergedPaint(first, second);
  if (first.kind === 'text' && second.kind === 'text') return first.at === second.at ? second : null;
  if (first.kind === 'values' && second.kind === 'values')
    return { kind: 'values', ...mergedPlaces(first, second) };
  if (first.kind === 'letters' && second.kind === 'letters')
    return { kind: 'letters', ...mergedPlaces(first, second) };
  return null;
}

function mergedPaint(first: PaintEdit, second: PaintEdit): PaintEdit | null {
  if (JSON.stringify([first.size, first.fill]) !== JSON.stringify([second.size, second.fill])) return null;
  const [height, width] = first.size;
  const mask = maskOf(first.runs, height * width);
  const other = maskOf(second.runs, height * width);
  if (mask === null || other === null) return null;
  for (const [i, value] of other.entries()) if (value === 1) mask[i] = 1;
  return { ...first, runs: runsOf(mask) };
}

function mergedPlaces<T>(
  first: { readonly at: readonly number[]; readonly to: readonly T[] },
  second: { readonly at: readonly number[]; readonly to: readonly T[] },
): { readonly at: readonly number[]; readonly to: readonly T[] } {
  const last = new Map<number, T>();
  for (const { at, to } of [first, second]) {
    for (const [i, place] of at.entries()) {
      const value = to[i];
      if (value !== undefined) last.set(place, value);
    }
  }
  return { at: [...last.keys()], to: [...last.values()] };
}
