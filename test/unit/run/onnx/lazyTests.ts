import type { Tensor, TF } from '../../../../src/server/layers/kind';
import type { LazyComputation } from '../../../../src/server/run/backends/backend';
import { loadBinding } from '../../../../src/server/run/backends/onnx/binding';
import { kernelsFor } from '../../../../src/server/run/backends/onnx/kernels/kernels';
import { registerOnnx } from '../../../../src/server/run/backends/onnx/onnx';
import type { Plan } from '../../../../src/server/run/backends/onnx/plan';
import { Sessions, type SessionsOptions } from '../../../../src/server/run/backends/onnx/sessions';
import { startWasm } from '../../../../src/server/run/backends/wasm';

/** Counts runs, and refuses what a test tells it to. */
class CountedSessions extends Sessions {
  readonly plans: Plan[] = [];
  refuses = false;

  override run(plan: Plan, whenRefused: (why: string) => void, isAccepted: () => boolean): boolean {
    this.plans.push(plan);
    return !this.refuses && super.run(plan, whenRefused, isAccepted);
  }
}

/** Starts the backend that compiles everything, for one test file, with what its tests compute. */
export async function startLazy(limits: Partial<SessionsOptions> = {}) {
  const { tf } = await startWasm();
  const sessions = new CountedSessions(loadBinding(), kernelsFor(tf), {
    threads: 1,
    maxBytes: Number.POSITIVE_INFINITY,
    ...limits,
  });
  registerOnnx(tf, sessions, true);
  await tf.setBackend('onnx');
  const lazy = tf.backend() as unknown as LazyComputation;
  return {
    tf,
    sessions,
    lazy,

    /** The plans of the runs that `work` makes. */
    async plansOf(work: () => Promise<unknown>): Promise<Plan[]> {
      const before = sessions.plans.length;
      await work();
      return sessions.plans.slice(before);
    },

    image: (seed: number): Tensor => tf.randomUniform([1, 8, 8, 3], -1, 1, 'float32', seed),

    weight(shape: number[], seed: number): Tensor {
      const made = tf.randomUniform(shape, -1, 1, 'float32', seed);
      // Its own values: a weight is never a result.
      const tensor = tf.tensor(made.dataSync().slice(), shape);
      lazy.keepConstant(tensor);
      return tensor;
    },

    convolve: (x: Tensor, kernel: Tensor): Tensor =>
      tf.relu(tf.conv2d(x as Parameters<TF['conv2d']>[0] & { rank: 4 }, kernel as never, 1, 'same')),
  };
}
