import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import type { TF } from '../../layers/kind';
import type { Call } from './wasmWrapper';

/** Runs a kernel call of the wasm backend on the JavaScript backend, which must be initialized; the outputs are on wasm. */
export function callOnCpu(tf: TF, cpuKernel: KernelFunc, call: Call): TensorInfo[] {
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
    if (sizeOf(output) > 0) wasm.typedArrayFromHeap(output).set(cpu.readSync(result.dataId) as Float32Array);
    return output;
  });
  for (const tensor of [...copies, ...results]) cpu.disposeData(tensor.dataId);
  return outputs;
}

type Inputs = Call['inputs'];

/** Some kernels take a list instead of a map. */
function mapped(inputs: Inputs, copy: (tensor: TensorInfo) => TensorInfo): Inputs {
  const of = (tensor: TensorInfo | undefined): TensorInfo | undefined => tensor && copy(tensor);
  const list: unknown = inputs;
  if (Array.isArray(list)) return list.map(of) as unknown as Inputs;
  return Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, of(tensor)])) as Inputs;
}

export const sizeOf = ({ shape }: TensorInfo): number =>
  shape.reduce((product, length) => product * length, 1);
