import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import type { TF } from '../../layers/kind';
import { callOnCpu, sizeOf } from './cpuKernel';

/** TensorFlow's results of reductions over an empty axis, which TF.js's JavaScript kernels do not give. */
const EMPTY_REDUCTIONS: ReadonlyMap<string, number> = new Map([
  ['Max', Number.NEGATIVE_INFINITY],
  ['Min', Number.POSITIVE_INFINITY],
  ['Mean', Number.NaN],
]);

/** They share the data of their input. */
const SHARING: ReadonlySet<string> = new Set(['Identity', 'Reshape']);

/**
 * Wraps a kernel of the wasm backend so that calls with an empty tensor run on the JavaScript backend, which must be
 * initialized. The C++ code of 4.22 divides by sizes of 0, which traps, or returns early and leaves the result
 * uninitialized.
 */
export function withEmptyTensors(tf: TF, { kernelName, kernelFunc }: KernelConfig): KernelFunc {
  const cpuKernel = tf.getKernel(kernelName, 'cpu')?.kernelFunc;
  if (cpuKernel === undefined || SHARING.has(kernelName)) return kernelFunc;
  return (call) => {
    const given: readonly (TensorInfo | undefined)[] = Object.values(call.inputs);
    const isSimple = given.every((tensor) => tensor?.dtype !== 'string');
    if (!isSimple || !given.some((tensor) => tensor !== undefined && sizeOf(tensor) === 0))
      return kernelFunc(call);
    const wasm = call.backend as BackendWasm;
    const outputs = callOnCpu(tf, cpuKernel, call);
    const over = EMPTY_REDUCTIONS.get(kernelName);
    if (over !== undefined)
      for (const output of outputs) if (sizeOf(output) > 0) wasm.typedArrayFromHeap(output).fill(over);
    const [only] = outputs;
    return outputs.length === 1 && only ? only : outputs;
  };
}
