import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as l10n from '@vscode/l10n';
import type { TF } from '../../layers/kind';
import { threadCount } from './threads';
import { patchWasmKernels } from './wasmKernels';
import { checkAllocations } from './wasmMemory';
import { MAX_WASM_THREADS, startThreadedModule } from './wasmThreads';

export interface WasmOptions {
  /** Limit of the resident set of the process, for backends that can refuse to exceed it. */
  readonly maxBytes?: number;
  /** 0: as many as suit the machine (`threads.ts`); one by default. */
  readonly threads?: number;
  /** The bundle of `compute/wasmThread.ts`; beside that of this file by default. */
  readonly threadFile?: string;
}

/**
 * WebAssembly, with the cpu backend for the few gradient kernels that it lacks (`fallback.ts`). It computes with one thread
 * where its threads do not start.
 */
export async function startWasm({
  maxBytes = Number.POSITIVE_INFINITY,
  threads = 1,
  threadFile = join(__dirname, 'wasmThread.js'),
}: WasmOptions = {}): Promise<{ tf: TF; detail: string }> {
  const { core, cpuBackend, wasmBackend } = await import('./tensorflow');
  const [tf, wasm] = await Promise.all([core(), wasmBackend(), cpuBackend()]);
  const folder = wasmFolder();
  wasm.setWasmPaths(`${folder}/`);
  // The cpu backend would greet on stderr with an advertisement for tfjs-node.
  tf.enableProdMode();
  // Its own way to start threads expects a browser.
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  const count = Math.min(threadCount(threads), MAX_WASM_THREADS);
  // One that already runs in this process stays: kernels are wrapped around it.
  const isRunning = 'wasm' in tf.engine().registry;
  const trouble = count > 1 && !isRunning ? await useThreads(tf, wasm, { folder, threadFile, count }) : null;
  if (!(await tf.setBackend('wasm'))) throw new Error(l10n.t('WebAssembly did not start'));
  patchWasmKernels(tf);
  checkAllocations(tf.backend() as BackendWasm, maxBytes);
  const started = wasm.getThreadsCount();
  const detail = started > 1 ? l10n.t('{0} threads', started) : l10n.t('one thread');
  return {
    tf,
    detail: trouble === null ? detail : l10n.t('{0} (others did not start: {1})', detail, trouble),
  };
}

/** The `.wasm` files: beside the bundle, or in their package. */
function wasmFolder(): string {
  const beside = join(__dirname, 'wasm');
  if (existsSync(beside)) return beside;
  const { resolve } = createRequire(__filename);
  return join(dirname(resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist');
}

/** Makes the backend start with several threads, or returns why it will not. */
async function useThreads(
  tf: TF,
  wasm: typeof import('@tensorflow/tfjs-backend-wasm'),
  { folder, threadFile, count }: { folder: string; threadFile: string; count: number },
): Promise<string | null> {
  try {
    if (!(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')))
      throw new Error(l10n.t('this machine has no SIMD'));
    const { threadedWasm } = await import('./tensorflow');
    const files = { code: join(folder, 'tfjs-backend-wasm-threaded-simd.wasm'), thread: threadFile };
    const started = await startThreadedModule((await threadedWasm()).default, files, count);
    wasm.setThreadsCount(count);
    tf.removeBackend('wasm');
    tf.registerBackend('wasm', () => {
      const backend = new wasm.BackendWasm(started.wasm);
      started.unref();
      return backend;
    });
    return null;
  } catch (thrown) {
    return thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : String(thrown);
  }
}
