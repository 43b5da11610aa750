import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import type { AxisPlacement } from '../../shared/explanation';
import type { OptionValues } from '../../shared/methods';
import type { Graph, TensorRef } from '../graph/graph';
import type { Tensor, TF } from '../layers/kind';
import type { Walk } from '../run/backward';
import type { Control } from '../run/control';
import type { RectifierRule } from '../run/rectifierRules';
import type { Trace } from '../run/trace';
import type { ChangedValues, ComparedGradients, GradientVisitor } from './passes';
import type { InputPlace } from './places';

/** What a method can use; walks are shared by all methods on the same score. */
export interface MethodContext {
  readonly tf: TF;
  readonly trace: Trace;
  readonly walk: (rule: RectifierRule) => Walk;
  /** Path of the node to explain at, already resolved; null for input-level methods. */
  readonly layer: string | null;
  readonly layerOutput: number;
  /** The inputs that can be explained, at least one for an input-level method, which gives one map for each. */
  readonly places: readonly InputPlace[];
  /** Where the score is read. */
  readonly scored: TensorRef;
  /** The score on the input as it is. */
  readonly score: number;
  /** Checked, with defaults: `optionsOf` in shared/methods.ts. */
  readonly options: OptionValues;
  /**
   * The score for changed values, in further forward passes: the number that `walk` differentiates. The values may be those of
   * `places`, or of a layer: only what comes after it is computed again. Runs as many examples together as memory allows, keeps
   * none of their values, reports progress and stops on cancellation.
   * @returns one score per example, in their order.
   * @throws Failure `not-applicable` where text or whole numbers are to be changed, and the failures of a run.
   * @example
   * // How much each of 64 positions of a sequence contributes: the score without it. `values` is [64, channels].
   * const scores = await ctx.scores({
   *   at: [place.ref],
   *   count: 64,
   *   values: (position) => [values.map((value, i) => (Math.floor(i / channels) === position ? 0 : value))],
   * });
   */
  readonly scores: (changed: ChangedValues) => Promise<Float64Array>;
  /** As `scores`; `visit` also gets the gradient of each example's score with respect to the changed values. */
  readonly gradients: (
    changed: ChangedValues,
    visit: GradientVisitor,
    rule?: RectifierRule,
  ) => Promise<Float64Array>;
  /**
   * The gradients at places of the score on the input as it is, under a rule that compares it with a reference: other values at
   * these places together. `ruleOf` gets all values of the run on the reference, which are freed afterwards.
   * @param reference one array per place, of one example
   */
  readonly gradientsAgainst: (
    at: readonly TensorRef[],
    reference: readonly Float32Array[],
    ruleOf: (reference: Trace) => RectifierRule,
  ) => Promise<ComparedGradients>;
  /** The values of a layer, of one example, for other values at all of `places`, one array each. */
  readonly valuesAt: (layer: TensorRef, changed: readonly Float32Array[]) => Promise<Float32Array>;
  /** Reads the .npy file that an option names. @throws Failure `file-not-found`, `bad-input`, ... */
  readonly readArray: (path: string) => Promise<RawMap>;
  readonly control: Control;
}

/** What is needed to replace parts of an input. */
export type InputContext = Pick<MethodContext, 'trace' | 'places' | 'options' | 'readArray'>;

