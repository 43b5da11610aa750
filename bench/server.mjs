/** Talks to our analysis server as the editor does: a process of its own, LSP over its standard streams. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { inProject, Trouble } from '../scripts/lib.mjs';

const require = createRequire(import.meta.url);
const {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} = require('vscode-languageserver/node');

/**
 * Starts `dist/server.js` with one backend and opens a model in it.
 * @param {'native' | 'wasm'} backend
 * @param {string} model path
 * @returns {Promise<{ backend: string, explain(picture: string, layer: string): Promise<{ ms: number, map: Float32Array }>,
 *   stop(): void }>} `ms` is the whole way there and back
 */
export async function startServer(backend, model) {
  const child = spawn(process.execPath, [inProject('dist/server.js'), '--stdio'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  connection.listen();
  const ask = async (method, params) => {
    const answer = await connection.sendRequest(method, params);
    if (!answer.ok) throw new Trouble(`${backend}: ${answer.error.message}`);
    return answer.value;
  };
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: {},
    initializationOptions: { backend, nativePath: '' },
  });
  await connection.sendNotification('initialized', {});
  const status = await ask('layerglass/backendStatus', {});
  const { modelId } = await ask('layerglass/openModel', { path: model });
  return {
    backend: status.name,
    async explain(picture, layer) {
      const start = performance.now();
      const explanation = await ask('layerglass/explain', {
        modelId,
        inputs: [{ kind: 'file', path: picture }],
        preprocessing: { name: '0..1' },
        method: 'grad-cam',
        layer,
        target: { index: 'auto', score: 'logit' },
      });
      const ms = performance.now() - start;
      const bytes = Buffer.from(explanation.rawMap.data, 'base64');
      return { ms, map: new Float32Array(new Uint8Array(bytes).buffer) };
    },
    stop() {
      connection.dispose();
      child.kill();
    },
  };
}
