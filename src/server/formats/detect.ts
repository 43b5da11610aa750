import { type ByteSource, readBytes } from '../io/byteSource';

export type Container = 'hdf5' | 'zip' | 'json' | 'saved-model' | 'checkpoint';

const HDF5_SIGNATURE = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1');
/** The protocol buffer `SavedModel`: version 1 (field 1), then a graph (field 2). */
const SAVED_MODEL_START = '\x08\x01\x12';
/** The last bytes of a sorted table, as the `.index` of a TensorFlow checkpoint is. */
const TABLE_END = Buffer.from('57fb808b247547db', 'hex');
const BYTE_ORDER_MARK = '\ufeff';

/**
 * Detects the container of a file by its content, never by its name; `null` for any other file.
 * Zip: a local header or the end record of an empty archive comes first. JSON: the first character is `{`.
 */
export function detect(source: ByteSource): Container | null {
  const head = readBytes(source, 0, 512);
  const start = head.toString('latin1', 0, 4);
  if (start === 'PK\x03\x04' || start === 'PK\x05\x06') return 'zip';
  if (hdf5Start(source) !== null) return 'hdf5';
  if (start.startsWith(SAVED_MODEL_START)) return 'saved-model';
  const { size } = source;
  if (size >= 8 && readBytes(source, size - 8, 8).equals(TABLE_END)) return 'checkpoint';
  // A character cut off at the end of the 512 bytes does not matter: only the first character counts.
  return head.toString('utf8').replace(BYTE_ORDER_MARK, '').trimStart().startsWith('{') ? 'json' : null;
}

/**
 * Where the HDF5 superblock starts, or `null`. The format allows 0, 512, 1024, 2048, ... (HDF5 File Format
 * Specification 3.0, "Disk Format: Level 0A"), so other data may come before it.
 */
export function hdf5Start(source: ByteSource): number | null {
  for (let position = 0; position + HDF5_SIGNATURE.length <= source.size; position = position * 2 || 512) {
    if (readBytes(source, position, HDF5_SIGNATURE.length).equals(HDF5_SIGNATURE)) return position;
  }
  return null;
}
