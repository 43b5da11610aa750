import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import type { TF } from '../layers/kind';

/** What TensorFlow gives over an axis without elements, and TF.js's JavaScript kernels do not. */
const OVER_NOTHING: ReadonlyMap<string, number> = new Map([
  ['Max', Number.NEGATIVE_INFINITY],
  ['Min', Number.POSITIVE_INFINITY],
  ['Mean', Number.NaN],
]);

/** They share the data of their input. */
const SHARING: ReadonlySet<string> = new Set(['Identity', 'Reshape']);

/**
 * A kernel of the wasm backend that leaves calls with an empty tensor to the JavaScript backend, which must have started.
 * The C++ code of 4.22 divides by sizes that are 0, which ends the module, or returns at once and leaves the result as
 * the memory was: of a sum over nothing, numbers of another model.
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
    const cpu = tf.findBackend('cpu') as MathBackendCPU;
    const copies: TensorInfo[] = [];
    const copy = (tensor: TensorInfo): TensorInfo => {
      const values = sizeOf(tensor) === 0 ? new Float32Array(0) : wasm.typedArrayFromHeap(tensor).slice();
      const made = cpu.makeTensorInfo(tensor.shape, tensor.dtype, values);
      copies.push(made);
      return made;
    };
    const inputs = mapped(call.inputs, copy);
    const results = [cpuKernel({ ...call, inputs, backend: cpu })].flat();
    const outputs = results.map((result) => {
      const output = wasm.makeOutput(result.shape, result.dtype);
      const over = OVER_NOTHING.get(kernelName);
      const size = sizeOf(output);
      if (size > 0 && over !== undefined) wasm.typedArrayFromHeap(output).fill(over);
      else if (size > 0) wasm.typedArrayFromHeap(output).set(cpu.readSync(result.dataId) as Float32Array);
      return output;
    });
    for (const tensor of [...copies, ...results]) cpu.disposeData(tensor.dataId);
    const [only] = outputs;
    return outputs.length === 1 && only ? only : outputs;
  };
}

type Inputs = Parameters<KernelFunc>[0]['inputs'];

/** Some kernels take a list for a map. */
function mapped(inputs: Inputs, copy: (tensor: TensorInfo) => TensorInfo): Inputs {
  const of = (tensor: TensorInfo | undefined): TensorInfo | undefined => tensor && copy(tensor);
  const list: unknown = inputs;
  if (Array.isArray(list)) return list.map(of) as unknown as Inputs;
  return Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, of(tensor)])) as Inputs;
}

const sizeOf = ({ shape }: TensorInfo): number => shape.reduce((product, length) => product * length, 1);
