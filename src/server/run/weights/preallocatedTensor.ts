import type { Tensor, TF } from '../../layers/kind';
import type { Runtime } from '../backends/backend';

/** Weights of this many values are never in memory twice, as an array and in the backend; in VGG16, the first Dense. */
export const MIN_PREALLOCATED_VALUES = 2 ** 22;

/** A tensor that is allocated in the backend's memory and filled part by part. */
export interface PreallocatedTensor {
  /** @param at where the values begin, row-major; whole rows of the first axis. */
  put(values: Float32Array, at: number): void;
  /** The filled tensor; `put` must not be called afterwards. */
  readonly tensor: () => Tensor;
  dispose(): void;
}

/** A float32 tensor to be filled in place; `null` on a backend that keeps the arrays that it is given, so that none is copied. */
export function preallocateTensor(
  { tf, status }: Runtime,
  shape: readonly number[],
): PreallocatedTensor | null {
  if (status.name === 'wasm') return preallocateOnWasm(tf, shape);
  if (status.name === 'native') return preallocateOnNative(tf, shape);
  return null;
}

interface WasmBackend {
  makeOutput(shape: number[], dtype: 'float32'): { dataId: object; shape: number[]; dtype: 'float32' };
  typedArrayFromHeap(tensor: Tensor): Float32Array;
}

/** The memory of kernels' outputs: allocated in the heap of WebAssembly and seen through a view. */
function preallocateOnWasm(tf: TF, shape: readonly number[]): PreallocatedTensor | null {
  const backend: object = tf.backend();
  if (!isWasm(backend)) return null;
  const tensor = tf.engine().makeTensorFromTensorInfo(backend.makeOutput([...shape], 'float32'));
  return {
    // A view each time: the heap moves when it grows.
    put: (values, at) => backend.typedArrayFromHeap(tensor).set(values, at),
    tensor: () => tensor,
    dispose: () => tensor.dispose(),
  };
}

const isWasm = (backend: object): backend is WasmBackend =>
  'makeOutput' in backend && 'typedArrayFromHeap' in backend;

interface NativeBackend {
  readonly binding: Readonly<Record<'TF_ATTR_TYPE' | 'TF_ATTR_BOOL' | 'TF_FLOAT' | 'TF_INT32', number>>;
  executeSingleOutput(name: string, attributes: readonly object[], inputs: readonly Tensor[]): Tensor;
}

/** TensorFlow's `InplaceUpdate` writes rows into its operand and returns a tensor over the same memory. */
function preallocateOnNative(tf: TF, shape: readonly number[]): PreallocatedTensor | null {
  const backend: object = tf.backend();
  if (!isNative(backend)) return null;
  const { binding } = backend;
  const [, ...row] = shape;
  const width = row.reduce((a, b) => a * b, 1);
  const isFloat = (name: string) => ({ name, type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT });
  const attributes = [isFloat('dtype'), { name: 'init', type: binding.TF_ATTR_BOOL, value: false }];
  const sizes = tf.tensor1d([...shape], 'int32');
  let tensor = backend.executeSingleOutput('Empty', attributes, [sizes]);
  sizes.dispose();
  return {
    put(values, at) {
      const count = values.length / width;
      const rows = tf.range(at / width, at / width + count, 1, 'int32');
      const part = tf.tensor(values, [count, ...row], 'float32');
      const filled = backend.executeSingleOutput('InplaceUpdate', [isFloat('T')], [tensor, rows, part]);
      for (const old of [tensor, rows, part]) old.dispose();
      tensor = filled;
    },
    tensor: () => tensor,
    dispose: () => tensor.dispose(),
  };
}

const isNative = (backend: object): backend is NativeBackend =>
  'executeSingleOutput' in backend && 'binding' in backend;
