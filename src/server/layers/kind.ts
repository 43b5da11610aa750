import type * as tfcore from '@tensorflow/tfjs-core';
import type { Asset } from '../../shared/asset';
import type { BackendName } from '../../shared/model';
import type { CallArguments } from '../graph/callArguments';
import type { LayerConfig } from '../graph/layerConfig';
import type { LayerRule } from '../graph/layerRule';

/** The tensor library. Layers get it in their context and never import it, so that listing a model loads no library. */
export type TF = typeof tfcore;
export type Tensor = tfcore.Tensor;

/** One step of a loop: the states after it, and what it gives besides; or all steps, with the latter as sequences. A type for `tf.tidy`. */
export type ScanStep = { states: Tensor[]; outputs: Tensor[] };

/**
 * A loop that is one operator of ONNX (https://onnx.ai/onnx/operators/onnx__LSTM.html): it gives the states after the last step and the
 * first of them after each step.
 */
export interface LoopOperator {
  readonly name: 'LSTM' | 'GRU' | 'RNN';
  /** [time, batch, features] */
  readonly input: Tensor;
  /** [1, gates * units, features], [1, gates * units, units] and, unless nothing is added, [1, 2 * gates * units]; gates in ONNX's order. */
  readonly weights: readonly Tensor[];
  /** Of a GRU: whether the reset gate multiplies the product with the state. */
  readonly resetsAfter?: boolean;
}

/**
 * Makes a step for each index along the first axis of some tensors.
 * @param step the states after a step have the shapes of those before; all tensors are float32
 * @param states before the first step
 * @param sequences [time, ...]; the step gets slices without the first axis
 * @param isReversed whether the last step comes first; the outputs stay where their slices are
 * @param operator that gives what the steps give
 * @returns the states after the last step, and each output as a sequence
 */
export type Scan = (
  step: (states: readonly Tensor[], slices: readonly Tensor[]) => ScanStep,
  states: readonly Tensor[],
  sequences: readonly Tensor[],
  isReversed: boolean,
  operator?: LoopOperator,
) => ScanStep;

/** What one call of a layer needs besides its inputs. */
export interface LayerContext {
  readonly tf: TF;
  readonly backend: BackendName;
  readonly config: LayerConfig;
  readonly call: CallArguments;
  /** In the order of `weights()`, float32. */
  readonly weights: readonly Tensor[];
  /** The contents of `assets()` found in the file, by name; absent if the layer declares none. */
  readonly assets?: ReadonlyMap<string, Asset>;
  /** Keras mask of each input, bool [batch, time]; `undefined` for an input without one. */
  readonly masks: readonly (Tensor | undefined)[];
  /** Loops of a backend that compiles them; `null` for one that does not take this loop. Their steps must not read values. */
  readonly scan?: (...loop: Parameters<Scan>) => ScanStep | null;
  /** On a backend that records what a layer does: calls `check` with values once they are known, and again for those of the next input. */
  readonly whenKnown?: (tensor: Tensor, check: ValueCheck) => void;
}

/** Rejects values that a layer does not take. @throws Failure `bad-input` */
export type ValueCheck = (values: ArrayLike<number>) => void;

/** The input of `backward`: the gradient of a score at a layer's outputs, before its activation. */
export interface BackwardStep {
  readonly inputs: readonly Tensor[];
  /** What `forward` returned. */
  readonly outputs: readonly Tensor[];
  /** dScore/dOutput, one per output; `null` where the score does not depend on it. */
  readonly gradients: readonly (Tensor | null)[];
}

/** The function from the value before the activation to the value after it: elementwise or softmax-like. */
export interface Activation {
  /** Its name in Keras. */
  readonly name: string;
  /** True for the rectifiers (ReLU family), whose backward rule guided backpropagation and DeconvNet replace. */
  readonly rectifies: boolean;
  /** True where it is another function at another position (the slopes of PReLU): no one curve shows it. */
  readonly variesByPosition?: boolean;
  forward(tf: TF, pre: Tensor): Tensor;
  /** dScore/dPre from dScore/dOut. At a kink it matches TensorFlow: ReLU at 0 and ReLU6 at 6 have gradient 0. */
  backward(tf: TF, pre: Tensor, out: Tensor, gradient: Tensor): Tensor;
}

/** What explanation methods read of an attention layer, besides its output. */
export interface AttentionView {
  /** Where query, key and value are among the node's inputs. The positions of the output are those of the query. */
  slots(
    config: LayerConfig,
    call: CallArguments,
    inputs: number,
  ): { readonly query: number; readonly key: number; readonly value: number };
  /**
   * How strongly each query attends to each key, computed from the layer's inputs: float32 [batch, heads, queries, keys], as Keras
   * returns it with `return_attention_scores=True`, with the positions of several axes in row-major order.
   * @throws Failure `not-applicable` where further axes are not attended along.
   */
  scores(ctx: LayerContext, inputs: readonly Tensor[]): Tensor;
  /** The same before masks and softmax. @throws Failure as `scores`. */
  logits(ctx: LayerContext, inputs: readonly Tensor[]): Tensor;
}

/**
 * A layer kind: its static rules and how it computes. The caller wraps every method in `tf.tidy`.
 */
export interface LayerKind extends LayerRule {
  /**
   * The outputs, output 0 *before* the activation; run/ applies `activation` and keeps both values.
   * @throws Failure `bad-input` where the values of an input are not allowed (an id outside an embedding).
   */
  forward(ctx: LayerContext, inputs: readonly Tensor[]): readonly Tensor[];
  /** Applied to output 0 of `forward`; `null` for linear. `weights` serve activations that have some (PReLU). */
  activation?(config: LayerConfig, weights: readonly Tensor[], call?: CallArguments): Activation | null;
  /**
   * dScore/dInput, one per input (`null` for integer inputs). Analytic rather than TF.js's tape: it needs no second
   * forward pass and no filter gradient, and every step has a kernel on every backend.
   */
  backward(ctx: LayerContext, step: BackwardStep): readonly (Tensor | null)[];
  /** The mask of the output; if absent, the mask of the first input passes through (Keras `supports_masking`). */
  mask?(ctx: LayerContext, inputs: readonly Tensor[]): Tensor | undefined;
  /** Whether a call in Keras 3 clears the masks of its inputs, so that layers called on them later see none. */
  readonly clearsInputMasks?: boolean;
  /** How many outputs, counted from the first, carry the mask; if absent, one (final states of an RNN carry none). */
  maskedOutputs?(config: LayerConfig): number;
  /** Of attention layers only. */
  readonly attention?: AttentionView;
}

/** The layer kinds of one family file, by Keras class name (old aliases are entries of their own). */
export type KindTable = Readonly<Record<string, LayerKind>>;
/** Finds a layer kind by class name; `undefined` for a class that Layerglass does not know. */
export type FindKind = (className: string) => LayerKind | undefined;
