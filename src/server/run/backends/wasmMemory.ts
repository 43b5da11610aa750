import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

const MAX_BLOCK_BYTES = 2 ** 32 - 1;

/**
 * WebAssembly's `malloc` returns 0 when its memory (at most 4 GB) is exhausted, and TF.js would then write values over the
 * data at address 0: every later number may be wrong. With this patch it throws, and the backend counts as broken
 * (`isBroken` in trace.ts).
 */
export function failOnNullMalloc({ wasm }: Pick<BackendWasm, 'wasm'>): void {
  const malloc = wasm._malloc;
  wasm._malloc = (bytes) => {
    // Sizes have 32 bits: 4 GB and 16 bytes would wrap to 16 bytes.
    const address = bytes > MAX_BLOCK_BYTES ? 0 : malloc(bytes);
    if (address === 0 && bytes > 0) {
      throw new Error(`WebAssembly is out of memory (${bytes} bytes could not be allocated)`);
    }
    return address;
  };
}
