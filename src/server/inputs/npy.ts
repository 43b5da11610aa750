import { fail } from '../../shared/errors';

/** An array as numpy saved it, cast to float32. */
export interface NpyArray {
  /** numpy's name of the type in the file, e.g. `float64`, `uint8`, `bool`. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Row-major, whatever the order in the file. Integers beyond 2^24 and doubles are rounded to float32. */
  readonly values: Float32Array;
}

interface Element {
  readonly name: string;
  readonly bytes: number;
  read(view: DataView, at: number, littleEndian: boolean): number;
}

const ELEMENTS: Readonly<Record<string, Element>> = {
  b1: { name: 'bool', bytes: 1, read: (view, at) => (view.getUint8(at) === 0 ? 0 : 1) },
  i1: { name: 'int8', bytes: 1, read: (view, at) => view.getInt8(at) },
  u1: { name: 'uint8', bytes: 1, read: (view, at) => view.getUint8(at) },
  i2: { name: 'int16', bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  u2: { name: 'uint16', bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  i4: { name: 'int32', bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  u4: { name: 'uint32', bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  i8: { name: 'int64', bytes: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  u8: { name: 'uint64', bytes: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
  f2: { name: 'float16', bytes: 2, read: (view, at, little) => halfToNumber(view.getUint16(at, little)) },
  f4: { name: 'float32', bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  f8: { name: 'float64', bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
};

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Whether the bytes start as every .npy file does (`\x93NUMPY`). */
export function isNpy(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, i) => bytes[i] === byte);
}

/**
 * Reads a .npy file, format versions 1 to 3 (numpy's `lib.format`): every real number type, either byte order,
 * C or Fortran order. Pickled objects are never unpickled.
 *
 * @param name what to call the file in messages, e.g. `x.npy` or `batch.npz (x)`.
 * @throws `bad-input` for objects, text, complex numbers, records and damaged headers; `truncated` when the file has
 *   fewer values than its header states.
 */
export function parseNpy(bytes: Uint8Array, name: string): NpyArray {
  const { header, dataStart } = readHeader(bytes, name);
  const element = elementOf(header, name);
  const shape = shapeOf(header, name);
  const count = shape.reduce((product, size) => product * size, 1);
  const held = bytes.byteLength - dataStart;
  if (count * element.bytes > held) {
    const stated = `${count} ${element.name} values (${count * element.bytes} bytes)`;
    fail('truncated', `${name} states ${stated} but holds only ${held} bytes of them.`, {
      remedy: 'The download or the copy is not complete; get the file again.',
    });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + dataStart, count * element.bytes);
  const littleEndian = !/'descr'\s*:\s*'>/.test(header);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = element.read(view, i * element.bytes, littleEndian);
  const fortran = /'fortran_order'\s*:\s*True/.test(header);
  return { dtype: element.name, shape, values: fortran ? toRowMajor(values, shape) : values };
}

/**
 * Writes a .npy file, format version 1, little endian, C order; its type is that of `values`.
 * @throws RangeError when `shape` does not multiply to the number of values.
 */
export function encodeNpy(
  values: Float32Array | Int32Array | Uint8Array,
  shape: readonly number[],
): Uint8Array<ArrayBuffer> {
  const count = shape.reduce((product, size) => product * size, 1);
  if (count !== values.length) throw new RangeError(`${values.length} values have no shape (${shape})`);
  const descr = values instanceof Float32Array ? '<f4' : values instanceof Int32Array ? '<i4' : '|u1';
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  // numpy aligns the data to 64 bytes and ends the header with a line feed.
  const dataStart = Math.ceil((10 + dictionary.length + 1) / 64) * 64;
  const bytes = new Uint8Array(dataStart + values.byteLength);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  bytes[6] = 1;
  view.setUint16(8, dataStart - 10, true);
  bytes.set(new TextEncoder().encode(`${dictionary.padEnd(dataStart - 11)}\n`), 10);
  // Typed arrays are little endian on every platform that Node runs on.
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), dataStart);
  return bytes;
}

function readHeader(bytes: Uint8Array, name: string): { header: string; dataStart: number } {
  const version = bytes[6] ?? 0;
  const prefix = version === 1 ? 10 : 12;
  if (!isNpy(bytes) || version < 1 || version > 3 || bytes.byteLength < prefix) failHeader(name);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dataStart = prefix + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (dataStart > bytes.byteLength) failHeader(name);
  return { header: new TextDecoder().decode(bytes.subarray(prefix, dataStart)), dataStart };
}

function elementOf(header: string, name: string): Element {
  const remedy = 'Save numbers: numpy.save(path, x.astype("float32")).';
  const descr = /'descr'\s*:\s*'([<>|=]?)([a-zA-Z]\w*)(?:\[[^']*)?'/.exec(header)?.[2];
  if (descr === undefined) {
    if (/'descr'\s*:\s*\[/.test(header)) {
      fail('bad-input', `${name} holds records of several fields, not plain numbers.`, { remedy });
    }
    failHeader(name);
  }
  const element = Object.hasOwn(ELEMENTS, descr) ? ELEMENTS[descr] : undefined;
  if (element) return element;
  const what = { O: 'pickled Python objects', U: 'text', S: 'text', a: 'text', c: 'complex numbers' }[
    descr.charAt(0)
  ];
  fail('bad-input', `${name} holds ${what ?? `values of the type '${descr}'`}, not real numbers.`, {
    remedy,
  });
}

function shapeOf(header: string, name: string): number[] {
  const tuple = /'shape'\s*:\s*\(([^)]*)\)/.exec(header)?.[1];
  if (tuple === undefined) failHeader(name);
  // Python 2 wrote sizes as `10L`.
  const sizes = tuple.split(',').map((size) => size.trim().replace(/L$/, ''));
  if (sizes.at(-1) === '') sizes.pop();
  if (!sizes.every((size) => /^\d{1,15}$/.test(size))) failHeader(name);
  return sizes.map(Number);
}

function failHeader(name: string): never {
  fail('bad-input', `${name} is no readable .npy file: its header is damaged.`, {
    remedy: 'Save the array again with numpy.save.',
  });
}

/** Column-major to row-major: walks the target in order and keeps the position in the source beside it. */
function toRowMajor(source: Float32Array, shape: readonly number[]): Float32Array {
  const strides: number[] = [];
  let stride = 1;
  for (const size of shape) {
    strides.push(stride);
    stride *= size;
  }
  const target = new Float32Array(source.length);
  const index = shape.map(() => 0);
  let at = 0;
  for (let i = 0; i < target.length; i++) {
    target[i] = source[at] ?? 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      const step = strides[axis] ?? 0;
      at += step;
      index[axis] = next;
      if (next < (shape[axis] ?? 0)) break;
      at -= next * step;
      index[axis] = 0;
    }
  }
  return target;
}

/** IEEE 754 binary16. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
