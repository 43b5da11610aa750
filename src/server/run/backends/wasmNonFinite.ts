import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import type { TF } from '../../layers/kind';
import { callOnCpu, sizeOf } from './cpuKernel';
import type { WasmFloats } from './wasmFloats';
import type { Call, Wrapper } from './wasmWrapper';

/**
 * Wrappers for kernels of TF.js's wasm backend that lose NaN, which give TensorFlow's values instead. XNNPACK clamps most of
 * its results, by default to -∞..+∞, with comparisons that are false for NaN, so that NaN becomes the lower bound. Its Relu
 * compares bits and turns a NaN with the sign bit set, the result of ∞ - ∞ on most processors, into 0. Inferred from the
 * behaviour of the XNNPACK in tfjs-backend-wasm 4.22. Finite values pay for the check only in pooling and 1 x 1 depthwise
 * kernels: up to 0.15 ns per value, as measured.
 */
export function nonFiniteWrappers(tf: TF, floats: WasmFloats): ReadonlyMap<string, Wrapper> {
  const depthwise = (name: string): Wrapper =>
    where(([height, width]) => height === 1 && width === 1, checking(tf, name, floats));
  const convolution = (name: string): Wrapper =>
    where((filter) => filter.every((size) => size === 1), checking(tf, name, floats));
  const clamps = (bounds: (call: Call) => Bounds): Wrapper => clamping(floats, bounds);
  return new Map([
    ['Relu', clamps(() => [0, Number.POSITIVE_INFINITY])],
    ['Relu6', clamps(() => [0, 6])],
    ['ClipByValue', clamps(({ attrs }) => [Number(attrs?.clipValueMin), Number(attrs?.clipValueMax)])],
    ['Maximum', extremum(tf, 'Maximum', floats, (bound) => [bound, Number.POSITIVE_INFINITY])],
    ['Minimum', extremum(tf, 'Minimum', floats, (bound) => [Number.NEGATIVE_INFINITY, bound])],
    ['MaxPool', maxPooling(floats)],
    ['AvgPool', checking(tf, 'AvgPool', floats)],
    ['Conv2D', convolution('Conv2D')],
    ['DepthwiseConv2dNative', depthwise('DepthwiseConv2dNative')],
    ['FusedConv2D', activatingAfter(convolution('FusedConv2D'), floats)],
    ['FusedDepthwiseConv2D', activatingAfter(depthwise('FusedDepthwiseConv2D'), floats)],
    ['_FusedMatMul', activatingAfter((kernel, call) => kernel(call), floats)],
    ['PadV2', padding(tf)],
  ]);
}

type Bounds = readonly [low: number, high: number];

const isFloat = (tensor: TensorInfo | undefined): tensor is TensorInfo => tensor?.dtype === 'float32';

function clamping(floats: WasmFloats, bounds: (call: Call) => Bounds): Wrapper {
  return (kernel, call, backend) => {
    const { x } = call.inputs;
    return isFloat(x) ? clamped(backend, floats, x, bounds(call)) : kernel(call);
  };
}

function clamped(backend: BackendWasm, floats: WasmFloats, x: TensorInfo, bounds: Bounds): TensorInfo {
  const out = backend.makeOutput(x.shape, 'float32');
  floats.clamp(x, out, ...bounds);
  return out;
}

/**
 * XNNPACK loses a NaN in `b` and keeps one in `a`. A scalar operand is a bound for the other operand; the kernel's own
 * broadcast of a scalar is much slower.
 */
function extremum(tf: TF, name: string, floats: WasmFloats, boundsBy: (one: number) => Bounds): Wrapper {
  return (kernel, call, backend) => {
    const { a, b } = call.inputs;
    if (!isFloat(a) || !isFloat(b)) return kernel(call);
    const [one, other] = sizeOf(b) === 1 ? [b, a] : [a, b];
    if (sizeOf(one) === 1 && one.shape.length <= other.shape.length) {
      const bound = Number(backend.typedArrayFromHeap(one)[0]);
      if (!Number.isNaN(bound)) return clamped(backend, floats, other, boundsBy(bound));
      const out = backend.makeOutput(other.shape, 'float32');
      backend.typedArrayFromHeap(out).fill(Number.NaN);
      return out;
    }
    return floats.areFinite(b) ? kernel(call) : onCpu(tf, name, kernel, call);
  };
}

/** The most negative float32: TensorFlow's initial value, and thus the result of a window of only NaN or -∞. */
const LOWEST = -(2 - 2 ** -23) * 2 ** 127;

/** TensorFlow ignores NaN in a window; XNNPACK turns some into -∞, and others hide the numbers beside them. */
function maxPooling(floats: WasmFloats): Wrapper {
  return (kernel, call, backend) => {
    const { x } = call.inputs;
    if (!isFloat(x) || floats.areFinite(x)) return kernel(call);
    const numbers = backend.makeOutput(x.shape, 'float32');
    backend
      .typedArrayFromHeap(numbers)
      .set(
        backend
          .typedArrayFromHeap(x)
          .map((value) => (value < LOWEST || Number.isNaN(value) ? LOWEST : value)),
      );
    const result = kernel({ ...call, inputs: { ...call.inputs, x: numbers } });
    backend.disposeData(numbers.dataId);
    return result;
  };
}

/** For kernels that turn every NaN into -∞: a result that is not finite is computed again on the JavaScript backend. */
function checking(tf: TF, name: string, floats: WasmFloats): Wrapper {
  return (kernel, call, backend) => {
    const result = kernel(call);
    if (Array.isArray(result) || !isFloat(result) || floats.areFinite(result)) return result;
    backend.disposeData(result.dataId);
    return onCpu(tf, name, kernel, call);
  };
}

/** XNNPACK runs convolutions with one input per output as multiply-adds with a clamp; its other convolutions do not clamp. */
function where(concerns: (filter: readonly number[]) => boolean, wrapper: Wrapper): Wrapper {
  return (kernel, call, backend) =>
    concerns(call.inputs.filter?.shape ?? []) ? wrapper(kernel, call, backend) : kernel(call);
}

/** Bounds by which the activation of a fused kernel is a clamp. */
const FUSED_CLAMPS: Readonly<Partial<Record<string, Bounds>>> = {
  relu: [0, Number.POSITIVE_INFINITY],
  relu6: [0, 6],
};

/** Runs the activation of a fused kernel after it, if it is a clamp; none of our own layers calls one. */
function activatingAfter(wrapper: Wrapper, floats: WasmFloats): Wrapper {
  return (kernel, call, backend) => {
    const bounds = FUSED_CLAMPS[String(call.attrs?.activation)];
    if (bounds === undefined) return wrapper(kernel, call, backend);
    const result = wrapper(kernel, { ...call, attrs: { ...call.attrs, activation: 'linear' } }, backend);
    if (!Array.isArray(result)) floats.clamp(result, result, ...bounds);
    return result;
  };
}

/** The backend caches what it prepared for a padding value and finds it by comparison: after one NaN, every padding is NaN. */
function padding(tf: TF): Wrapper {
  return (kernel, call) =>
    Number.isNaN(call.attrs?.constantValue) ? onCpu(tf, 'PadV2', kernel, call) : kernel(call);
}

function onCpu(tf: TF, name: string, kernel: KernelFunc, call: Call): ReturnType<KernelFunc> {
  const cpuKernel = tf.getKernel(name, 'cpu')?.kernelFunc;
  if (cpuKernel === undefined) return kernel(call);
  const outputs = callOnCpu(tf, cpuKernel, call);
  const [only] = outputs;
  return outputs.length === 1 && only ? only : outputs;
}
