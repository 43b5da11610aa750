import type { Runtime } from './backend';

/**
 * Runs `work`; where wasm lacks a kernel for it, runs it again on the cpu backend (TF.js moves the tensors).
 * Slow, but right: no layer is refused because one gradient kernel is missing.
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
    // Both are up, so the switch takes place at once although it returns a promise.
    void runtime.tf.setBackend('cpu');
    try {
      return work();
    } finally {
      void runtime.tf.setBackend('wasm');
    }
  }
}
