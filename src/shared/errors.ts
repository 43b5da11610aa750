/**
 * Every failure that crosses a process border is one of these values, never a thrown string.
 * `message` is one sentence that names the file or layer and the cause; `remedy` says the way out.
 */
export type ErrorKind =
  | 'file-not-found'
  | 'file-unreadable'
  | 'empty-file'
  | 'not-a-model'
  | 'truncated'
  | 'weights-only'
  | 'no-weights'
  | 'missing-shard'
  | 'path-escape'
  | 'too-large'
  /** Would take very long or very much memory: made only when asked again with `insist`. */
  | 'too-costly'
  /** Ended the compute process: made again only when asked with `insist`. */
  | 'compute-ended'
  | 'unsupported-format'
  | 'bad-config'
  | 'bad-weights'
  | 'unknown-layer'
  | 'no-such-layer'
  | 'no-such-target'
  | 'bad-input'
  | 'wrong-shape'
  | 'not-applicable'
  | 'backend'
  | 'cancelled'
  | 'closed'
  /** A process of ours ended over a question, which is not asked again by itself. */
  | 'server-ended'
  | 'write-failed'
  | 'internal';

export interface LayerglassError {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly remedy?: string;
  /** The file or the layer path that the error is about. */
  readonly subject?: string;
  /** A way out that a program can take: another file to open, by its absolute path. */
  readonly suggestion?: { readonly open: string };
  /** Where a failure that nobody foresaw came from: for the log, never shown to a user who did not ask for it. */
  readonly stack?: string;
}

/**
 * Whether asking the same once more may well help by itself: then it is what a user is offered first. Elsewhere the
 * file, the input or the question has to change, and trying again is only offered beside that.
 */
export const RETRY_HELPS: Readonly<Record<ErrorKind, boolean>> = {
  'file-not-found': false,
  'file-unreadable': false,
  'empty-file': false,
  'not-a-model': false,
  truncated: false,
  'weights-only': false,
  'no-weights': false,
  'missing-shard': false,
  'path-escape': false,
  'too-large': false,
  'too-costly': true,
  'compute-ended': true,
  'unsupported-format': false,
  'bad-config': false,
  'bad-weights': false,
  'unknown-layer': false,
  'no-such-layer': false,
  'no-such-target': false,
  'bad-input': false,
  'wrong-shape': false,
  'not-applicable': false,
  backend: true,
  cancelled: true,
  closed: true,
  'server-ended': true,
  'write-failed': true,
  internal: false,
};

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: LayerglassError };

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });

/** Thrown inside a process; turned into its `error` value where an answer leaves it (see `toResult`). */
export class Failure extends Error {
  readonly error: LayerglassError;

  constructor(error: LayerglassError) {
    super(sentence(error.message));
    this.name = 'Failure';
    this.error = { ...error, message: this.message };
  }
}

const MAX_MESSAGE = 4000;

/** One line that ends like a sentence: other libraries' words, which end many messages, have several lines and no full stop. */
function sentence(message: string): string {
  const line = message.replace(/[\r\n\u2028\u2029]+/g, ' ').trim();
  if (line.length > MAX_MESSAGE) return `${line.slice(0, MAX_MESSAGE - 1)}…`;
  return /[.?!…]["'”’)]?$/.test(line) ? line : `${line}.`;
}

export function fail(
  kind: ErrorKind,
  message: string,
  more: Omit<LayerglassError, 'kind' | 'message'> = {},
): never {
  throw new Failure({ kind, message, ...more });
}

/** So much of a stack goes into the log, its causes included. */
const MAX_STACK = 8000;
const MAX_CAUSES = 5;

/** Where something thrown came from, and what caused it, as far as it says. */
export function stackOf(thrown: unknown): string {
  const parts: string[] = [];
  for (let at = thrown; at !== undefined && parts.length < MAX_CAUSES; ) {
    parts.push(at instanceof Error ? (at.stack ?? at.message) : String(at));
    at = at instanceof Error ? at.cause : undefined;
  }
  return parts.join('\nCaused by: ').slice(0, MAX_STACK);
}

/** Anything thrown, as an error value; what nobody foresaw becomes `internal` with its own words and its stack. */
export function toError(thrown: unknown): LayerglassError {
  if (thrown instanceof Failure) {
    const { error } = thrown;
    const keepsStack = error.kind === 'internal' && error.stack === undefined;
    return keepsStack ? { ...error, stack: stackOf(thrown) } : error;
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    kind: 'internal',
    message: sentence(`Layerglass failed unexpectedly: ${message}`),
    remedy:
      'See the Layerglass log (command "Layerglass: Show Log") and report it with the model if you can.',
    stack: stackOf(thrown),
  };
}

export async function toResult<T>(work: () => Promise<T> | T): Promise<Result<T>> {
  try {
    return ok(await work());
  } catch (thrown) {
    return { ok: false, error: toError(thrown) };
  }
}
