import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TF } from '../../layers/kind';
import { patchWasmKernels } from './wasmKernels';
import { checkAllocations } from './wasmMemory';

interface WasmOptions {
  /** Of the resident set of the process. */
  readonly maxBytes?: number;
}

/** WebAssembly, one thread, with the cpu backend for the few gradient kernels that it lacks (`fallback.ts`). */
export async function startWasm({ maxBytes = Number.POSITIVE_INFINITY }: WasmOptions = {}): Promise<TF> {
  const { core, cpuBackend, wasmBackend } = await import('./tensorflow');
  const [tf, wasm] = await Promise.all([core(), wasmBackend(), cpuBackend()]);
  const beside = join(__dirname, 'wasm');
  wasm.setWasmPaths(
    `${existsSync(beside) ? beside : join(dirname(createRequire(__filename).resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist')}/`,
  );
  // The cpu backend would greet on stderr with an advertisement for tfjs-node.
  tf.enableProdMode();
  // The threaded build expects browser workers.
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  if (!(await tf.setBackend('wasm'))) throw new Error('WebAssembly did not start');
  patchWasmKernels(tf);
  checkAllocations(tf.backend() as BackendWasm, maxBytes);
  return tf;
}
