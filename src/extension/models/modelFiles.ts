import { basename } from 'node:path';
import type { Uri } from 'vscode';
import { fail } from '../../shared/errors';

/** The names by which models are offered; what a file really is, its content decides when it is opened. */
export const MODEL_ENDINGS = ['keras', 'h5', 'hdf5'];
export const MODEL_NAME = /^(saved_model\.pb|model(?!.*\.layerglass\.json$).*\.json)$/i;

export function looksLikeModel(name: string): boolean {
  const ending = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  return MODEL_ENDINGS.includes(ending) || MODEL_NAME.test(name);
}

/** The absolute path of a model's URI. Throws a `Failure` for files that are on no real file system. */
export function modelPath(uri: Uri): string {
  if (uri.scheme === 'file') return uri.fsPath;
  return fail('file-unreadable', `${basename(uri.path)} lies on "${uri.scheme}", not on a file system.`, {
    remedy: 'Copy the model into a folder and open it from there.',
    subject: uri.toString(),
  });
}
