import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { KernelFunc } from '@tensorflow/tfjs-core';
import type { TF } from '../src/server/layers/kind';

/** Whether `LAYERGLASS_RED_ZONES=1` asks for red zones in the conformance tests on wasm; they become some times slower. */
export const wantsRedZones = process.env.LAYERGLASS_RED_ZONES === '1';

/** Bytes before and after each block; a multiple of 16 keeps blocks aligned for SIMD. */
const ZONE = 64;
const WORDS = ZONE / 4;
const GUARD = 0x5a5aa5a5;

/**
 * Lays a red zone round every block that the wasm backend, which must be in use, allocates from now on, and looks after each
 * kernel whether all of them are whole. What was written outside its block is thus found at the kernel that wrote it.
 */
export function layRedZones(tf: TF): void {
  const backend = tf.backend() as BackendWasm;
  const { wasm } = backend;
  const [malloc, free] = [wasm._malloc, wasm._free];
  /** Sizes in bytes by address. */
  const blocks = new Map<number, number>();

  const allocate = (size: number): number => {
    const start = (malloc(size + 2 * ZONE) >>> 0) + ZONE;
    const heap = new Uint32Array(wasm.HEAPU8.buffer);
    heap.fill(GUARD, (start - ZONE) / 4, start / 4);
    // The zone behind a block of single bytes begins at once.
    const end = start + size;
    const bytes = new Uint8Array(wasm.HEAPU8.buffer);
    for (let i = end; i % 4 !== 0; i++) bytes[i] = guardByte(i);
    heap.fill(GUARD, Math.ceil(end / 4), Math.floor((end + ZONE) / 4));
    blocks.set(start, size);
    return start;
  };
  // An assignment would only replace what `checkAllocations` calls.
  Object.defineProperty(wasm, '_malloc', { configurable: true, writable: true, value: allocate });
  wasm._free = (address) => {
    const start = address >>> 0;
    // What C++ allocated itself has none.
    if (!blocks.delete(start)) return free(address);
    free(start - ZONE);
  };

  const check = (kernel: string): void => {
    const heap = new Uint32Array(wasm.HEAPU8.buffer);
    const bytes = new Uint8Array(wasm.HEAPU8.buffer);
    for (const [start, size] of blocks) {
      const end = start + size;
      let whole = true;
      for (let i = 0; i < WORDS; i++) whole &&= heap[(start - ZONE) / 4 + i] === GUARD;
      for (let i = end; i % 4 !== 0; i++) whole &&= bytes[i] === guardByte(i);
      for (let i = Math.ceil(end / 4); i < Math.floor((end + ZONE) / 4); i++) whole &&= heap[i] === GUARD;
      if (whole) continue;
      blocks.delete(start);
      throw new Error(`The kernel ${kernel} wrote outside a block of ${size} bytes.`);
    }
  };

  for (const config of tf.getKernelsForBackend('wasm')) {
    const kernelFunc: KernelFunc = (call) => {
      const result = config.kernelFunc(call);
      check(config.kernelName);
      return result;
    };
    tf.unregisterKernel(config.kernelName, 'wasm');
    tf.registerKernel({ ...config, kernelFunc });
  }
}

const guardByte = (address: number): number => (GUARD >>> (8 * (address % 4))) & 0xff;
