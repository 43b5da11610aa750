import type { DataType, KernelBackend, NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../../../shared/model';
import type { TF } from '../../../layers/kind';
import type { Stored, Value } from './value';

/** What a kernel of TF.js computed. */
export interface Computed {
  readonly shape: readonly number[];
  readonly dtype: DataType;
  readonly values: Stored;
}

/** Kernels of TF.js that take a list of tensors. */
const LISTED: ReadonlySet<string> = new Set(['AddN', 'Concat', 'Pack']);

/** From this many values on, copying them into the memory of WebAssembly and back takes less time than JavaScript loses. */
const LARGE = 2 ** 13;

/** The backends that compute what is not worth a graph of its own or cannot be part of one. */
const BACKENDS = ['cpu', 'wasm'] as const;
type HostBackend = (typeof BACKENDS)[number];

/** Kernels that are right on one of them only: see docs/numerics.md and `layers/pooling/pooling.ts`. */
const BEST: ReadonlyMap<string, HostBackend> = new Map([
  ['MaxPool', 'wasm'],
  ['MaxPoolGrad', 'cpu'],
  ['Sign', 'cpu'],
]);

/** TF.js's own kernels, called directly: the engine knows nothing of these calls, and their tensors live as long as the call. */
export class HostKernels {
  constructor(private readonly tf: TF) {}

  /** The names of all kernels. */
  get names(): Set<string> {
    return new Set(
      BACKENDS.flatMap((name) => this.tf.getKernelsForBackend(name).map(({ kernelName }) => kernelName)),
    );
  }

  /** @param inputs with their values known */
  run(name: string, inputs: Readonly<Record<string, Value>>, attributes: NamedAttrMap): Computed[] {
    const tiled = name === 'Tile' && inputs.x ? tile(inputs.x, attributes.reps) : null;
    if (tiled) return [tiled];
    const backendName = this.backendFor(name, Object.values(inputs));
    const backend: KernelBackend = this.tf.findBackend(backendName);
    const kernel = this.tf.getKernel(name, backendName);
    const given: Record<string, TensorInfo> = {};
    const made = new Set<TensorInfo['dataId']>();
    try {
      for (const [key, { shape, dtype, values }] of Object.entries(inputs)) {
        if (values === null) throw new RangeError(`An input of ${name} is not computed yet.`);
        const dataId = backend.write(values, [...shape], dtype);
        made.add(dataId);
        given[key] = { dataId, shape: [...shape], dtype };
      }
      const takesList = LISTED.has(name);
      const found = kernel.kernelFunc({
        // TF.js's type has no lists, its kernels do.
        inputs: takesList ? (Object.values(given) as unknown as typeof given) : given,
        backend,
        attrs: attributes,
      });
      const outputs = Array.isArray(found) ? found : [found];
      for (const { dataId } of outputs) made.add(dataId);
      return outputs.map(({ dataId, shape, dtype }) => ({
        shape,
        dtype,
        values: typed(backend.readSync(dataId) as Stored, dtype),
      }));
    } finally {
      for (const dataId of made) backend.disposeData(dataId, true);
    }
  }

  private backendFor(name: string, inputs: readonly Value[]): HostBackend {
    const size = inputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    const isText = inputs.some(({ dtype }) => dtype === 'string');
    const best = BEST.get(name) ?? (size >= LARGE && !isText ? 'wasm' : 'cpu');
    const preferred: readonly HostBackend[] = best === 'wasm' ? ['wasm', 'cpu'] : BACKENDS;
    const has = (backend: HostBackend): boolean => this.tf.getKernel(name, backend) !== undefined;
    return preferred.find(has) ?? 'cpu';
  }
}

/** TF.js's plain kernels cast whole numbers to float32 by giving them the other name: the array stays one of whole numbers. */
const typed = (values: Stored, dtype: DataType): Stored =>
  dtype === 'float32' && !(values instanceof Float32Array) && !Array.isArray(values)
    ? Float32Array.from(values)
    : values;

/**
 * TF.js's kernels find the place of each number anew, which takes a millisecond for the gradient of a mean over 200 x 64 values; this one
 * copies blocks.
 *
 * @returns `null` for what is left to them
 */
function tile({ shape, dtype, values }: Value, reps: unknown): Computed | null {
  const isTiled = Array.isArray(reps) && reps.length === shape.length && sizeOf(shape) > 0;
  if (!isTiled || values === null || Array.isArray(values)) return null;
  let tiled = values;
  let block = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const times = Number(reps[axis]);
    block *= shape[axis] ?? 1;
    if (times !== 1) tiled = repeatBlocks(tiled, block, times);
    block *= times;
  }
  return { shape: shape.map((size, axis) => size * Number(reps[axis])), dtype, values: tiled };
}

type Numbers = Exclude<Stored, Uint8Array[]>;

/** Each block of values `times` times in a row. */
function repeatBlocks(values: Numbers, block: number, times: number): Numbers {
  const repeated = emptyLike(values, values.length * times);
  for (let start = 0; start < values.length; start += block) {
    const to = start * times;
    if (block === 1) repeated.fill(values[start] ?? 0, to, to + times);
    else for (let k = 0; k < times; k++) repeated.set(values.subarray(start, start + block), to + k * block);
  }
  return repeated;
}

function emptyLike(values: Numbers, size: number): Numbers {
  if (values instanceof Float32Array) return new Float32Array(size);
  return values instanceof Int32Array ? new Int32Array(size) : new Uint8Array(size);
}
