import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import * as l10n from '@vscode/l10n';

/** Loops over float32 values in the heap of TF.js's wasm backend that have no kernel of their own. */
export interface WasmFloats {
  /** `to[i] = min(max(from[i], low), high)`, of the same size; NaN stays NaN, whatever its sign. `to` may be `from`. */
  clamp(from: TensorInfo, to: TensorInfo, low: number, high: number): void;
  /** Whether all values are finite. */
  areFinite(x: TensorInfo): boolean;
  /**
   * `out[n]` is the sum over k of `row[k] * matrix[k, n]`; the matrix is read once, in its own order. Returns false, and does
   * nothing, if the matrix is empty or its width not a multiple of four.
   */
  rowProduct(row: TensorInfo, matrix: TensorInfo, out: TensorInfo): boolean;
}

/** Floats in one vector, the step of the WebAssembly loops. The remainder is handled in TypeScript. */
const LANES = 4;

interface Loops {
  /** @param bytes a positive multiple of 16, as that of `areFinite` */
  clamp(from: number, to: number, bytes: number, low: number, high: number): void;
  /** 0 if all values are finite. */
  nonFinite(from: number, bytes: number): number;
  /** Adds to `out`. @param bytes of the row; @param width bytes of a row of the matrix, a multiple of 16. Both are positive. */
  rowProduct(row: number, bytes: number, matrix: number, out: number, width: number): void;
}

/**
 * Compiles loops over the memory of the backend, which must be initialized; as fast as its Relu6 kernel.
 * @throws Error if the module does not export its memory, or the machine has no SIMD.
 */
export function wasmFloats(backend: BackendWasm): WasmFloats {
  const loops = loopsOver(memoryOf(backend.wasm));
  const view = (x: TensorInfo): Float32Array => backend.typedArrayFromHeap(x) as Float32Array;
  const whole = ({ length }: Float32Array): number => length - (length % LANES);
  return {
    clamp(from, to, low, high) {
      const [values, out] = [view(from), view(to)];
      const count = whole(values);
      if (count > 0) loops.clamp(values.byteOffset, out.byteOffset, count * 4, low, high);
      for (let i = count; i < values.length; i++) out[i] = Math.min(Math.max(values[i] ?? 0, low), high);
    },
    areFinite(x) {
      const values = view(x);
      const count = whole(values);
      return (
        (count === 0 || loops.nonFinite(values.byteOffset, count * 4) === 0) &&
        values.subarray(count).every(Number.isFinite)
      );
    },
    rowProduct(row, matrix, out) {
      const [values, rows, sums] = [view(row), view(matrix), view(out)];
      if (rows.length === 0 || sums.length % LANES !== 0) return false;
      sums.fill(0);
      loops.rowProduct(
        values.byteOffset,
        values.length * 4,
        rows.byteOffset,
        sums.byteOffset,
        sums.length * 4,
      );
      return true;
    },
  };
}

function memoryOf(module: object): WebAssembly.Memory {
  // The module with threads imports its memory.
  if ('wasmMemory' in module && module.wasmMemory instanceof WebAssembly.Memory) return module.wasmMemory;
  const exported: unknown = 'asm' in module ? module.asm : null;
  for (const value of Object.values(exported ?? {})) if (value instanceof WebAssembly.Memory) return value;
  throw new Error(l10n.t('the WebAssembly module does not export its memory'));
}

