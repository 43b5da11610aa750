import * as l10n from '@vscode/l10n';
import type { LayerglassError, Result } from '../shared/errors';
import type { Reply } from '../shared/view';
import { unpackNumbers } from '../shared/wireNumbers';
import { vscode } from './vscodeApi';

type Arguments<F> = F extends (...args: infer A) => unknown ? A : never;
/** The value of a call. A `Result` returned by the host is unwrapped, so that a page handles one kind of failure only. */
type Value<R> = R extends { readonly ok: true; readonly value: infer V }
  ? V
  : R extends { readonly ok: false }
    ? never
    : R;
type CallResult<F> = F extends (...args: never) => Promise<infer R> ? Result<Value<R>> : never;

/** The methods of `Host` as seen by a page: each returns a `Result` and never throws. */
export interface HostClient<Host> {
  call<K extends keyof Host & string>(name: K, ...args: Arguments<Host[K]>): Promise<CallResult<Host[K]>>;
}

/**
 * Time limit of the call `ready`, for which the extension reads only the model's structure. All other calls wait for the
 * user or for a computation that the user can cancel, so they have no limit.
 */
const READY_LIMIT_MS = 60_000;

/**
 * Connects the page to the extension.
 * @param page the methods that the extension may call; unknown names are ignored
 */
export function connect<Host, Page extends object>(page: Page): HostClient<Host> {
  const waiting = new Map<number, (result: Result<unknown>) => void>();
  let lastId = 0;

  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    const message = event.data;
    if (isReply(message)) {
      const settle = waiting.get(message.reply);
      waiting.delete(message.reply);
      settle?.(unwrap(message));
    } else if (isTell(message)) {
      const listener: unknown = Object.hasOwn(page, message.tell)
        ? Reflect.get(page, message.tell)
        : undefined;
      if (typeof listener === 'function') Reflect.apply(listener, page, message.args);
    }
  });

  return {
    call<K extends keyof Host & string>(name: K, ...args: Arguments<Host[K]>) {
      lastId += 1;
      const id = lastId;
      const reply = new Promise<Result<unknown>>((settle) => {
        waiting.set(id, settle);
        if (name === 'ready') {
          setTimeout(() => {
            if (waiting.delete(id)) settle({ ok: false, error: timeoutError });
          }, READY_LIMIT_MS);
        }
      });
      vscode.postMessage({ id, call: name, args });
      // Both ends are typed by the same interface.
      return reply as Promise<CallResult<Host[K]>>;
    },
  };
}

const timeoutError: LayerglassError = {
  kind: 'closed',
  message: l10n.t('The Layerglass extension has not responded for a minute.'),
  remedy: l10n.t('Try again, or run "Layerglass: Restart Server".'),
};

function unwrap(reply: Reply): Result<unknown> {
  if ('error' in reply) return { ok: false, error: reply.error };
  const value = unpackNumbers(reply.value);
  return isResult(value) ? value : { ok: true, value };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isReply(value: unknown): value is Reply {
  return isRecord(value) && typeof value.reply === 'number';
}

function isTell(value: unknown): value is { tell: string; args: readonly unknown[] } {
  return isRecord(value) && typeof value.tell === 'string' && Array.isArray(value.args);
}

function isResult(value: unknown): value is Result<unknown> {
  return isRecord(value) && typeof value.ok === 'boolean' && ('value' in value || 'error' in value);
}
