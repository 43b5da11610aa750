import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { KernelFunc } from '@tensorflow/tfjs-core';

export type Call = Parameters<KernelFunc>[0];

/** Replaces a kernel of the wasm backend, or wraps its calls. */
export type Wrapper = (kernel: KernelFunc, call: Call, backend: BackendWasm) => ReturnType<KernelFunc>;

/** Rows of a table of wrappers: the kernels in `names`, separated by spaces, share one. */
export const wrapEach = (names: string, wrapper: Wrapper): [string, Wrapper][] =>
  names.split(' ').map((name) => [name, wrapper]);
