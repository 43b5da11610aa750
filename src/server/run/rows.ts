import { once } from '../../shared/once';
import type { Tensor } from '../layers/kind';
import type { Walk } from './backward';
import { type NodeValues, Trace } from './trace';

/** One example of a run of several, as a run of it alone: its values are cut out when they are read. */
export class RowTrace extends Trace {
  private readonly cuts: Tensor[] = [];

  /**
   * @param row which example
   * @param count how many there are, along the first axis of the inputs
   */
  constructor(
    whole: Trace,
    private readonly row: number,
    readonly count: number,
  ) {
    super(whole.runtime, whole.graph, whole.weights, whole.maxBytes, whole.clearedMasks);
    this.forwardTime = whole.forwardTime / count;
    const batched = dependentOnInputs(whole);
    for (const [path, values] of whole.values)
      this.values.set(
        path,
        rowValues(values, (tensor) => (batched.has(path) ? this.cut(tensor) : this.own(tensor.clone()))),
      );
  }

  /** The part of this example of a value of all of them; freed with this run. */
  cut(tensor: Tensor): Tensor {
    const [all = 1, ...rest] = tensor.shape;
    const size = all / this.count;
    const { tf, lazy } = this.runtime;
    if (lazy?.isComputed(tensor) && tensor.dtype !== 'string') {
      const length = tensor.size / this.count;
      const own = tensor.dataSync().subarray(this.row * length, (this.row + 1) * length);
      return this.own(tf.tensor(own, [size, ...rest], tensor.dtype));
    }
    return this.own(tf.slice(tensor, [this.row * size, ...rest.map(() => 0)], [size, ...rest.map(() => -1)]));
  }

  override release(path: string): void {
    this.values.delete(path);
  }

  override dispose(): void {
    super.dispose();
    for (const tensor of this.cuts) tensor.dispose();
    this.cuts.length = 0;
  }

  private own(tensor: Tensor): Tensor {
    this.cuts.push(tensor);
    return tensor;
  }
}

/**
 * The examples of a run, each as a run of its own. The caller disposes them before the run itself.
 * @param count how many examples the inputs hold
 * @returns null where a value does not have the examples along its first axis
 */
export function rowsOf(whole: Trace, count: number): RowTrace[] | null {
  for (const path of dependentOnInputs(whole)) {
    const { pre = null, outputs = [], mask } = whole.values.get(path) ?? {};
    for (const { shape } of [...outputs, ...(pre ? [pre] : []), ...(mask ? [mask] : [])])
      if ((shape[0] ?? 0.5) % count !== 0) return null;
  }
  return Array.from({ length: count }, (_, row) => new RowTrace(whole, row, count));
}

/** The walk of one example, from that of all of them: each example's score has an influence on its own values alone. */
export function rowWalk(walk: Walk, row: RowTrace): Walk {
  return {
    trace: row,
    get time() {
      return walk.time / row.count;
    },
    async at(path, output, control) {
      const gradient = await walk.at(path, output, control);
      // Once for all examples, where a backend computes what is read.
      await gradient?.data();
      return gradient && row.cut(gradient);
    },
  };
}

/** The nodes whose values are those of the examples; others are the same for all. */
function dependentOnInputs({ graph, values }: Trace): Set<string> {
  const found = new Set(graph.inputs);
  for (const node of graph.nodes.values())
    if (values.has(node.path) && node.inputs.some((ref) => found.has(ref.node))) found.add(node.path);
  return found;
}

function rowValues(
  { pre, outputs, mask, inputMasks }: NodeValues,
  cut: (tensor: Tensor) => Tensor,
): NodeValues {
  const own = {
    pre: once(() => pre && cut(pre)),
    outputs: once(() => outputs.map(cut)),
    mask: once(() => mask && cut(mask)),
    inputMasks: once(() => inputMasks.map((one) => one && cut(one))),
  };
  return {
    get pre() {
      return own.pre();
    },
    get outputs() {
      return own.outputs();
    },
    get mask() {
      return own.mask();
    },
    get inputMasks() {
      return own.inputMasks();
    },
  };
}
