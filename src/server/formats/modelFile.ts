import type { Asset } from '../../shared/asset';
import type { ForeignCode, ModelFormat, WeightsOnly } from '../../shared/model';

/** An open model file: its topology is read, its weights are read on demand. Owned and closed by the session. */
export interface ModelFile {
  readonly path: string;
  readonly format: ModelFormat;
  /** As the file states it, e.g. `2.15.0`, `3.15.1`; `null` where it does not. */
  readonly kerasVersion: string | null;
  /** The Keras config as parsed JSON, `{class_name, config, ...}`: untrusted, validated by graph/. */
  readonly topology: unknown;
  /** Of a file that does not describe the layers of its weights, whose topology is `null` or that of a subclassed model. */
  readonly weightsOnly?: WeightsOnly;
  /** How the model was compiled, as the file has it (`compile_config` of Keras 3, `training_config` of Keras 2): untrusted. */
  readonly training?: unknown;
  /** For a TensorFlow graph, whose topology is a `GraphDef` as JSON: what that does not contain. */
  readonly graph?: GraphParts;
  /** Operations of its graphs and functions that would read or write files or call Python. */
  readonly foreignCode?: readonly ForeignCode[];
  readonly weights: WeightStore;
  /** Sentences about the file, for the user. */
  readonly notices?: readonly string[];
  /** Opens the same file as a graph of operations, with a notice why: for a Keras model that cannot be shown as one. */
  readonly openAsGraph?: (why: string) => ModelFile;
  /** Absolute paths of the other files that belong to it. */
  readonly companionFiles?: readonly string[];
  close(): void;
}

export interface GraphParts {
  /** `{inputs, outputs}` by name: untrusted. */
  readonly signature: unknown;
  /** The values of `Const` operations, by their names. */
  readonly constants: ReadonlyMap<string, GraphConstant>;
  /** The folder or file with the missing constants, as text, where it is known but does not exist. */
  readonly constantsFrom?: string;
  /** Sentences about the model. */
  readonly notices?: readonly string[];
}

export interface GraphConstant {
  readonly shape: readonly number[];
  /** In TF.js's names: `float32`, `int32` or `bool`. */
  readonly dtype: string;
  /** Of small constants, which may be arguments; else `null`. */
  readonly values: readonly number[] | null;
  /** Whether it is a variable that training changes; a frozen graph has none. */
  readonly trainable?: boolean;
}

/**
 * The weights of a file, by its layout:
 * - `hdf5-legacy` (Keras 1, 2 and 3 `.h5`): `groups` maps a top-level layer name to its ordered keys;
 * - `keras3` (`.keras`): keys such as `layers/conv2d/vars/0`;
 * - `tfjs`: keys such as `conv1/kernel`, also for the layers of a SavedModel, by their whole paths;
 * - `graph`: keys are the names of `Const` operations.
 */
export interface WeightIndex {
  readonly layout: 'hdf5-legacy' | 'keras3' | 'tfjs' | 'graph';
  /** Names of the layers by their folders in a `keras3` file, as far as Keras recorded them (since 3.9). */
  objectNames?(): ReadonlyMap<string, string>;
  readonly entries: ReadonlyMap<string, WeightEntry>;
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** The writer of an HDF5 file: Keras 1 and Theano stored some weights in other layouts (`run/weights/legacyWeights.ts`). */
  readonly origin?: { readonly kerasMajor: number; readonly isTheano: boolean };
}

export interface WeightEntry {
  readonly key: string;
  readonly shape: readonly number[];
  readonly dtype: string;
}

/** A layer's path in the model (`vgg16/conv1`) and its folder in a `.keras` file (`layers/functional/layers/conv2d`). */
export interface LayerPlace {
  readonly path: string;
  readonly folder: string;
}

/** Weights in an archive that compresses them. */
export interface PackedWeights {
  /** Size in the archive. */
  readonly bytes: number;
  /** Declared size when unpacked. */
  readonly unpackedBytes: number;
}

/** The weights of a model, and the vocabularies that layers keep beside them. */
export interface WeightStore {
  /** File names of a topology and of weights that were found separately and may not belong together. */
  readonly beside?: { readonly topology: string; readonly weights: string };
  /** Names and shapes of the weights; reads no values. */
  index(): Promise<WeightIndex>;
  /** What must be unpacked before anything can be read, including the index; left out when there is nothing to unpack. */
  readonly packed?: PackedWeights;
  /** The values of one entry, row-major, cast to float32. @throws Failure `bad-weights`, `missing-shard`, ... */
  read(key: string): Promise<Float32Array>;
  /** Passes the same values to `take`, a few MB at a time, where the format allows it; `take` must not keep the array. */
  stream?(key: string, take: (values: Float32Array, at: number) => void): Promise<void>;
  /**
   * An asset of a layer by one of the names of its `assets()`, e.g. `vocabulary.txt`; `null` where there is none. Left out by
   * formats without assets.
   * @throws Failure when it is too large or cannot be read.
   */
  asset?(name: string, layer: LayerPlace): Promise<Asset | null>;
}
