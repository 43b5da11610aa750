import { Failure, fail } from '../../shared/errors';

/**
 * Throws `bad-config` for a config that contradicts itself, with the way out.
 * @param message one sentence that names the model or layer and the cause.
 * @param subject the path of the model or layer.
 */
export function damaged(message: string, subject: string): never {
  return fail('bad-config', message, {
    subject,
    remedy: 'The file is damaged or was edited by hand; save the model again with Keras.',
  });
}

/**
 * Why a rule refused a node, as the notice of a node that is unknown: a Failure, or a number that no list can have as its length
 * (a config of -1 axes). Everything else is a mistake of ours and thrown on.
 */
export function whyRefused(thrown: unknown, path: string, className: string): string {
  if (thrown instanceof Failure) return thrown.error.message;
  if (!(thrown instanceof RangeError)) throw thrown;
  return `The numbers in the config of "${path}" (${className}) cannot be used: ${thrown.message}.`;
}
