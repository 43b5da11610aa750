import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { mapInto } from '../../../shared/mapInto';
import type { TF } from '../../layers/kind';
import { withEmptyTensors } from './emptyTensors';
import { wasmFloats } from './wasmFloats';
import { nonFiniteWrappers } from './wasmNonFinite';
import { rowProducts } from './wasmProducts';
import { type Call, type Wrapper, wrapEach } from './wasmWrapper';

/**
 * Several kernels of TF.js's wasm backend pass tensors to C++ code that treats every element as a float32 of four bytes: of
 * a bool tensor, with one byte per element, it reads and *writes* far beyond the end, and it computes with the bits of an
 * int32 as if they were a float. Others leave their result uninitialized for unsupported types. Each is registered again
 * with a wrapper that converts unsupported types, or does the work itself if a conversion would lose digits. Calls with
 * empty tensors go to the JavaScript backend, and NaN is kept (`wasmNonFinite.ts`). Source: tfjs-backend-wasm 4.22,
 * `src/kernels/*.ts` and `src/cc/kernels/*.cc`.
 */

type Type = 'float32' | 'int32' | 'bool';

interface Conversion {
  readonly inputs: readonly string[];
  /** By type of an input, the type that it is converted to. */
  readonly from: Readonly<Partial<Record<string, Type>>>;
  /** Whether the result is converted back to the type of the first input. */
  readonly back: boolean;
}

/** For kernels that only move elements of four bytes. */
const moves = (...inputs: readonly string[]): Wrapper =>
  converting({ inputs, from: { bool: 'int32' }, back: true });
/** For kernels that compute with floats. */
const floats = (...inputs: readonly string[]): Wrapper =>
  converting({ inputs, from: { bool: 'float32', int32: 'float32' }, back: false });
/** For kernels that compute with floats and integers, but not with booleans. */
const numbers = (...inputs: readonly string[]): Wrapper =>
  converting({ inputs, from: { bool: 'int32' }, back: false });

const WRAPPERS: ReadonlyMap<string, Wrapper> = new Map([
  ...wrapEach('Reverse', moves('x')),
  ...wrapEach('FlipLeftRight', moves('image')),
  ...wrapEach('RotateWithOffset Transform', floats('image')),
  ...wrapEach(
    'MaxPool',
    converting({ inputs: ['x'], from: { bool: 'float32', int32: 'float32' }, back: true }),
  ),
  ...wrapEach('FusedBatchNorm', floats('x', 'mean', 'variance', 'offset', 'scale')),
  ...wrapEach('Prelu', floats('x', 'alpha')),
  ...wrapEach('Multinomial Softmax', floats('logits')),
  ...wrapEach('Atan2', floats('a', 'b')),
  ...wrapEach(
    'Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Elu Erf Floor IsFinite IsInf IsNan',
    floats('x'),
  ),
  ...wrapEach(
    'LeakyRelu Log Log1p Reciprocal Rsqrt Selu Sigmoid Sin Sinh Softplus Sqrt Tan Tanh',
    floats('x'),
  ),
  ...wrapEach('Abs Neg Relu Relu6 Round Sign Square Step Sum TopK', numbers('x')),
  ...wrapEach('FloorDiv Maximum Minimum Mod', numbers('a', 'b')),
  ['Identity', sharing],
  ['Select', selecting],
  ['StridedSlice', slicing],
  ['ClipByValue', clipping],
  ['OneHot', oneHot],
  ['Cast', casting],
]);

const wrapped = new WeakSet<KernelFunc>();

/** Wraps the kernels of the wasm backend, which must be the current one. Idempotent. */
export function patchWasmKernels(tf: TF): void {
  const backend = tf.backend() as BackendWasm;
  const loops = wasmFloats(backend);
  const onLoops = new Map([...nonFiniteWrappers(tf, loops), ['BatchMatMul', rowProducts(loops)] as const]);
  const inside = (wrapper: Wrapper | undefined, kernel: KernelFunc): KernelFunc =>
    wrapper ? (call) => wrapper(kernel, call, backend) : kernel;
  for (const config of tf.getKernelsForBackend('wasm')) {
    if (wrapped.has(config.kernelFunc)) continue;
    const onFloats = inside(onLoops.get(config.kernelName), config.kernelFunc);
    const kernel = withEmptyTensors(tf, { ...config, kernelFunc: onFloats });
    const kernelFunc = inside(WRAPPERS.get(config.kernelName), kernel);
    wrapped.add(kernelFunc);
    tf.unregisterKernel(config.kernelName, 'wasm');
    tf.registerKernel({ ...config, kernelFunc });
  }
}

