/** Talks to our analysis server as the editor does: a process of its own, LSP over its standard streams. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { Trouble } from '../scripts/lib.mjs';
import { floats } from './peer.mjs';

const require = createRequire(import.meta.url);
const {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} = require('vscode-languageserver/node');

/**
 * Starts a server and initializes it.
 * @param {string} program path of server.js
 * @param {string} backend
 * @param {number} threads of the backend; 0 for as many as suit the machine
 * @returns {Promise<{ pid: number, connection: import('vscode-languageserver/node').MessageConnection, ask(method: string, params: object): Promise<any>, stop(): Promise<void> }>} `ask` throws Trouble
 */
export async function connect(program, backend, threads = 0) {
  const child = spawn(process.execPath, [program, '--stdio'], { stdio: ['pipe', 'pipe', 'ignore'] });
  // Its compute process ends with it.
  const ended = new Promise((resolve) => child.once('close', resolve));
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
    pid: child.pid,
    connection,
    async ask(method, params) {
      const answer = await connection.sendRequest(method, params);
      if (!answer.ok) throw new Trouble(`${backend}: ${answer.error.message}`);
      return answer.value;
    },
    async stop() {
      connection.dispose();
      child.kill();
      await ended;
    },
  };
}

/**
 * Starts a server with one backend and opens a model.
 * @param {{ name: string, backend: string, threads: number }} contestant
 * @returns {Promise<null | { name: string, version: string, stop(): Promise<void>,
 *   explain(question: { input: string, layer: string, preprocess: string, method?: string, options?: object, knownInput?: string }):
 *     Promise<{ ms: number, map: Float32Array, passes: number, inputKey: string }> }>}
 *   null where the backend is not there; `ms` is the whole way there and back, `passes` how often the model was run forward, `inputKey`
 *   what a page that asks about the same input again sends as `knownInput`
 */
export async function startServer(program, { name, backend, threads }, model) {
  const { ask, stop } = await connect(program, backend, threads);
  const status = await ask('layerglass/backendStatus', {});
  if (status.name !== backend) {
    await stop();
    return null;
  }
  const { modelId } = await ask('layerglass/openModel', { path: model });
  return {
    name,
    version: status.version,
    stop,
    async explain({ input, layer, preprocess, method = 'grad-cam', options = {}, knownInput }) {
      const start = performance.now();
      const explanation = await ask('layerglass/explain', {
        modelId,
        inputs: [{ kind: 'file', path: input }],
        preprocessing: { name: preprocess },
        method,
        options,
        layer,
        target: { index: 'auto', score: 'logit' },
        insist: true,
        ...(knownInput && { knownInput }),
      });
      const ms = performance.now() - start;
      const { rawMap, cost, inputKey } = explanation;
      return { ms, map: floats(rawMap.data), passes: cost.forward, inputKey };
    },
  };
}
