/**
 * Runs in the worker threads of TF.js's WebAssembly module (`run/backends/wasmThreads.ts`), whose code around it Emscripten
 * generated; its own worker does the same, but evaluates strings.
 */
import { parentPort } from 'node:worker_threads';
import createModule from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js';
import { endProcess } from './endProcess';

/** The first message. */
interface Load {
  readonly code: object;
  readonly memory: WebAssembly.Memory;
}

/** The second message, from Emscripten's code: what this thread does until the process ends. */
interface Run {
  readonly pthread_ptr: number;
  readonly start_routine: number;
  readonly arg: number;
}

/** What Emscripten's code in a worker offers. */
interface Thread {
  readonly __emscripten_thread_init: (
    pthread: number,
    isMainBrowserThread: number,
    isMainRuntimeThread: number,
    canBlock: number,
  ) => void;
  readonly establishStackSpace: () => void;
  readonly PThread: { threadInitTLS(): void };
  readonly invokeEntryPoint: (routine: number, argument: number) => void;
}

/** The part of WebAssembly's JavaScript interface that the types of Node leave out. */
interface Linking {
  readonly Instance: new (code: object, imports: object) => { readonly exports: object };
}

const port = parentPort;
let thread: Thread | null = null;

port?.on('message', (message: Load | Run) => {
  if ('code' in message) load(message);
  else if (thread !== null) run(thread, message);
});

function load({ code, memory }: Load): void {
  // Emscripten's code calls both by these names.
  Object.assign(globalThis, {
    startWorker: (started: Thread) => {
      thread = started;
      port?.postMessage('loaded');
    },
    postMessage: (message: unknown) => port?.postMessage(message),
  });
  void createModule({
    ...{ ENVIRONMENT_IS_PTHREAD: true, wasmMemory: memory, buffer: memory.buffer },
    instantiateWasm(imports: object, receive: (instance: object) => void): object {
      const { Instance } = WebAssembly as unknown as Linking;
      const instance = new Instance(code, imports);
      receive(instance);
      return instance.exports;
    },
  });
}

function run(started: Thread, { pthread_ptr, start_routine, arg }: Run): void {
  try {
    started.__emscripten_thread_init(pthread_ptr, 0, 0, 1);
    started.establishStackSpace();
    started.PThread.threadInitTLS();
    started.invokeEntryPoint(start_routine, arg);
  } catch (thrown) {
    // The main thread waits for this one inside a kernel, where nothing can wake it.
    endProcess(
      `a thread of WebAssembly failed (${thrown instanceof Error ? thrown.message : String(thrown)})`,
    );
  }
}
