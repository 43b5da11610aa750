import * as l10n from '@vscode/l10n';
import type { TF } from '../../../layers/kind';
import { threadCount } from '../threads';
import { startWasm, type WasmOptions } from '../wasm';
import { loadBinding } from './binding';
import { HostKernels } from './hostKernels';
import { kernelsFor } from './kernels/kernels';
import { createLazyBackend } from './lazyBackend';
import { Sessions } from './sessions';

/** Kernels of TF.js that give a list, even of one tensor. */
const GIVES_LIST: ReadonlySet<string> = new Set(['SplitV', 'Unpack']);
/** Share of the memory limit that the weights in compiled graphs may take. */
const SESSION_SHARE = 1 / 3;

export interface OnnxOptions extends Pick<WasmOptions, 'maxBytes' | 'threads'> {
  /** Compiles however small a graph is; for tests. */
  readonly compilesAll?: boolean;
}

/**
 * ONNX Runtime: whole graphs of kernels are compiled and computed on all cores (`lazyBackend.ts`); WebAssembly and plain JavaScript compute
 * what is not part of a graph.
 */
export async function startOnnx({
  maxBytes = Number.POSITIVE_INFINITY,
  threads = 0,
  compilesAll = false,
}: OnnxOptions = {}): Promise<{ tf: TF; detail: string }> {
  const binding = loadBinding();
  // With one thread: what WebAssembly computes here is small.
  const { tf } = await startWasm({ maxBytes });
  const count = threadCount(threads);
  // All copies of TF.js in a process share one engine, and its tensors stay with their backend.
  if (tf.findBackendFactory('onnx') === null) {
    const limits = { threads: count, maxBytes: maxBytes * SESSION_SHARE };
    registerOnnx(tf, new Sessions(binding, kernelsFor(tf), limits), compilesAll);
  }
  if (!(await tf.setBackend('onnx'))) throw new Error(l10n.t('the compiled backend did not start'));
  return {
    tf,
    detail: count === 1 ? l10n.t('ONNX Runtime, one thread') : l10n.t('ONNX Runtime, {0} threads', count),
  };
}

/** Registers the backend and its kernels under the name "onnx". */
export function registerOnnx(tf: TF, sessions: Sessions, compilesAll: boolean): void {
  const options = { always: compilesAll, whenRefused: reportOnce() };
  const backend = createLazyBackend(tf, sessions, options);
  for (const kernelName of new HostKernels(tf).names) {
    tf.registerKernel({
      kernelName,
      backendName: 'onnx',
      kernelFunc: ({ inputs, attrs }) => {
        const outputs = backend.call(kernelName, inputs, attrs ?? {});
        const [only] = outputs;
        return outputs.length === 1 && only && !GIVES_LIST.has(kernelName) ? only : outputs;
      },
    });
  }
  tf.registerBackend('onnx', () => backend);
}

/** One line in the log, however many graphs are refused. */
function reportOnce(): (why: string) => void {
  let isReported = false;
  return (why) => {
    if (!isReported) process.stderr.write(`ONNX Runtime refuses a graph, which TF.js computes: ${why}\n`);
    isReported = true;
  };
}
