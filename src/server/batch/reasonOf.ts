import { type ErrorKind, toError } from '../../shared/errors';

/** Failures that no other input could escape; any other one is that of its input. */
const FATAL: ReadonlySet<ErrorKind> = new Set<ErrorKind>([
  'cancelled',
  'compute-ended',
  'backend',
  'write-failed',
  'closed',
]);

/** Why an input failed. @throws the failure itself where it is not that of one input */
export function reasonOf(thrown: unknown): string {
  const error = toError(thrown);
  if (FATAL.has(error.kind)) throw thrown;
  return error.message;
}
