/** Model, layer and tensor summaries as sent between processes: plain JSON, no classes. */

/** A static shape, batch axis first; `null` marks an unknown size, `null` in place of the list an unknown rank. */
export type Shape = readonly (number | null)[];
export type MaybeShape = Shape | null;

/** How many values known sizes make; 1 for a single number. */
export const sizeOf = (sizes: readonly number[]): number => sizes.reduce((size, length) => size * length, 1);

export type ModelFormat =
  | 'keras'
  | 'hdf5'
  | 'topology'
  | 'tfjs-layers'
  | 'tfjs-graph'
  | 'saved-model'
  /** Arrays by layer, without a description of the layers. */
  | 'weights';

export interface ParameterCount {
  readonly total: number;
  readonly trainable: number;
  readonly nonTrainable: number;
  /** Part of the total: values stored for unknown layers, for which the file does not record whether they are trainable. */
  readonly undetermined?: number;
  /** The total is a lower bound: unknown layers may have parameters that the file does not count. */
  readonly isLowerBound?: true;
}

export interface NamedTensor {
  readonly name: string;
  readonly shape: MaybeShape;
  readonly dtype: string;
}

/** The inner layer call, and its output, that an output of a nested model comes from. */
export interface OutputOrigin {
  readonly path: string;
  readonly index: number;
}

/** One row of `inspect`: one call of one layer. The second call of a shared layer has the path `name@2`. */
export interface LayerRow {
  /** Unique, e.g. `vgg16/block5_conv3` or `embed@2/conv1`. */
  readonly path: string;
  readonly name: string;
  readonly className: string;
  /** One shape per output; `null` where it is unknown (see `unknownBecause`). */
  readonly outputShapes: readonly MaybeShape[];
  /** Parameters of the layer; a later call of a shared layer repeats the number but the total counts it once. */
  readonly params: number;
  readonly trainableParams: number;
  /** As in `ParameterCount`: included in `params`, but not known to be trainable or not. */
  readonly undeterminedParams?: number;
  /** The layer, or one inside it, may have more parameters than `params`. */
  readonly paramsAreLowerBound?: true;
  /** Multiply-adds of one call for one example, `null` where a size is unknown; for a nested model the sum of its layers. */
  readonly multiplyAdds: number | null;
  /** Bytes of the outputs for one example as float32; for a nested model the sum of its layers. */
  readonly activationBytes: number | null;
  /** Paths of the calls whose outputs are inputs of this call, in order, repeated when used twice. */
  readonly inbound: readonly string[];
  /** For each of `inbound`, the index of the output used. */
  readonly inboundOutputs: readonly number[];
  /** Name of the activation applied inside this layer, `null` when there is none (linear). */
  readonly activation: string | null;
  /** Path of the nested model that contains this row, `null` at the top level. */
  readonly parent: string | null;
  /** True for a nested model: its inner layers follow as rows with `parent` = this path. */
  readonly isModel: boolean;
  /** For a nested model: where each output comes from. */
  readonly outputOrigins?: readonly OutputOrigin[];
  readonly dtype: string;
  /** `unknown`: Layerglass does not know the class and never runs it. */
  readonly status: 'known' | 'unknown';
  /** Path of the layer that makes shapes and values unknown from there on. */
  readonly unknownBecause?: string;
  /** How often the layer is called in the model. */
  readonly calls: number;
  /** A sentence worth showing at this row (e.g. a cut through parallel branches). */
  readonly notice?: string;
}

/** Part of a file that other programs would run as code. */
export interface ForeignCode {
  /** The layer or operation that contains it. */
  readonly path: string;
  /** One sentence. */
  readonly what: string;
}

export interface ModelSummary {
  readonly format: ModelFormat;
  readonly name: string;
  readonly className: string;
  readonly kerasVersion: string | null;
  readonly inputs: readonly NamedTensor[];
  readonly outputs: readonly NamedTensor[];
  readonly params: ParameterCount;
  /** Sum over all calls, `null` where one is unknown. */
  readonly multiplyAdds: number | null;
  readonly activationBytes: number | null;
  readonly layers: readonly LayerRow[];
  /** Code that other programs would run and Layerglass never does: byte code, foreign classes, file and Python operations. */
  readonly foreignCode: readonly ForeignCode[];
  readonly notices: readonly string[];
  /** Of a file that does not describe its layers: why nothing can be computed, and a way out. The rows are layers and arrays. */
  readonly weightsOnly?: WeightsOnly;
}

export interface WeightsOnly {
  /** One sentence. */
  readonly why: string;
  readonly remedy: string;
}

/** A tensor on the wire: row-major values, little endian, base64. Non-float dtypes are sent as float32. */
export interface WireTensor {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'uint8';
  readonly data: string;
}

/** Of the finite values; `min` and `max` are NaN where there are none. */
export interface Histogram {
  readonly min: number;
  readonly max: number;
  /** Equal bins between min and max. */
  readonly counts: readonly number[];
}

export interface TensorStats {
  readonly shape: readonly number[];
  readonly count: number;
  /** Of all values except NaN, including infinities; NaN where there are no others. */
  readonly min: number;
  readonly max: number;
  /** Of the finite values; NaN where there are none. */
  readonly mean: number;
  readonly std: number;
  readonly negative: number;
  readonly zero: number;
  readonly nan: number;
  readonly infinite: number;
  readonly histogram: Histogram;
}

/** The best first: the order in which `auto` tries them. */
export const BACKENDS = ['onnx', 'native', 'wasm', 'cpu'] as const;
export type BackendName = (typeof BACKENDS)[number];

export interface BackendStatus {
  readonly name: BackendName;
  /** Why it was chosen, e.g. "native was requested but …". */
  readonly reason: string;
  readonly version: string;
}
