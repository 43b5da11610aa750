import { Worker } from 'node:worker_threads';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as l10n from '@vscode/l10n';
import { readFile } from '../../io/openFile';

/** The C++ code of TF.js uses no more. */
export const MAX_WASM_THREADS = 8;

/** Starting a thread takes a fraction of a second on an idle machine. */
const START_MS = 20_000;
const MAX_CODE_BYTES = 2 ** 24;

/** The part of WebAssembly's JavaScript interface that the types of Node leave out. */
interface Compiling {
  compile(code: Uint8Array): Promise<object>;
  instantiate(code: object, imports: Imports): Promise<{ readonly exports: object }>;
}

interface Imports {
  readonly env: {
    readonly memory: WebAssembly.Memory;
    emscripten_num_logical_cores: () => number;
  };
}

/** Emscripten's workers, as far as they are used here. */
interface Pool {
  readonly unusedWorkers: Worker[];
  initMainThread: () => void;
  loadWasmModuleToWorker: (worker: Worker & { loaded?: boolean }, whenLoaded: () => void) => void;
}

/** The functions of the module that TF.js's backend calls by these names in `tfjs`. */
interface Exports {
  readonly init: () => void;
  readonly init_with_threads_count: (count: number) => void;
  readonly get_threads_count: () => number;
  readonly register_tensor: (id: number, size: number, address: number) => void;
  readonly dispose_data: (id: number) => void;
  readonly dispose: () => void;
}

/** Emscripten's factory of the module. */
type Factory = (config: object) => Promise<object>;

export interface ThreadedModule {
  readonly wasm: BackendWasm['wasm'];
  /** Lets the process end although its threads wait for work; to be called when the backend has started them. */
  unref(): void;
}

/**
 * Starts TF.js's WebAssembly module with threads. Emscripten's code around it knows Node's workers, but TF.js starts always
 * eight, from a Blob, which Node refuses, and they evaluate strings. Here the workers are started from a file of Layerglass
 * (`compute/wasmThread.ts`), one less than the threads that are wanted.
 *
 * @param threads from 2 to `MAX_WASM_THREADS`, including the calling one.
 * @throws Error when the module or a worker does not start; then no worker is left.
 */
export async function startThreadedModule(
  factory: Factory,
  files: { readonly code: string; readonly thread: string },
  threads: number,
): Promise<ThreadedModule> {
  const workers = Array.from({ length: threads - 1 }, () => new Worker(files.thread));
  let timer: NodeJS.Timeout | undefined;
  const failed = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(l10n.t('it took over {0} seconds', START_MS / 1000))),
      START_MS,
    );
    for (const worker of workers) worker.once('error', reject);
  });
  try {
    const wasm = await Promise.race([failed, createModule(factory, files.code, workers)]);
    if (!hasExports(wasm)) throw new Error(l10n.t('the module has no exports'));
    const { asm } = wasm;
    const tfjs: BackendWasm['wasm']['tfjs'] = {
      init: asm.init,
      initWithThreadsCount: asm.init_with_threads_count,
      getThreadsCount: asm.get_threads_count,
      registerTensor: asm.register_tensor,
      disposeData: asm.dispose_data,
      dispose: asm.dispose,
    };
    return {
      wasm: Object.assign(wasm, { tfjs }),
      unref: () => {
        for (const worker of workers) worker.unref();
      },
    };
  } catch (thrown) {
    for (const worker of workers) void worker.terminate();
    throw thrown;
  } finally {
    clearTimeout(timer);
  }
}

/** The module that Emscripten makes, when all workers have loaded it. */
function createModule(factory: Factory, file: string, workers: readonly Worker[]): Promise<object> {
  return new Promise((resolve, reject) => {
    let pool: Pool | null = null;
    const config = {
      instantiateWasm(imports: Imports, receive: (instance: object, code: object) => void): object {
        // The C++ code starts at most half as many threads as it is told of here.
        imports.env.emscripten_num_logical_cores = () => 2 * (workers.length + 1);
        instantiate(file, imports)
          .then(([instance, code]) => {
            if (pool) pool.loadWasmModuleToWorker = loadInto(code, imports.env.memory);
            receive(instance, code);
          })
          .catch(reject);
        // Emscripten waits for `receive`.
        return {};
      },
    };
    // Emscripten puts its pool here before it starts workers. Not enumerable, because it reads and writes all that is.
    Object.defineProperty(config, 'PThread', {
      get: () => pool,
      set: (created: Pool) => {
        pool = created;
        created.initMainThread = () => void created.unusedWorkers.push(...workers);
      },
    });
    keepGlobals(() => factory(config)).then(resolve, reject);
  });
}

async function instantiate(file: string, imports: Imports): Promise<[instance: object, code: object]> {
  const { compile, instantiate } = WebAssembly as unknown as Compiling;
  const code = await compile(readFile(file, MAX_CODE_BYTES));
  return [await instantiate(code, imports), code];
}

/** Emscripten's own would also listen to what no thread of this module says. */
const loadInto =
  (code: object, memory: WebAssembly.Memory): Pool['loadWasmModuleToWorker'] =>
  (worker, whenLoaded) => {
    worker.once('message', () => {
      worker.loaded = true;
      whenLoaded();
    });
    worker.postMessage({ code, memory });
  };

const hasExports = (wasm: object): wasm is Omit<BackendWasm['wasm'], 'tfjs'> & { asm: Exports } =>
  'asm' in wasm && typeof wasm.asm === 'object' && wasm.asm !== null && 'init_with_threads_count' in wasm.asm;

/** Emscripten makes Node's `Worker` global, by which other libraries recognize a browser. */
function keepGlobals<T>(work: () => T): T {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'Worker');
  try {
    return work();
  } finally {
    if (before) Object.defineProperty(globalThis, 'Worker', before);
    else Reflect.deleteProperty(globalThis, 'Worker');
  }
}
