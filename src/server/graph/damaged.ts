import { fail } from '../../shared/errors';

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
