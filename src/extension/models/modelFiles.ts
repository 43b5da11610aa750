import { basename } from 'node:path';
import type { Uri } from 'vscode';
import { fail } from '../../shared/errors';

/** File names that are offered as models. The content decides when a file is opened. */
export const MODEL_ENDINGS = ['keras', 'h5', 'hdf5'];
export const MODEL_NAME = /^(saved_model\.pb|model(?!.*\.layerglass\.json$).*\.json)$/i;

export function looksLikeModel(name: string): boolean {
  const ending = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  return MODEL_ENDINGS.includes(ending) || MODEL_NAME.test(name);
}

/**
 * The absolute path of a model's URI.
 * @throws Failure `file-unreadable` for a file that is not on the local file system
 */
export function modelPath(uri: Uri): string {
  if (uri.scheme === 'file') return uri.fsPath;
  return fail('file-unreadable', `${basename(uri.path)} is on "${uri.scheme}", not on a local file system.`, {
    remedy: 'Copy the model to a local folder and open it there.',
    subject: uri.toString(),
  });
}
