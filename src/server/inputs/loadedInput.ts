import { fail } from '../../shared/errors';
import type { InputSource } from '../../shared/inputs';
import type { MaybeShape } from '../../shared/model';

/** What a model's input wants to be fed. */
export interface InputSpec {
  readonly name: string;
  /** Batch axis first; `null` when the rank is unknown. */
  readonly shape: MaybeShape;
  readonly dtype: string;
  /** True when the channels of a picture come before height and width; default false. */
  readonly channelsFirst?: boolean;
}

/** A picture as a person sees it, at the size that the model gets. */
export interface ShownImage {
  readonly width: number;
  readonly height: number;
  /** [height, width, 3] red, green, blue bytes, before any preprocessing. */
  readonly rgb: Uint8Array;
}

/** One example for one model input. */
export interface LoadedInput {
  /** Row-major, after preprocessing; integer inputs hold whole numbers. */
  readonly values: Float32Array;
  /** With a batch axis of 1 in front. */
  readonly shape: readonly number[];
  readonly image: ShownImage | null;
  readonly source: InputSource;
  /** Sentences worth showing: what was resized, left out or assumed. */
  readonly notices: readonly string[];
}

/** 512 MB of float32: above what any model takes as one example. */
export const MAX_INPUT_VALUES = 2 ** 27;

/** Throws `too-large` when an example would have more than `MAX_INPUT_VALUES`. */
export function checkInputSize(shape: readonly number[], name: string): void {
  const count = shape.reduce((product, size) => product * size, 1);
  if (count <= MAX_INPUT_VALUES) return;
  fail('too-large', `The input '${name}' of shape ${shapeText(shape)} would have ${count} values.`, {
    remedy: `Choose a smaller example: at most ${MAX_INPUT_VALUES} values are taken.`,
  });
}

/** Keras's way to write a shape: `(None, 28, 28, 1)`, `(3,)`. */
export function shapeText(shape: MaybeShape): string {
  if (shape === null) return 'of unknown rank';
  const sizes = shape.map((size) => size ?? 'None');
  return sizes.length === 1 ? `(${sizes[0]},)` : `(${sizes.join(', ')})`;
}
