import type { WasmFloats } from './wasmFloats';
import type { Wrapper } from './wasmWrapper';

/**
 * The kernel multiplies a matrix whose first axis is summed, which it does not pack, with scalar instructions: 190 ms for the
 * first Dense of VGG16 on one input (`layers/core/matMul.ts`). A product with one row is a loop of our own.
 */
export function rowProducts(floats: WasmFloats): Wrapper {
  return (kernel, call, backend) => {
    const { a, b } = call.inputs;
    if (!a || !b || !call.attrs?.transposeA || !call.attrs.transposeB) return kernel(call);
    const [[inner, width], [rows]] = [a.shape, b.shape];
    const isMatrix = a.shape.length === 2 && b.shape.length === 2 && rows === 1 && b.shape[1] === inner;
    if (!isMatrix || width === undefined || a.dtype !== 'float32' || b.dtype !== 'float32')
      return kernel(call);
    const out = backend.makeOutput([width, 1], 'float32');
    if (floats.rowProduct(b, a, out)) return out;
    backend.disposeData(out.dataId);
    return kernel(call);
  };
}
