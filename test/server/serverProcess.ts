import { type ChildProcess, spawn } from 'node:child_process';
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import type { LayerglassError, Result } from '../../src/shared/errors';
import type { RequestType, ServerOptions } from '../../src/shared/protocol';
import { unpackNumbers } from '../../src/shared/wireNumbers';

/** An analysis server as VS Code would start it, spoken to over its standard streams. */
export interface ServerProcess {
  readonly process: ChildProcess;
  readonly connection: MessageConnection;
  ask<Params extends object, Value>(type: RequestType<Params, Value>, params: Params): Promise<Result<Value>>;
  /** What it has written to its standard error. */
  errors(): string;
  /** The polite end: shutdown, exit, and waiting for it. */
  stop(): Promise<void>;
}

/**
 * Starts a server bundle in a process of its own and initializes it.
 * @param serverFile path of a `server.js`
 */
export async function startServer(
  serverFile: string,
  options: Partial<ServerOptions> = {},
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [serverFile, '--stdio'], { stdio: ['pipe', 'pipe', 'pipe'] });
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
    ended.then(() => Promise.reject(new Error(`${serverFile} ended at once:\n${errors}`))),
  ]);
  await connection.sendNotification('initialized', {});
  return {
    process: child,
    connection,
    ask: async <Value>(type: { readonly method: string }, params: object) => {
      const answer: unknown = await connection.sendRequest(type.method, params);
      return unpackNumbers(answer) as Result<Value>;
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

/** The value of an answer that is one. */
export function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

/** The error of an answer that is none. */
export function errorOf(result: Result<unknown>): LayerglassError {
  if (result.ok) throw new Error('it did not fail');
  return result.error;
}
