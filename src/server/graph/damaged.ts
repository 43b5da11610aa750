import * as l10n from '@vscode/l10n';
import { Failure, fail } from '../../shared/errors';

/**
 * Throws for a config that contradicts itself.
 * @param message one sentence that names the model or layer and the cause.
 * @param subject the path of the model or layer.
 * @throws Failure `bad-config`, with a remedy.
 */
export function damaged(message: string, subject: string): never {
  return fail('bad-config', message, {
    subject,
    remedy: l10n.t('The file is damaged or was edited by hand; save the model again with Keras.'),
  });
}

/**
 * The notice of a node that its rule refused: the sentence of a Failure, or one about a RangeError, which comes from an invalid
 * list length (a config with -1 axes). Any other error is a bug and is rethrown.
 */
export function refusalNotice(thrown: unknown, path: string, className: string): string {
  if (thrown instanceof Failure) return thrown.error.message;
  if (!(thrown instanceof RangeError)) throw thrown;
  return l10n.t(
    'The numbers in the config of "{0}" ({1}) cannot be used: {2}.',
    path,
    className,
    thrown.message,
  );
}
