import type { MaybeShape } from '../model';

/** What a box of the graph stands for: a layer or operation, a nested model or name scope, or an input or output of the model. */
export type ViewKind = 'layer' | 'group' | 'input' | 'output';

/** A box of the graph, before anything is folded. */
export interface ViewNode {
  readonly kind: ViewKind;
  /** Of the row in `ModelSummary.layers`; for an output the layer that computes it. */
  readonly path: string;
  /** The name within the group around it; the second call of a shared layer ends in `@2`. */
  readonly label: string;
  readonly className: string;
  /** Index of the group around it, which comes earlier in the list; `null` at the top level. */
  readonly parent: number | null;
  readonly activation: string | null;
  readonly outputShapes: readonly MaybeShape[];
  readonly params: number;
  readonly paramsAreLowerBound?: true;
  /** Of one call for one example, `null` where unknown. */
  readonly multiplyAdds: number | null;
  /** Which of several calls of a shared layer or model, from 1. */
  readonly call?: { readonly number: number; readonly of: number };
  /** The layer, or one before it, is not computed. */
  readonly isUnknown: boolean;
}

/** A value that one box uses: groups have none, their layers have. */
export interface ViewEdge {
  readonly from: number;
  /** Which output of `from`. */
  readonly output: number;
  readonly to: number;
}

/** A whole model as boxes and connections: plain JSON. */
export interface ViewGraph {
  readonly name: string;
  readonly nodes: readonly ViewNode[];
  readonly edges: readonly ViewEdge[];
}

/** `112×112×32`: a shape without its batch axis; `?` for an unknown size, `unknown` for an unknown rank. */
export function compactShape(shape: MaybeShape): string {
  if (shape === null) return 'unknown';
  const sizes = shape[0] === null ? shape.slice(1) : shape;
  return sizes.length === 0 ? 'scalar' : sizes.map((size) => size ?? '?').join('×');
}
