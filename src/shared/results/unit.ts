/** How one value of a layer is computed: the answer to `layerglass unit` and to the section "One unit" of a layer page. */
import * as l10n from '@vscode/l10n';

/** One value of a layer, as it is asked for. */
export interface UnitPlace {
  readonly layer: string;
  /** Which output of the layer; left out for the first. */
  readonly output?: number;
  /** The channel. */
  readonly unit: number;
  /** One index per axis that is neither batch nor channels; of a recurrent cell the step, in the order of processing. */
  readonly position: readonly number[];
}

/** A value and where it is among the values of its layer. */
export interface UnitSource extends UnitPlace {
  /** Without the batch axis; `null` for a step of a layer that returns the last one only. */
  readonly index: readonly number[] | null;
}

/** One term of a sum: `product` is `input * weight`. */
export interface UnitTerm {
  readonly input: number;
  readonly weight: number;
  readonly product: number;
  /** Where the input comes from; `null` for what is no value of a layer: the padding, or a gate of a recurrent cell. */
  readonly from: UnitSource | null;
  /** What the input is, where its source does not say it: "padding", "candidate", "head 2, key 5". */
  readonly name?: string;
}

/** A sum of products and a bias. */
export interface UnitSum {
  /** The value that the model computed in float32. */
  readonly pre: number;
  /** `null` for a layer without. */
  readonly bias: number | null;
  /** The largest first, by the size of their products; NaN before all. At most `MAX_TERMS`. */
  readonly terms: readonly UnitTerm[];
  /** How many terms are not listed, and the sum of their products. */
  readonly others: number;
  readonly sumOfRest: number;
  /** Terms, rest and bias, added in double precision. */
  readonly sum: number;
  /** Whether `sum` is `pre` within `SUM_TOLERANCE` of the sum of the sizes of the terms. */
  readonly agrees: boolean;
}

/** More terms than this are counted and added up in `others` and `sumOfRest`. */
export const MAX_TERMS = 512;

/** Of the sum of the sizes of all terms: float32 additions in another order differ by less. */
export const SUM_TOLERANCE = 1e-5;

/**
 * What the terms say. `sum`: a weighted sum. `value`: one value, passed on, moved or given to an activation. `max`: the largest of
 * some values, whose weight is 1. `product`: the first factor times the others. `lookup`: a row of a table. `gates`: the state of a
 * recurrent cell. `attention`: values weighted by a softmax. `slopes`: no sum of its inputs; the weights are the derivatives at
 * them, and the bias is what is left. `input`: an input of the model.
 */
export type UnitForm =
  | 'sum'
  | 'value'
  | 'max'
  | 'product'
  | 'lookup'
  | 'gates'
  | 'attention'
  | 'slopes'
  | 'input';

/** One gate of a recurrent cell at a step: the sum over input and state, and its activation. */
export interface UnitGate extends UnitSum {
  /** "input", "forget", "candidate", "output"; "update", "reset". */
  readonly name: string;
  /** Name of the activation; `null` for linear. */
  readonly activation: string | null;
  readonly post: number;
}

/** How strongly one query attends to each key in one head. */
export interface UnitAttention {
  readonly head: number;
  /** Of all keys, up to a limit. Scores are those before masks and softmax; `null` where they are not known. */
  readonly keys: readonly {
    readonly key: number;
    readonly score: number | null;
    readonly weight: number;
    readonly from: UnitSource;
  }[];
}

/** Window and kernel of a convolution, with the numbers in place. */
export interface UnitWindow {
  /** Sizes of the kernel along each spatial axis. */
  readonly sizes: readonly number[];
  /** The channels with the largest sums by size, up to a limit. */
  readonly planes: readonly UnitPlane[];
  /** How many channels are not listed. */
  readonly others: number;
}

/** One channel of a window, row-major over `UnitWindow.sizes`. */
export interface UnitPlane {
  readonly channel: number;
  readonly sum: number;
  readonly terms: readonly UnitTerm[];
}

/** One value of a layer, taken apart. */
export interface OpenedUnit extends UnitSum {
  readonly layer: string;
  readonly className: string;
  readonly output: number;
  readonly unit: number;
  /** How many there are. */
  readonly units: number;
  readonly position: readonly number[];
  /** How many positions there are along each axis. */
  readonly sizes: readonly number[];
  /** `null` for a step of a layer that returns the last one only. */
  readonly index: readonly number[] | null;
  readonly form: UnitForm;
  /** Name of the activation, of a recurrent cell as `output gate x tanh`; `null` for none. */
  readonly activation: string | null;
  /** The value after the activation. */
  readonly post: number;
  /** Of a convolution. */
  readonly window: UnitWindow | null;
  /** The factors of a product. */
  readonly factors: readonly { readonly value: number; readonly from: UnitSource }[];
  /** Of a recurrent cell. */
  readonly gates: readonly UnitGate[];
  /** Of an attention layer, one entry per head. */
  readonly attention: readonly UnitAttention[];
  readonly notices: readonly string[];
}

/** "conv[3, 4], unit 7". */
export function placeText({ layer, output, unit, position }: UnitPlace): string {
  const where = position.length === 0 ? '' : ` [${position.join(', ')}]`;
  return output === undefined || output === 0
    ? l10n.t('{0}{1}, unit {2}', layer, where, unit)
    : l10n.t('{0}, output {1}{2}, unit {3}', layer, output, where, unit);
}