/** The part of WebAssembly's JavaScript interface that the types of Node leave out. */
interface Linking {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

function loopsOver(memory: WebAssembly.Memory): Loops {
  const { Module, Instance } = WebAssembly as unknown as Linking;
  const limits = memory.buffer instanceof SharedArrayBuffer ? SHARED_LIMITS : LIMITS;
  return new Instance(new Module(moduleWith(limits)), { env: { memory } }).exports as Loops;
}

// The module in WebAssembly's binary format (https://webassembly.github.io/spec/core/binary/).

const I32 = 0x7f;
const F32 = 0x7d;
const V128 = 0x7b;

const unsigned = (n: number): number[] => (n < 0x80 ? [n] : [(n & 0x7f) | 0x80, ...unsigned(n >> 7)]);
const counted = (items: readonly (readonly number[])[]): number[] => [
  ...unsigned(items.length),
  ...items.flat(),
];
const sized = (bytes: readonly number[]): number[] => [...unsigned(bytes.length), ...bytes];
const text = (name: string): number[] => sized([...Buffer.from(name)]);
const section = (id: number, items: readonly (readonly number[])[]): number[] => [
  id,
  ...sized(counted(items)),
];

const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const simd = (operation: number, ...immediates: number[]): number[] => [
  0xfd,
  ...unsigned(operation),
  ...immediates,
];
const LOAD = simd(0x00, 4, 0);
const STORE = simd(0x0b, 4, 0);
const SPLAT = simd(0x13);
const GREATER_OR_EQUAL = simd(0x46);
const SELECT_BITS = simd(0x52);
const ADD = simd(0xe4);
const MULTIPLY = simd(0xe6);
const PSEUDO_MINIMUM = simd(0xea);
const AND = simd(0x4e);
const OR = simd(0x50);
const ADD_INT = simd(0xae);
const ANY_NEGATIVE = simd(0xa4);
/** Four times the same little-endian int32 whose upper half this is. */
const intsOf = (upper: number): number[] => {
  const int = [0, 0, upper & 0xff, upper >> 8];
  return simd(0x0c, ...int, ...int, ...int, ...int);
};
const LOAD_FLOAT = [0x2a, 2, 0];
const step = (local: number, bytes = 16): number[] => [...get(local), 0x41, bytes, 0x6a, ...set(local)];
/** Repeats `body` until the pointer in local `pointer` reaches the address in local `end`. */
const loop = (body: readonly number[], pointer: number, end: number): number[] => [
  ...[0x03, 0x40],
  ...body,
  ...[...get(pointer), ...get(end), 0x49, 0x0d, 0],
  0x0b,
];
/** Replaces the byte count in local `bytes` by the end address of the block at local `pointer`. */
const toEnd = (bytes: number, pointer: number): number[] => [
  ...get(pointer),
  ...get(bytes),
  0x6a,
  ...set(bytes),
];
const END = 0x0b;

/** Locals 0 from, 1 to, 2 bytes, 3 low, 4 high; 5 and 6 the same in all lanes, 7 the values. `low >= x ? low : x` keeps NaN. */
const CLAMP = [
  ...counted([[3, V128]]),
  ...toEnd(2, 0),
  ...[...get(3), ...SPLAT, ...set(5), ...get(4), ...SPLAT, ...set(6)],
  ...loop(
    [
      ...[...get(0), ...LOAD, ...set(7)],
      ...get(1),
      ...[...get(5), ...get(7), ...get(5), ...get(7), ...GREATER_OR_EQUAL, ...SELECT_BITS],
      ...[...get(6), ...PSEUDO_MINIMUM, ...STORE],
      ...[...step(0), ...step(1)],
    ],
    0,
    2,
  ),
  END,
];

/** Locals 0 from, 1 bytes, 2 what was found. An exponent of ones alone runs over into the sign when one is added. */
const NON_FINITE = [
  ...counted([[1, V128]]),
  ...toEnd(1, 0),
  ...loop(
    [
      ...[...get(2), ...get(0), ...LOAD, ...intsOf(0x7f80), ...AND, ...intsOf(0x0080), ...ADD_INT, ...OR],
      ...[...set(2), ...step(0)],
    ],
    0,
    1,
  ),
  ...[...get(2), ...ANY_NEGATIVE],
  END,
];

/** Locals 0 row, 1 bytes, 2 matrix, 3 out, 4 width; 5 in `out`, 6 its end, 7 the value of the row in all lanes. */
const ROW_PRODUCT = [
  ...counted([
    [2, I32],
    [1, V128],
  ]),
  ...toEnd(1, 0),
  ...[...get(3), ...get(4), 0x6a, ...set(6)],
  ...loop(
    [
      ...[...get(0), ...LOAD_FLOAT, ...SPLAT, ...set(7), ...get(3), ...set(5)],
      ...loop(
        [
          ...[...get(5), ...get(5), ...LOAD, ...get(2), ...LOAD, ...get(7), ...MULTIPLY, ...ADD, ...STORE],
          ...[...step(2), ...step(5)],
        ],
        5,
        6,
      ),
      ...step(0, 4),
    ],
    0,
    1,
  ),
  END,
];

/** At least a page. */
const LIMITS = [0, 1];
/** Shared, whose type has a maximum: 4 GB in pages. */
const SHARED_LIMITS = [3, 1, ...unsigned(2 ** 16)];

/** @param limits of the imported memory. */
const moduleWith = (limits: readonly number[]): Uint8Array =>
  Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [
      [0x60, ...counted([[I32], [I32], [I32], [F32], [F32]]), ...counted([])],
      [0x60, ...counted([[I32], [I32]]), ...counted([[I32]])],
      [0x60, ...counted([[I32], [I32], [I32], [I32], [I32]]), ...counted([])],
    ]),
    ...section(2, [[...text('env'), ...text('memory'), 2, ...limits]]),
    ...section(3, [[0], [1], [2]]),
    ...section(7, [
      [...text('clamp'), 0, 0],
      [...text('nonFinite'), 0, 1],
      [...text('rowProduct'), 0, 2],
    ]),
    ...section(10, [sized(CLAMP), sized(NON_FINITE), sized(ROW_PRODUCT)]),
  ]);
