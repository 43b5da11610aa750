import type { Connection } from 'vscode-languageserver/node';
import { toError } from '../../../shared/errors';
import { documentPath } from '../../language/documents';

/** A setting of the editor, as it sends it; `undefined`, for the default, in an editor without settings. */
export async function settingOf(connection: Connection, section: string): Promise<unknown> {
  try {
    return await connection.workspace.getConfiguration(section);
  } catch {
    return undefined;
  }
}

/** The folders that the user opened; none in an editor without folders. */
export async function foldersOf(connection: Connection): Promise<string[]> {
  try {
    const folders = (await connection.workspace.getWorkspaceFolders()) ?? [];
    return folders.flatMap(({ uri }) => documentPath(uri) ?? []);
  } catch {
    return [];
  }
}

/** What some work gives, or `otherwise` after an error, which is in the log: an editor asks at every key. */
export async function guarded<T>(connection: Connection, otherwise: T, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    connection.console.warn(`Code: ${toError(thrown).message}`);
    return otherwise;
  }
}
