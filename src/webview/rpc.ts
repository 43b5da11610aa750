import type { LayerglassError, Result } from '../shared/errors';
import type { Reply } from '../shared/view';
import { unpackNumbers } from '../shared/wireNumbers';
import { vscode } from './vscodeApi';

type Arguments<F> = F extends (...args: infer A) => unknown ? A : never;
/** What a call answers with; results inside are unfolded, so that a page meets one kind of failure only. */
type Value<R> = R extends { readonly ok: true; readonly value: infer V }
  ? V
  : R extends { readonly ok: false }
    ? never
    : R;
type Answer<F> = F extends (...args: never) => Promise<infer R> ? Result<Value<R>> : never;

/** The extension as a page sees it: every method of `Host`, answering with a `Result` and never throwing. */
export interface HostClient<Host> {
  call<K extends keyof Host & string>(name: K, ...args: Arguments<Host[K]>): Promise<Answer<Host[K]>>;
}

/**
 * The one call that must be answered soon: the extension only reads the model's structure for it. All others
 * wait for a user or for a computation that the user can cancel, so they have no limit.
 */
const READY_LIMIT_MS = 60_000;

/**
 * Opens the conversation with the extension.
 * @param page what the extension may tell this page; unknown words are ignored
 */
export function connect<Host, Page extends object>(page: Page): HostClient<Host> {
  const waiting = new Map<number, (result: Result<unknown>) => void>();
  let lastId = 0;

  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    const message = event.data;
    if (isReply(message)) {
      const settle = waiting.get(message.reply);
      waiting.delete(message.reply);
      settle?.(unfold(message));
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
      const answered = new Promise<Result<unknown>>((settle) => {
        waiting.set(id, settle);
        if (name === 'ready') {
          setTimeout(() => {
            if (waiting.delete(id)) settle({ ok: false, error: noAnswer });
          }, READY_LIMIT_MS);
        }
      });
      vscode.postMessage({ id, call: name, args });
      // The other end is typed by the same interface, so its word on the type is taken.
      return answered as Promise<Answer<Host[K]>>;
    },
  };
}

const noAnswer: LayerglassError = {
  kind: 'closed',
  message: 'The Layerglass extension has not answered for a minute.',
  remedy: 'Try again, or run "Layerglass: Restart Server".',
};

function unfold(reply: Reply): Result<unknown> {
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
