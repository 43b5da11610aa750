/** Talks to `peer.py serve`: one JSON line a question, one an answer. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { inProject, Trouble } from '../scripts/lib.mjs';

/**
 * Loads a model into one Python process.
 * @param {string} python
 * @param {string} model path
 * @returns {{ explain(image: string, layer: string, how: 'eager' | 'compiled' | 'vis'):
 *   Promise<{ ms: number, map: Float32Array }>, stop(): void }} `ms` is measured inside Python
 */
export function startPeer(python, model) {
  const child = spawn(python, [inProject('bench/peer.py'), 'serve', model], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async explain(image, layer, how) {
      child.stdin.write(`${JSON.stringify({ image, layer, how })}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Trouble('The Python peer ended before it answered.');
      const { ms, map } = JSON.parse(value);
      return { ms, map: Float32Array.from(map) };
    },
    stop() {
      child.stdin.end();
    },
  };
}
