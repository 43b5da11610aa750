/**
 * Limits of what is read and unpacked from files. A few bytes can declare gigabytes: every declared size is checked against
 * these limits, and against the real size of the file, before anything is decoded or allocated.
 */

/** Text of one JSON document, unpacked. The largest of keras.applications, NASNetLarge, has 1 MB. */
export const MAX_JSON_BYTES = 64 * 2 ** 20;
/** Values, members and containers of one JSON document: NASNetLarge has 64,000, a vocabulary one for each word. */
export const MAX_JSON_VALUES = 2_000_000;
/** A nested model adds about eight levels; real models stay far below. Deeper text could overflow a stack later. */
export const MAX_JSON_DEPTH = 512;

/** Deflate's maximum compression ratio; a greater one is forged (Keras uses the same bound). */
export const MAX_ZIP_RATIO = 1032;
/** What an entry of a zip archive may unpack to at any ratio: bzip2 and LZMA compress zeros to nearly nothing. */
export const SMALL_ENTRY_BYTES = 64 * 2 ** 20;

/** A protocol buffer, which is read whole: a graph with its constants inside, an index of variables. */
export const MAX_PROTO_BYTES = 256 * 2 ** 20;
/** Messages, texts and numbers of one protocol buffer; a graph of 100,000 operations has about 3,000,000. */
export const MAX_PROTO_VALUES = 4_000_000;
/** Names in a sorted table, which repeat each other's beginnings without storing them again. */
export const MAX_TABLE_KEY_BYTES = 64 * 2 ** 20;

/**
 * Memory of the HDF5 library, which loads heaps and chunks whole. Weights go through a buffer of 8 MB; the chunks that Keras
 * and h5py write have at most 1 MB.
 */
export const MAX_HDF5_MEMORY_BYTES = 512 * 2 ** 20;

/** A vocabulary or another asset that a layer has beside its weights: millions of words. */
export const MAX_ASSET_BYTES = 64 * 2 ** 20;

/** Sizes of one shape: TensorFlow's own bound. */
export const MAX_RANK = 254;
/** Values that the constants of a graph declare beyond those in the file: `tf.zeros` stores one number for many. */
export const MAX_BROADCAST_VALUES = 2 ** 24;
