import type * as tfcore from '@tensorflow/tfjs-core';
import type { Asset } from '../../shared/asset';
import type { BackendName } from '../../shared/model';
import type { CallArguments } from '../graph/callArguments';
import type { LayerConfig } from '../graph/layerConfig';
import type { LayerRule } from '../graph/layerRule';

/** The tensor library, handed in: no layer imports it, so that listing a model loads none. */
export type TF = typeof tfcore;
export type Tensor = tfcore.Tensor;

export interface LayerContext {
  readonly tf: TF;
  readonly backend: BackendName;
  readonly config: LayerConfig;
  readonly call: CallArguments;
  /** In the order of `weights()`, float32. */
  readonly weights: readonly Tensor[];
  /** What the file holds of `assets()`, by name; left out where nobody asks for any. */
  readonly assets?: ReadonlyMap<string, Asset>;
  /** Keras masks of the inputs, bool [batch, time]; `undefined` where there is none. */
  readonly masks: readonly (Tensor | undefined)[];
}

/** The gradient of a score at a layer's outputs, before they went through its activation. */
export interface BackwardStep {
  readonly inputs: readonly Tensor[];
  /** What `forward` gave. */
  readonly outputs: readonly Tensor[];
  /** dScore/dOutput, one an output; `null` where the score does not depend on it. */
  readonly gradients: readonly (Tensor | null)[];
}

/** An elementwise (or softmax-like) function between the value before and the value after the activation. */
export interface Activation {
  /** Keras's name. */
  readonly name: string;
  /** True for the rectifiers (ReLU family) whose backward rule guided backprop and deconvnet replace. */
  readonly rectifies: boolean;
  forward(tf: TF, pre: Tensor): Tensor;
  /** dScore/dPre from dScore/dOut. At a kink as TensorFlow: ReLU at 0 and ReLU6 at 6 have gradient 0. */
  backward(tf: TF, pre: Tensor, out: Tensor, gradient: Tensor): Tensor;
}

/**
 * A layer kind: its static rules and how it computes. Everything runs inside one `tf.tidy`.
 * `forward` gives the value *before* the activation; run/ applies `activation` and keeps both.
 */
export interface LayerKind extends LayerRule {
  forward(ctx: LayerContext, inputs: readonly Tensor[]): readonly Tensor[];
  /** Applied to output 0 of `forward`; `null` for linear. PReLU closes over its weights. */
  activation?(config: LayerConfig, weights: readonly Tensor[], call?: CallArguments): Activation | null;
  /**
   * dScore/dInput, one an input (`null` for integer inputs). Analytic, not by TF.js's tape: no second forward pass, no
   * filter gradient, and every step has a kernel on every backend.
   */
  backward(ctx: LayerContext, step: BackwardStep): readonly (Tensor | null)[];
  /** The mask of the output; left out, it is the mask of the first input (Keras `supports_masking`). */
  mask?(ctx: LayerContext, inputs: readonly Tensor[]): Tensor | undefined;
  /** Whether, since Keras 3, a call takes the Keras masks off its inputs: what is computed later from them sees none. */
  readonly clearsInputMasks?: boolean;
  /** How many of the outputs, from the first on, have that mask; left out, the first alone, as with Keras's final states. */
  maskedOutputs?(config: LayerConfig): number;
}

/** The layer kinds of one family file, by Keras class name (old aliases are entries of their own). */
export type KindTable = Readonly<Record<string, LayerKind>>;
/** The kind of a layer by its class name, of layers that Layerglass knows. */
export type FindKind = (className: string) => LayerKind | undefined;