function converting({ inputs, from, back }: Conversion): Wrapper {
  return (kernel, call, backend) => {
    const given = { ...call.inputs };
    const converted: TensorInfo[] = [];
    for (const name of inputs) {
      const input = given[name];
      const type = input && from[input.dtype];
      if (!input || !type) continue;
      const other = convert(backend, input, type);
      converted.push(other);
      given[name] = other;
    }
    if (converted.length === 0) return kernel(call);
    const result = kernel({ ...call, inputs: given });
    for (const tensor of converted) backend.disposeData(tensor.dataId);
    const type = call.inputs[inputs[0] ?? '']?.dtype;
    if (!back || type === undefined || Array.isArray(result)) return result;
    return replaced(backend, result, type);
  };
}

/** The kernel would copy; no kernel writes into its input. */
function sharing(_kernel: KernelFunc, { inputs: { x } }: Call, backend: BackendWasm): ReturnType<KernelFunc> {
  if (!x) throw new Error('Identity needs a tensor');
  backend.incRef(x.dataId);
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
}

/** If only one of two values is a float, the other is converted, as in TensorFlow and the other backends. */
function selecting(kernel: KernelFunc, call: Call, backend: BackendWasm): ReturnType<KernelFunc> {
  const types = [call.inputs.t?.dtype, call.inputs.e?.dtype];
  const isFloat = types.includes('float32');
  const isWhole = types.includes('int32');
  const to: Type = isFloat ? 'float32' : 'int32';
  const from: Conversion['from'] = isFloat ? { bool: to, int32: to } : { bool: to };
  return converting({ inputs: ['t', 'e'], from, back: !isFloat && !isWhole })(kernel, call, backend);
}

/** The kernel labels its result float32, whatever the type of its input. */
function slicing(kernel: KernelFunc, call: Call, backend: BackendWasm): ReturnType<KernelFunc> {
  const relabelling: KernelFunc = (inner) => {
    const result = kernel(inner);
    const dtype = inner.inputs.x?.dtype;
    if (Array.isArray(result) || dtype === undefined) return result;
    backend.dataIdMap.get(result.dataId).dtype = dtype;
    return { ...result, dtype };
  };
  return moves('x')(relabelling, call, backend);
}

/** Integers are compared as integers: above 2^24, float32 cannot represent all of them. */
function clipping(kernel: KernelFunc, call: Call, backend: BackendWasm): ReturnType<KernelFunc> {
  const { x } = call.inputs;
  if (!x || x.dtype === 'float32') return kernel(call);
  const [low, high] = [Number(call.attrs?.clipValueMin), Number(call.attrs?.clipValueMax)];
  const out = backend.makeOutput(x.shape, x.dtype);
  backend
    .typedArrayFromHeap(out)
    .set(backend.typedArrayFromHeap(x).map((value) => Math.min(Math.max(value, low), high)));
  return out;
}

/** The C++ code writes int32, whatever the type of the result. */
function oneHot(kernel: KernelFunc, call: Call, backend: BackendWasm): ReturnType<KernelFunc> {
  const { dtype, onValue, offValue } = call.attrs ?? {};
  if (dtype === 'int32') return kernel(call);
  const chosen = kernel({ ...call, attrs: { ...call.attrs, dtype: 'int32', onValue: 1, offValue: 0 } });
  if (Array.isArray(chosen)) return chosen;
  const out = backend.makeOutput(chosen.shape, dtype === 'bool' ? 'bool' : 'float32');
  mapInto(backend.typedArrayFromHeap(out), backend.typedArrayFromHeap(chosen), (is) =>
    Number(is === 1 ? onValue : offValue),
  );
  backend.disposeData(chosen.dataId);
  return out;
}

/** Every value but 0 is true; the kernel would keep the lowest byte of the integer part. */
function casting(kernel: KernelFunc, call: Call, backend: BackendWasm): ReturnType<KernelFunc> {
  const { x } = call.inputs;
  if (!x || call.attrs?.dtype !== 'bool' || x.dtype === 'bool') return kernel(call);
  const out = backend.makeOutput(x.shape, 'bool');
  mapInto(backend.typedArrayFromHeap(out), backend.typedArrayFromHeap(x), (value) => (value === 0 ? 0 : 1));
  return out;
}

function convert(backend: BackendWasm, x: TensorInfo, dtype: Type): TensorInfo {
  const out = backend.makeOutput(x.shape, dtype);
  backend.typedArrayFromHeap(out).set(backend.typedArrayFromHeap(x));
  return out;
}

function replaced(backend: BackendWasm, x: TensorInfo, dtype: TensorInfo['dtype']): TensorInfo {
  if (x.dtype === dtype || (dtype !== 'bool' && dtype !== 'int32')) return x;
  const out = convert(backend, x, dtype);
  backend.disposeData(x.dataId);
  return out;
}
