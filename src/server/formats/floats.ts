/** Element types of stored weights, with their size in bytes. `bool` is one byte, 0 or 1. */
export const ELEMENT_BYTES = {
  float16: 2,
  bfloat16: 2,
  float32: 4,
  float64: 8,
  int8: 1,
  uint8: 1,
  bool: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
} as const;

export type ElementType = keyof typeof ELEMENT_BYTES;

/** True for the names of `ELEMENT_BYTES`. */
export function isElementType(name: string): name is ElementType {
  return Object.hasOwn(ELEMENT_BYTES, name);
}

/**
 * Casts little-endian elements to float32 and writes them into `target` from `at` on.
 * `bytes` contains whole elements; it may start at any address.
 */
export function castInto(target: Float32Array, at: number, bytes: Uint8Array, type: ElementType): void {
  const width = ELEMENT_BYTES[type];
  const count = bytes.byteLength / width;
  if (type === 'float32') {
    new Uint8Array(target.buffer, target.byteOffset + at * 4, bytes.byteLength).set(bytes);
    return;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const element = READERS[type];
  for (let i = 0; i < count; i++) target[at + i] = element(view, i * width);
}

const READERS: Record<Exclude<ElementType, 'float32'>, (view: DataView, at: number) => number> = {
  float16: (view, at) => halfToNumber(view.getUint16(at, true)),
  bfloat16: (view, at) => bfloatToNumber(view.getUint16(at, true)),
  float64: (view, at) => view.getFloat64(at, true),
  int8: (view, at) => view.getInt8(at),
  uint8: (view, at) => view.getUint8(at),
  bool: (view, at) => (view.getUint8(at) === 0 ? 0 : 1),
  int16: (view, at) => view.getInt16(at, true),
  uint16: (view, at) => view.getUint16(at, true),
  int32: (view, at) => view.getInt32(at, true),
  uint32: (view, at) => view.getUint32(at, true),
  int64: (view, at) => Number(view.getBigInt64(at, true)),
  uint64: (view, at) => Number(view.getBigUint64(at, true)),
};

/** Little-endian elements as numbers, exact except for 64-bit integers beyond 2^53. */
export function numbersIn(bytes: Uint8Array, type: ElementType): number[] {
  const width = ELEMENT_BYTES[type];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const element = type === 'float32' ? readFloat : READERS[type];
  return Array.from({ length: Math.floor(bytes.byteLength / width) }, (_, i) => element(view, i * width));
}

const readFloat = (view: DataView, at: number): number => view.getFloat32(at, true);

/** IEEE 754 binary16. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const scratch = new DataView(new ArrayBuffer(4));

/** bfloat16 is the upper half of a float32. */
function bfloatToNumber(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}
