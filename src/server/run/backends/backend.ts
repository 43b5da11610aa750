import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { fail } from '../../../shared/errors';
import type { BackendName, BackendStatus } from '../../../shared/model';
import { namesIn } from '../../io/openFile';
import { hasCustomKinds } from '../../kinds/registry';
import type { TF } from '../../layers/kind';
import { mendWasmKernels } from './wasmKernels';
import { refuseNullBlocks } from './wasmMemory';

/** A tensor library that is up, and why it is this one. */
export interface Runtime {
  readonly tf: TF;
  readonly status: BackendStatus;
}

export interface BackendOptions {
  readonly backend: 'auto' | BackendName;
  /** Folder of an `@tensorflow/tfjs-node` package or one that has it in `node_modules`; '' for none. */
  readonly nativePath: string;
  /** With an explicit backend that is not there: fail (command line) instead of taking the next best (editor). */
  readonly strict: boolean;
}

const ORDER: readonly BackendName[] = ['native', 'wasm', 'cpu'];

/**
 * Starts the best backend that is there: native (`@tensorflow/tfjs-node`), else wasm, else cpu.
 * Each must pass a small self-test, because a binding can load and still not work (e.g. under Electron).
 * @throws Failure `backend` when none works, or when the one asked for does not and `strict` is set.
 */
export async function startBackend(options: BackendOptions): Promise<Runtime> {
  const asked = options.backend;
  const order = asked === 'auto' ? ORDER : [asked, ...ORDER.filter((name) => name !== asked)];
  const troubles: string[] = [];
  for (const name of options.strict && asked !== 'auto' ? [asked] : order) {
    try {
      const tf = await START[name](options);
      selfTest(tf);
      if (hasCustomKinds() && name !== 'native') await registerGradients();
      return { tf, status: { name, reason: reason(asked, name, troubles), version: version(name, tf) } };
    } catch (thrown) {
      troubles.push(
        `${name}: ${thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : String(thrown)}`,
      );
    }
  }
  return fail('backend', `No backend could be started (${troubles.join('; ')}).`, {
    remedy:
      asked === 'native'
        ? 'Run "npm run native" in the Layerglass folder, or set layerglass.backend to auto.'
        : 'Set layerglass.backend to auto and see the Layerglass log.',
  });
}

function reason(asked: BackendOptions['backend'], name: BackendName, troubles: readonly string[]): string {
  if (asked === name) return 'chosen by the setting layerglass.backend';
  const why = troubles.length === 0 ? '' : ` (${troubles.join('; ')})`;
  return asked === 'auto' ? `the best that is there${why}` : `${asked} was asked for but is not there${why}`;
}

const START: Readonly<Record<BackendName, (options: BackendOptions) => Promise<TF>>> = {
  native: startNative,
  wasm: startWasm,
  cpu: startCpu,
};

/**
 * tfjs-core comes without the gradients of its operations, which our own layers do not use; a custom layer may.
 * The native package registers them itself.
 */
async function registerGradients(): Promise<void> {
  const { allGradients } = await import('./tensorflow');
  await allGradients();
}

/** Nearest folder upwards that holds this extension, from `dist/` as well as from the sources. */
function extensionRoot(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

function nativePackage(options: BackendOptions): string {
  const root = extensionRoot();
  const places = [process.env.LAYERGLASS_NATIVE ?? '', options.nativePath, root, join(root, '.native')];
  for (const place of places.filter((p) => p !== '')) {
    for (const folder of [place, join(place, 'node_modules', '@tensorflow', 'tfjs-node')]) {
      if (hasBinding(folder)) return folder;
    }
  }
  throw new Error('@tensorflow/tfjs-node is not installed');
}

/** An installation whose download failed leaves the package without its binding: then the next place is tried. */
function hasBinding(folder: string): boolean {
  const lib = join(folder, 'lib');
  return (
    existsSync(join(folder, 'dist', 'nodejs_kernel_backend.js')) &&
    namesIn(lib).some((api) => existsSync(join(lib, api, 'tfjs_binding.node')))
  );
}

async function startNative(options: BackendOptions): Promise<TF> {
  // The library greets on stderr, and TensorFlow's own log would fill the channel.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  // Where the processor has it, oneDNN adds in an order that changes from run to run, is no faster for one image, and
  // greets on stderr whatever the log level.
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '0';
  const folder = nativePackage(options);
  // Its own copy of tfjs-core comes with it and is the only one in the process: the bundled one is not loaded.
  const tf: TF = createRequire(join(folder, 'package.json'))(folder);
  await tf.ready();
  if (tf.getBackend() !== 'tensorflow') throw new Error('its TensorFlow binding did not load');
  return tf;
}

async function startWasm(): Promise<TF> {
  const { core, cpuBackend, wasmBackend } = await import('./tensorflow');
  // The JavaScript backend for the few gradient kernels that wasm lacks (run/backends/fallback.ts).
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
  mendWasmKernels(tf);
  refuseNullBlocks(tf.backend() as BackendWasm);
  return tf;
}

async function startCpu(): Promise<TF> {
  const { core, cpuBackend } = await import('./tensorflow');
  const [tf] = await Promise.all([core(), cpuBackend()]);
  tf.enableProdMode();
  if (!(await tf.setBackend('cpu'))) throw new Error('the JavaScript backend did not start');
  return tf;
}

/** [[1,2],[3,4]] x [5,6] and a sum over a 2 x 2 window. */
function selfTest(tf: TF): void {
  const wrong = tf.tidy(() => {
    const product = tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6], [2, 1])).dataSync();
    const sum = tf
      .conv2d(tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]), tf.ones([2, 2, 1, 1]), 1, 'valid')
      .dataSync();
    return product[0] !== 17 || product[1] !== 39 || sum[0] !== 10;
  });
  if (wrong) throw new Error('its self-test gave wrong numbers');
}

function version(name: BackendName, tf: TF): string {
  const core = `TensorFlow.js ${tf.version_core ?? ''}`.trim();
  return name === 'native' ? `${core}, native TensorFlow` : core;
}
