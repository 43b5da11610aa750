/** Talks to `peer.py serve` and `methods_peer.py serve`: one JSON line a question, one an answer. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Trouble } from '../scripts/lib.mjs';

/**
 * Loads a model into one Python process.
 * @param {string} python
 * @param {string} script path
 * @param {string} model path
 * @returns {{ explain(image: string, layer: string, how: string, passes?: number):
 *   Promise<{ ms: number, map: Float32Array }>, stop(): void }} `how` is `eager`, `compiled` or `vis` for peer.py, the id of a
 *   method for methods_peer.py; `ms` is measured inside Python
 */
export function startPeer(python, script, model) {
  const child = spawn(python, [script, 'serve', model], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async explain(image, layer, how, passes) {
      child.stdin.write(`${JSON.stringify({ image, layer, how, passes })}\n`);
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
