import type { Metadata } from 'h5wasm';
import { MAX_JSON_BYTES } from '../../io/limits';
import type { ElementType } from '../floats';
import type { H5Module } from './hdf5Library';

const FLOATS: Partial<Record<number, ElementType>> = { 2: 'float16', 4: 'float32', 8: 'float64' };
const SIGNED: Partial<Record<number, ElementType>> = { 1: 'int8', 2: 'int16', 4: 'int32', 8: 'int64' };
const UNSIGNED: Partial<Record<number, ElementType>> = { 1: 'uint8', 2: 'uint16', 4: 'uint32', 8: 'uint64' };

/**
 * The type of the elements of a data set; `unknown` for strings and the like.
 * @param isBfloat16 whether an attribute says so of elements of two bytes
 */
export function elementType(
  { H5T_class_t: classes }: H5Module,
  { type, size, signed, enum_type }: Metadata,
  isBfloat16: () => boolean,
): ElementType | 'unknown' {
  if (size === 2 && type !== classes.H5T_INTEGER.value && isBfloat16()) return 'bfloat16';
  // Keras's HDF5 models store only the bits, as h5py's opaque type.
  if (size === 2 && type === classes.H5T_OPAQUE.value) return 'bfloat16';
  if (type === classes.H5T_FLOAT.value) return FLOATS[size] ?? 'unknown';
  if (type === classes.H5T_INTEGER.value) return (signed ? SIGNED : UNSIGNED)[size] ?? 'unknown';
  // h5py writes booleans as an enumeration of FALSE and TRUE.
  return type === classes.H5T_ENUM.value && size === 1 && 'TRUE' in (enum_type?.members ?? {})
    ? 'bool'
    : 'unknown';
}

/**
 * Strings of fixed length end at their first NUL byte. Strings of variable length are reached through pointers, all of which
 * may lead to the same long string. `null` for more than `MAX_JSON_BYTES` in total.
 */
export function stringsAt(
  module: H5Module,
  pointer: number,
  { size, total_size, vlen }: Metadata,
): string[] | null {
  const heap = module.HEAPU8;
  const view = new DataView(heap.buffer);
  const utf8 = new TextDecoder();
  const strings: string[] = [];
  let left = MAX_JSON_BYTES;
  for (let i = 0; i < total_size; i++) {
    const at = pointer + i * size;
    const start = vlen ? view.getUint32(at, true) : at;
    const bytes = start === 0 ? heap.subarray(0, 0) : heap.subarray(start, vlen ? heap.length : at + size);
    const zero = bytes.indexOf(0);
    const string = zero === -1 ? bytes : bytes.subarray(0, zero);
    left -= string.byteLength;
    if (left < 0) return null;
    strings.push(utf8.decode(string));
  }
  return strings;
}
