import { type ChildProcess, spawn } from 'node:child_process';
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import type { LayerglassError, Result } from '../../src/shared/errors';
import type { ExplainParams, RequestType, ServerOptions } from '../../src/shared/protocol';
import { unpackNumbers } from '../../src/shared/wireNumbers';

/** An analysis server, started as VS Code starts it, with requests over its standard streams. */
export interface ServerProcess {
  readonly process: ChildProcess;
  readonly connection: MessageConnection;
  request<Params extends object, Value>(
    type: RequestType<Params, Value>,
    params: Params,
  ): Promise<Result<Value>>;
  /** The text that the process has written to its standard error. */
  errors(): string;
  /** Sends `shutdown` and `exit`, and waits until the process has ended. */
  stop(): Promise<void>;
}

/**
 * Starts a server bundle in a process of its own and initializes it.
 * @param serverFile path of a `server.js`
 * @param environment variables beside those of this process
 */
export async function startServer(
  serverFile: string,
  options: Partial<ServerOptions> = {},
  environment: NodeJS.ProcessEnv = {},
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [serverFile, '--stdio'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  connection.listen();
  const initialized = connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: {},
    initializationOptions: { backend: 'auto', nativePath: '', ...options },
  });
  await Promise.race([
    initialized,
    ended.then(() => Promise.reject(new Error(`${serverFile} ended immediately:\n${errors}`))),
  ]);
  await connection.sendNotification('initialized', {});
  return {
    process: child,
    connection,
    request: async <Value>(type: { readonly method: string }, params: object) => {
      const result: unknown = await connection.sendRequest(type.method, params);
      return unpackNumbers(result) as Result<Value>;
    },
    errors: () => errors,
    async stop() {
      await connection.sendRequest('shutdown');
      await connection.sendNotification('exit');
      await ended;
      connection.dispose();
    },
  };
}

/** The value of a successful result. */
export function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

/** The error of a failed result. */
export function errorOf(result: Result<unknown>): LayerglassError {
  if (result.ok) throw new Error('it did not fail');
  return result.error;
}

/** A valid question about a model of one input, with some values changed. */
export const saliency = (modelId: string, overrides: Partial<ExplainParams> = {}): ExplainParams => ({
  modelId,
  inputs: [{ kind: 'random', seed: 1 }],
  preprocessing: { name: 'none' },
  method: 'saliency',
  layer: 'auto',
  target: { index: 'auto' },
  ...overrides,
});