/** A raw map: unnormalised. At a layer [h, w], [length] or, of volumes, [depth, h, w]; at an input the shape of one example. */
export interface RawMap {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A map that is drawn elsewhere than at the positions of its layer's output. */
export interface ShownMap {
  readonly map: RawMap;
  /** Index of the input that it is drawn over, and where its cells are there; null for positions of its own. */
  readonly on: { readonly input: number; readonly placement: readonly AxisPlacement[] } | null;
}

/** The result of a method. */
export interface Attribution {
  /** At a layer one map; at the input one for each of `places`, in their order, null where there is none. */
  readonly maps: readonly (RawMap | null)[];
  /** Of a method at a layer: what is drawn in place of its map. */
  readonly shown?: ShownMap;
  /** All channels of a position have its value: drawn is that value, not the sum over the channels. */
  readonly isPerPosition?: boolean;
  /** Sentences that are needed to interpret the maps. */
  readonly notices?: readonly string[];
  /**
   * For methods whose values add up to score(x) - score(baseline): the difference between the two, relative to the latter.
   */
  readonly completeness?: number;
}

/** Passes of the whole model, in examples. */
export interface Cost {
  readonly forward: number;
  readonly backward: number;
}

/**
 * The implementation of a method: one file per method in methods/, bound to its id in methods.ts. Its label and description
 * are in `shared/methods.ts`.
 */
export interface Method {
  /** Whether the map has the size of the layer or that of the input. */
  readonly mapsAt: 'layer' | 'input';
  /**
   * It compares scores instead of differentiating them: a single sigmoid is explained by p and 1 - p unless the logit is asked for,
   * because -z is the score of class 0 for gradients only.
   */
  readonly comparesScores?: boolean;
  /** The layer where none is chosen, for a method that only some layers suit; null for the default of all. */
  readonly defaultLayer?: (graph: Graph, scored: number | TensorRef) => string | null;
  /** The sentence for a map without a positive value. */
  readonly emptyNotice: string;
  /** What it takes besides the trace and one backward walk: shown, and confirmed by the user, before a long one starts. */
  readonly cost?: (ctx: MethodContext) => Cost;
  /** Bytes that it keeps for each value of the inputs besides copies of this value. */
  readonly bytesPerValue?: number;
  attribute(ctx: MethodContext): Promise<Attribution>;
}

/** A numeric option. */
export const numberOption = ({ options }: Pick<MethodContext, 'options'>, name: string): number =>
  Number(options[name] ?? fail('internal', l10n.t('There is no option "{0}".', name)));

/** An option that is a choice or a path. */
export const textOption = ({ options }: Pick<MethodContext, 'options'>, name: string): string =>
  String(options[name] ?? fail('internal', l10n.t('There is no option "{0}".', name)));

/** The value at a place on the input that is explained, of one example: the first of a batch. */
export async function inputValue(ctx: Pick<MethodContext, 'trace'>, ref: TensorRef): Promise<RawMap> {
  const tensor = ctx.trace.tensorAt(ref);
  const shape = tensor.shape.slice(1);
  const values = await tensor.data<'float32'>();
  return {
    shape,
    values: Float32Array.from(
      values.subarray(
        0,
        shape.reduce((a, b) => a * b, 1),
      ),
    ),
  };
}

/** The gradient at a place, of the first example; zeros where the score does not depend on it. */
export async function gradientAt(
  ctx: Pick<MethodContext, 'trace' | 'walk' | 'control'>,
  rule: RectifierRule,
  ref: TensorRef,
): Promise<RawMap> {
  const value = ctx.trace.tensorAt(ref);
  // A value of a graph may be one number, without a batch.
  const shape = value.shape.slice(1);
  const size = shape.reduce((a, b) => a * b, 1);
  const gradient = await ctx.walk(rule).at(ref.node, ref.output, ctx.control);
  const values = gradient ? (await gradient.data()).subarray(0, size) : new Float32Array(size);
  return { shape, values: Float32Array.from(values) };
}

/** Each value of a map times a factor. */
export const times = ({ shape, values }: RawMap, factors: ArrayLike<number>): RawMap => ({
  shape,
  values: values.map((value, i) => value * (factors[i] ?? Number.NaN)),
});

/** Reads a tensor to the host and frees it. */
export async function toRawMap(tensor: Tensor): Promise<RawMap> {
  const values = Float32Array.from(await tensor.data());
  const shape = tensor.shape;
  tensor.dispose();
  return { shape, values };
}

/** @throws Failure `not-applicable` for an empty value, for which there is no map. */
export function checkNotEmpty(path: string, { size, shape }: Tensor): void {
  if (size > 0) return;
  fail(
    'not-applicable',
    l10n.t('Layer "{0}" is empty ({1}): there is nothing to explain.', path, shape.join(' x ')),
    {
      subject: path,
      remedy: l10n.t('Choose another layer or another input.'),
    },
  );
}
