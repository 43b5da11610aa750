/** What a model, a layer and a tensor summary look like on the wire. JSON only, no classes. */

/** A static shape, batch axis first; `null` marks an unknown size, `null` in place of the list an unknown rank. */
export type Shape = readonly (number | null)[];
export type MaybeShape = Shape | null;

export type ModelFormat = 'keras' | 'hdf5' | 'topology' | 'tfjs-layers' | 'tfjs-graph' | 'saved-model';

export interface ParameterCount {
  readonly total: number;
  readonly trainable: number;
  readonly nonTrainable: number;
  /** Part of the total that the file holds for layers which Layerglass does not know: whether they train is not recorded. */
  readonly undetermined?: number;
  /** The total is not exact: layers that Layerglass does not know have parameters which nothing in the file counts. */
  readonly isLowerBound?: true;
}

export interface NamedTensor {
  readonly name: string;
  readonly shape: MaybeShape;
  readonly dtype: string;
}

/** One output of one layer call, and which layer it really comes from (for the outputs of nested models). */
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
  /** One shape an output; `null` where it is unknown (see `unknownBecause`). */
  readonly outputShapes: readonly MaybeShape[];
  /** Parameters of the layer; a later call of a shared layer repeats the number but the total counts it once. */
  readonly params: number;
  readonly trainableParams: number;
  /** As in `ParameterCount`: counted in `params`, though not known to train or not. */
  readonly undeterminedParams?: number;
  /** The layer, or one inside it, may have more parameters than `params`. */
  readonly paramsAreLowerBound?: true;
  /** Products that one call adds up for one example, `null` where a size is unknown; a nested model's are those inside it. */
  readonly multiplyAdds: number | null;
  /** Bytes of the outputs for one example as float32; for a nested model those of all layers inside it. */
  readonly activationBytes: number | null;
  /** Paths of the calls whose outputs this call takes, in order, repeated when taken twice. */
  readonly inbound: readonly string[];
  /** For each of `inbound`, which output of it is taken. */
  readonly inboundOutputs: readonly number[];
  /** Name of the activation applied inside this layer, `null` when there is none (linear). */
  readonly activation: string | null;
  /** Path of the nested model this row stands in, `null` at top level. */
  readonly parent: string | null;
  /** True for a nested model: its inner layers follow as rows with `parent` = this path. */
  readonly isModel: boolean;
  /** For a nested model: where each output comes from. */
  readonly outputOrigins?: readonly OutputOrigin[];
  readonly dtype: string;
  /** `unknown`: the class is not known to Layerglass, it is never run. */
  readonly status: 'known' | 'unknown';
  /** Path of the layer that makes shapes and values from here on unknown. */
  readonly unknownBecause?: string;
  /** How often the layer is called in the model. */
  readonly calls: number;
  /** A sentence worth showing at this row (e.g. a cut through parallel branches). */
  readonly notice?: string;
}

/** Something in a file that other programs would run as code. */
export interface ForeignCode {
  /** The layer or operation that holds it. */
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
  /** Of all calls together, `null` where that of one is unknown. */
  readonly multiplyAdds: number | null;
  readonly activationBytes: number | null;
  readonly layers: readonly LayerRow[];
  /** What would run elsewhere and never does here: byte code, foreign classes, operations on files or of Python. */
  readonly foreignCode: readonly ForeignCode[];
  readonly notices: readonly string[];
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
  /** Of all values but NaN, infinities among them; NaN where there are no others. */
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
export const BACKENDS = ['native', 'wasm', 'cpu'] as const;
export type BackendName = (typeof BACKENDS)[number];

export interface BackendStatus {
  readonly name: BackendName;
  /** Why this one: e.g. "native was asked for but …". */
  readonly reason: string;
  readonly version: string;
}
