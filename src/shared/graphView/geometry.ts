/** Lengths of the layout, in pixels at a zoom of 1. */
export const GAP_X = 26;
/** Between a box and the next one below it; a label has its place in between. */
export const GAP_Y = 40;
export const LABEL_HEIGHT = 16;

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}
