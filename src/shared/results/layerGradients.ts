/** How strongly a score depends on the output of a layer: its gradient there, of one input. */
export interface LayerGradient {
  readonly path: string;
  /** Sum of the squares of the gradient, and of how many values: their quotient is the square of the RMS. */
  readonly squares: number;
  readonly count: number;
}

export interface LayerGradients {
  /** What the score is of, as a part of a sentence. */
  readonly target: string;
  /** The layers that the score depends on, in graph order; not the one whose value before its activation is the score. */
  readonly layers: readonly LayerGradient[];
}
