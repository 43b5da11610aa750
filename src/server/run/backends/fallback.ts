import type { Runtime } from './backend';

/**
 * Runs `work`; if wasm lacks a kernel, runs it again on the cpu backend (TF.js moves the tensors). Slow, but no layer is
 * refused because of a missing gradient kernel.
 */
export function withFallback<T>(runtime: Runtime, work: () => T): T {
  if (runtime.status.name !== 'wasm') return work();
  try {
    return work();
  } catch (thrown) {
    if (
      !(thrown instanceof Error) ||
      !/not registered for backend|not yet supported|not implemented/i.test(thrown.message)
    ) {
      throw thrown;
    }
    // Both backends are initialized, so that the switch is immediate although it returns a promise.
    void runtime.tf.setBackend('cpu');
    try {
      return work();
    } finally {
      void runtime.tf.setBackend('wasm');
    }
  }
}
