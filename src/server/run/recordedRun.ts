import { Failure } from '../../shared/errors';
import type { Graph } from '../graph/graph';
import { mayBeCustom } from '../kinds/registry';
import type { Tensor } from '../layers/kind';
import type { Runtime } from './backends/backend';
import type { Control } from './control';
import { runForward, type Trace } from './trace';
import type { Weights } from './weights/weights';

/** A run of a model that lacks nothing but the values of its inputs. */
export class RecordedRun {
  private constructor(
    readonly graph: Graph,
    private readonly trace: Trace,
    private readonly places: readonly Tensor[],
  ) {}

  /**
   * Records a run on a backend that computes values when they are read.
   * @param inputs the shapes and types of those that will be given
   * @throws Failure `compute-ended` where the backend broke
   * @returns `null` where it would not be the same for all inputs: on another backend, with a user's layer or one that reads values
   */
  static async record(
    runtime: Runtime,
    graph: Graph,
    weights: Weights,
    inputs: readonly Pick<Tensor, 'shape' | 'dtype'>[],
    control: Control,
    maxBytes: number,
  ): Promise<RecordedRun | null> {
    const { lazy } = runtime;
    if (!lazy) return null;
    for (const { className, config } of graph.nodes.values())
      if (mayBeCustom(className, config.values)) return null;
    const places = inputs.map(({ shape, dtype }) => lazy.placeholder(shape, dtype));
    try {
      return new RecordedRun(
        graph,
        await runForward(runtime, graph, weights, places, control, { maxBytes }),
        places,
      );
    } catch (thrown) {
      for (const place of places) place.dispose();
      // Of the backend, whose numbers can no longer be trusted.
      if (thrown instanceof Failure && thrown.error.kind === 'compute-ended') throw thrown;
      // A layer that reads values meets a placeholder. What else is wrong the next run will say.
      return null;
    }
  }

  /** Whether it is the run on inputs of these shapes and types. */
  fits(inputs: readonly Tensor[]): boolean {
    const typeOf = ({ shape, dtype }: Tensor): string => `${dtype} ${shape.join()}`;
    return this.places.map(typeOf).join(';') === inputs.map(typeOf).join(';');
  }

  /** The run on these inputs, which fit. The caller disposes it, and this is used up. @throws Failure of a layer that does not take them */
  complete(inputs: readonly Tensor[]): Trace {
    const { trace } = this;
    try {
      for (const [i, place] of this.places.entries()) {
        const input = inputs[i];
        if (input) trace.runtime.lazy?.fill(place, input);
      }
    } catch (thrown) {
      trace.dispose();
      throw thrown;
    } finally {
      for (const place of this.places) place.dispose();
    }
    // Nobody waited for the recording.
    trace.forwardTime = 0;
    return trace;
  }

  dispose(): void {
    this.trace.dispose();
    for (const place of this.places) place.dispose();
  }
}
