import * as l10n from '@vscode/l10n';

/**
 * Every failure that crosses a process boundary is one of these values, never a thrown string.
 * `message` is one sentence that names the file or layer and the cause; `remedy` tells the user what to do.
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
  /** The run would take very long or very much memory: it starts only when requested again with `insist`. */
  | 'too-costly'
  /** The run ended the compute process: it starts again only when requested with `insist`. */
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
  /** The server process ended during a request, which is not repeated automatically. */
  | 'server-ended'
  | 'write-failed'
  /** Nothing usable came from the network; only the command that sets TensorFlow up uses it. */
  | 'download-failed'
  | 'internal';

export interface LayerglassError {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly remedy?: string;
  /** The file or the layer path that the error is about. */
  readonly subject?: string;
  /** Another file to open instead, by its absolute path. */
  readonly suggestion?: { readonly open: string };
  /** Stack of an unexpected failure: for the log and the command line, never shown on a page. */
  readonly stack?: string;
}

/**
 * Whether repeating the same request may succeed. If so, it is the first action offered to the user. Otherwise the file,
 * the input or the request has to change, and trying again is a secondary action.
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
  'download-failed': true,
  internal: false,
};

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: LayerglassError };

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });

/** Thrown inside a process; becomes its `error` value at the process boundary (see `toResult`). */
export class Failure extends Error {
  readonly error: LayerglassError;

  constructor(error: LayerglassError) {
    super(sentence(error.message));
    this.name = 'Failure';
    this.error = { ...error, message: this.message };
  }
}

const MAX_MESSAGE = 4000;

/** One line that ends like a sentence: many messages end with another library's, which may have several lines and no full stop. */
function sentence(message: string): string {
  const line = message.replace(/[\r\n\u2028\u2029]+/g, ' ').trim();
  if (line.length > MAX_MESSAGE) return `${line.slice(0, MAX_MESSAGE - 1)}…`;
  // Chinese has marks of its own.
  return /[.?!…。？！]["'”’)）]?$/.test(line) ? line : `${line}.`;
}

export function fail(
  kind: ErrorKind,
  message: string,
  more: Omit<LayerglassError, 'kind' | 'message'> = {},
): never {
  throw new Failure({ kind, message, ...more });
}

/** Limits for what goes into the log, in characters and in errors of a chain. */
const MAX_STACK = 8000;
const MAX_CAUSES = 5;

/** The stack of a thrown value and of its causes. */
export function stackOf(thrown: unknown): string {
  const parts: string[] = [];
  for (let at = thrown; at !== undefined && parts.length < MAX_CAUSES; ) {
    parts.push(at instanceof Error ? (at.stack ?? at.message) : String(at));
    at = at instanceof Error ? at.cause : undefined;
  }
  return parts.join('\nCaused by: ').slice(0, MAX_STACK);
}

/** Any thrown value as an error value; an unexpected one becomes `internal`, with its message and its stack. */
export function toError(thrown: unknown): LayerglassError {
  if (thrown instanceof Failure) {
    const { error } = thrown;
    const keepsStack = error.kind === 'internal' && error.stack === undefined;
    return keepsStack ? { ...error, stack: stackOf(thrown) } : error;
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    kind: 'internal',
    message: sentence(l10n.t('Layerglass failed unexpectedly: {0}', message)),
    remedy: l10n.t(
      'See the Layerglass log (command "Layerglass: Show Log") and report it with the model if you can.',
    ),
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
