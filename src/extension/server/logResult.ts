import type { LogOutputChannel } from 'vscode';
import type { Result } from '../../shared/errors';
import * as protocol from '../../shared/protocol';

interface SentRequest {
  readonly method: string;
  /** Of the model, if the request is about one. */
  readonly path: string | undefined;
  readonly ms: number;
}

/** Logs a request with its duration: what was opened as info, failures as warnings, everything else as debug. */
export function logResult(
  log: Pick<LogOutputChannel, 'info' | 'debug' | 'warn'>,
  { method, path, ms }: SentRequest,
  result: Result<unknown>,
): void {
  const what = `${method} ${path ?? ''} (${Math.round(ms)} ms)`;
  if (!result.ok) {
    const { kind, message } = result.error;
    if (kind === 'cancelled') log.debug(`${what}: cancelled`);
    else log.warn(`${what}: ${kind}: ${message}`);
  } else if (method === protocol.openModel.method) log.info(what);
  else log.debug(what);
}

/** The server has logged the stack of an error already. */
export function withoutStack<Value>(result: Result<Value>): Result<Value> {
  if (result.ok) return result;
  const { stack: _, ...error } = result.error;
  return { ok: false, error };
}
