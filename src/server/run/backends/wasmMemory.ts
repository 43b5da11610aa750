import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

const MAX_BLOCK_BYTES = 2 ** 32 - 1;

/**
 * WebAssembly's `malloc` answers 0 when there is no memory left (4 GB at most), and TF.js would go on and write its values
 * over whatever lies at address 0: every number after that may be wrong. Now it is an error, and a backend that had one is
 * given up (`isBroken` in trace.ts).
 */
export function failOnNullMalloc({ wasm }: Pick<BackendWasm, 'wasm'>): void {
  const malloc = wasm._malloc;
  wasm._malloc = (bytes) => {
    // A size is 32 bits there: 4 GB and 16 bytes would be 16 bytes.
    const address = bytes > MAX_BLOCK_BYTES ? 0 : malloc(bytes);
    if (address === 0 && bytes > 0) {
      throw new Error(`WebAssembly is out of memory (${bytes} bytes could not be had)`);
    }
    return address;
  };
}
