/** How ONNX wants the kernel of a convolution, which TF.js has as [height, width, channels, filters]. */
export interface KernelLayout {
  /** [filters, channels, height, width], or the first two the other way round. */
  readonly lead: 'filters' | 'channels';
  /** Turned by 180 degrees. */
  readonly isFlipped: boolean;
}

/** The values of a kernel as a constant of a graph in another layout. */
export interface LaidOut {
  /** Of the values: [height, width, channels, filters]. */
  readonly kernel: readonly number[];
  readonly layout: KernelLayout;
  /** What the kernel is multiplied by: a number per channel of the convolution's output, whose values are in a row once laid out. */
  readonly scales?: Float32Array;
}

/** Values of 16 neighbouring filters are in one line of a processor's cache. */
const BLOCK = 16;

/**
 * Lays a kernel out. ONNX Runtime would do it when it folds constants, in more than three times as long.
 * @param put receives the values in the new order, part by part, each valid until the next
 */
export function layOut(
  values: Float32Array,
  { kernel, layout, scales }: LaidOut,
  put: (part: Float32Array) => void,
): void {
  const [height = 1, width = 1, channels = 1, filters = 1] = kernel;
  const places = height * width;
  const byFilters = layout.lead === 'filters';
  const [leads, leadStep] = byFilters ? [filters, 1] : [channels, filters];
  const [inner, innerStep] = byFilters ? [channels, filters] : [filters, 1];
  const size = inner * places;
  const rows = byFilters ? BLOCK : 1;
  // Rows a power of two apart would share few lines of the cache.
  const rowStep = size + BLOCK;
  const block = new Float32Array(Math.min(rows, leads) * rowStep);
  for (let first = 0; first < leads; first += rows) {
    const count = Math.min(rows, leads - first);
    for (let place = 0; place < places; place++) {
      const from = (layout.isFlipped ? places - 1 - place : place) * channels * filters + first * leadStep;
      for (let i = 0; i < inner; i++) {
        const source = from + i * innerStep;
        let target = i * places + place;
        for (let row = 0; row < count; row++) {
          block[target] = values[source + row * leadStep] ?? 0;
          target += rowStep;
        }
      }
    }
    for (let row = 0; row < count; row++) {
      const part = block.subarray(row * rowStep, row * rowStep + size);
      if (scales) multiply(part, scales, (first + row) * size, values.length / scales.length);
      put(part);
    }
  }
}

/** Multiplies the values from `start` on, of which each run of `length` has a factor. */
function multiply(values: Float32Array, factors: Float32Array, start: number, length: number): void {
  for (let from = 0; from < values.length; ) {
    const run = Math.floor((start + from) / length);
    const factor = factors[run] ?? 0;
    const end = Math.min(values.length, (run + 1) * length - start);
    for (let i = from; i < end; i++) values[i] = (values[i] ?? 0) * factor;
    from = end;
  }
}
