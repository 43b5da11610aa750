import type { Asset } from '../../shared/asset';
import type { ForeignCode, ModelFormat } from '../../shared/model';

/** An opened model file: its topology at once, its weights only when asked. Owned by the session, closed by it. */
export interface ModelFile {
  readonly path: string;
  readonly format: ModelFormat;
  /** As the file says, e.g. `2.15.0`, `3.15.1`; `null` where it says nothing. */
  readonly kerasVersion: string | null;
  /** The Keras config as parsed JSON, `{class_name, config, ...}`: untrusted, validated by graph/. */
  readonly topology: unknown;
  /** For a TensorFlow graph, whose topology is a `GraphDef` as JSON, what that does not say. */
  readonly graph?: GraphParts;
  /** Operations of its graphs and functions that would read or write files or call Python. */
  readonly foreignCode?: readonly ForeignCode[];
  readonly weights: WeightStore;
  /** Sentences worth knowing about the file. */
  readonly notices?: readonly string[];
  /** The same file as a graph of operations, with a notice why: for a Keras model that cannot be shown as one. */
  readonly otherwise?: (why: string) => ModelFile;
  /** Absolute paths of further files that it was read from or will be. */
  readonly companionFiles?: readonly string[];
  close(): void;
}

export interface GraphParts {
  /** `{inputs, outputs}` by name: untrusted. */
  readonly signature: unknown;
  /** Everything that the file holds for `Const` operations, by their names. */
  readonly constants: ReadonlyMap<string, GraphConstant>;
  /** What holds the constants that are missing, in text: a folder or a file that is not there. */
  readonly constantsFrom?: string;
  /** Sentences about the model. */
  readonly notices?: readonly string[];
}

export interface GraphConstant {
  readonly shape: readonly number[];
  /** In TF.js's words: `float32`, `int32` or `bool`. */
  readonly dtype: string;
  /** Of small ones, that may be arguments; else `null`. */
  readonly values: readonly number[] | null;
  /** Whether it is a variable that training changes; a frozen graph has none. */
  readonly trainable?: boolean;
}

/**
 * Where the weights lie, by generation of the file:
 * - `hdf5-legacy` (Keras 1, 2 and 3 `.h5`): `groups` maps a top-level layer name to its ordered keys;
 * - `keras3` (`.keras`): keys such as `layers/conv2d/vars/0`;
 * - `tfjs`: keys such as `conv1/kernel`, also for the layers of a SavedModel, by their whole paths;
 * - `graph`: keys are the names of `Const` operations.
 */
export interface WeightIndex {
  readonly layout: 'hdf5-legacy' | 'keras3' | 'tfjs' | 'graph';
  readonly entries: ReadonlyMap<string, WeightEntry>;
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** Who wrote an HDF5 file: Keras 1 and Theano laid some weights out in other ways (`run/weights/legacyWeights.ts`). */
  readonly origin?: { readonly kerasMajor: number; readonly isTheano: boolean };
}

export interface WeightEntry {
  readonly key: string;
  readonly shape: readonly number[];
  readonly dtype: string;
}

/** Where a layer is: its path in the model (`vgg16/conv1`), and its folder in a `.keras` file (`layers/functional/layers/conv2d`). */
export interface LayerPlace {
  readonly path: string;
  readonly folder: string;
}

/** Weights in an archive that compresses them. */
export interface PackedWeights {
  /** In the archive. */
  readonly bytes: number;
  /** What they claim to unfold to. */
  readonly unpackedBytes: number;
}

/** What a model learned: its weights, and the vocabularies that layers keep beside them. */
export interface WeightStore {
  /** The names of two files that say together what a model is, and may not belong together. */
  readonly beside?: { readonly topology: string; readonly weights: string };
  /** Names and shapes; reads no values. */
  index(): Promise<WeightIndex>;
  /** What has to be unpacked before anything can be read, the index too; nothing when left out. */
  readonly packed?: PackedWeights;
  /** The values of one entry, row-major, cast to float32. Throws a `Failure` when the file cannot hold them. */
  read(key: string): Promise<Float32Array>;
  /** The same values a few MB at a time, where the file allows it; `take` must not keep the array. */
  stream?(key: string, take: (values: Float32Array, at: number) => void): Promise<void>;
  /**
   * What the file keeps for a layer under one of the names of its `assets()`, e.g. `vocabulary.txt`; `null` where there is
   * none. Left out by formats without assets. Throws a `Failure` when it is too large or cannot be read.
   */
  asset?(name: string, layer: LayerPlace): Promise<Asset | null>;
}
