/** Talks to our analysis server as the editor does: a process of its own, LSP over its standard streams. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { Trouble } from '../scripts/lib.mjs';

const require = createRequire(import.meta.url);
const {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} = require('vscode-languageserver/node');

/**
 * Starts a server and initializes it.
 * @param {string} program path of server.js
 * @param {'native' | 'wasm'} backend
 * @param {number} [threads] as the setting `layerglass.threads`
 * @returns {Promise<{ ask(method: string, params: object): Promise<any>, stop(): void }>} `ask` throws Trouble
 */
export async function connect(program, backend, threads = 0) {
  const child = spawn(process.execPath, [program, '--stdio'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  connection.listen();
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: {},
    initializationOptions: { backend, threads, nativePath: '' },
  });
  await connection.sendNotification('initialized', {});
  return {
    async ask(method, params) {
      const answer = await connection.sendRequest(method, params);
      if (!answer.ok) throw new Trouble(`${backend}: ${answer.error.message}`);
      return answer.value;
    },
    stop() {
      connection.dispose();
      child.kill();
    },
  };
}

/**
 * Starts a server with one backend; where that is not there, the server takes the next best and says so.
 * @param {string} program path of server.js
 * @param {'native' | 'wasm'} backend
 * @param {number} [threads] as the setting `layerglass.threads`
 * @returns {Promise<{ backend: string, open(model: string): Promise<void>, stop(): void,
 *   explain(image: string, layer: string, method?: string, options?: object): Promise<{ ms: number, map: Float32Array, passes: number }> }>}
 *   `ms` is the whole way there and back, `passes` how often the model was run forward
 */
export async function startServer(program, backend, threads = 0) {
  const { ask, stop } = await connect(program, backend, threads);
  const status = await ask('layerglass/backendStatus', {});
  let modelId = '';
  return {
    backend: status.name,
    stop,
    async open(model) {
      ({ modelId } = await ask('layerglass/openModel', { path: model }));
    },
    async explain(image, layer, method = 'grad-cam', options = {}) {
      const start = performance.now();
      const explanation = await ask('layerglass/explain', {
        modelId,
        inputs: [{ kind: 'file', path: image }],
        preprocessing: { name: '0..1' },
        method,
        options,
        layer,
        target: { index: 'auto', score: 'logit' },
        insist: true,
      });
      const ms = performance.now() - start;
      const bytes = Buffer.from(explanation.rawMap.data, 'base64');
      return {
        ms,
        map: new Float32Array(new Uint8Array(bytes).buffer),
        passes: explanation.cost.forward,
      };
    },
  };
}
