import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TF } from '../../layers/kind';
import { patchWasmKernels } from './wasmKernels';
import { failOnNullMalloc } from './wasmMemory';

/** WebAssembly, one thread, with the cpu backend for the few gradient kernels that it lacks (`fallback.ts`). */
export async function startWasm(): Promise<TF> {
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
  failOnNullMalloc(tf.backend() as BackendWasm);
  return tf;
}
