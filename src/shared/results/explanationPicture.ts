import type { ExplanationHeader } from '../explanation';
import type { Span } from './tracing';

/** An explanation for somebody who sees images but no page: its maps over their inputs, and where they are strongest. */
export interface ExplanationPicture {
  readonly header: ExplanationHeader;
  /** One per map, the first one of `header` first; at most `MAX_PICTURES`. */
  readonly pictures: readonly MapPicture[];
}

export interface MapPicture {
  /** Path of the model input that the map is drawn over. */
  readonly input: string;
  readonly width: number;
  readonly height: number;
  /** A PNG file as base64. */
  readonly png: string;
  /** The positions of the map with the largest values by size, the largest first. */
  readonly strongest: readonly StrongPosition[];
}

export interface StrongPosition {
  /** One index per axis of the map. */
  readonly position: readonly number[];
  /** What the positions are called, where that is known: a word, a letter, a column. */
  readonly name: string | null;
  readonly value: number;
  /** The part of the input below it, one range per spatial axis; `null` where it has no known place. */
  readonly onInput: readonly Span[] | null;
}

export const MAX_PICTURES = 4;
