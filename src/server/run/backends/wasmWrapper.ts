import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { KernelFunc } from '@tensorflow/tfjs-core';

export type Call = Parameters<KernelFunc>[0];

/** What is done in the place of a kernel of the wasm backend, or round a call of it. */
export type Wrapper = (kernel: KernelFunc, call: Call, backend: BackendWasm) => ReturnType<KernelFunc>;

/** Rows of a table of wrappers: several kernels, separated by spaces, share one. */
export const wrapEach = (names: string, wrapper: Wrapper): [string, Wrapper][] =>
  names.split(' ').map((name) => [name, wrapper]);
