import { parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { RootsListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { fail } from '../../shared/errors';

/**
 * The folders that may be read: those of the command line, else those that the client says are open, else the current folder.
 * @param named of the command line; `null` for none
 */
export function clientRoots(
  server: Server,
  named: readonly string[] | null,
): () => Promise<readonly string[]> {
  let known: Promise<readonly string[]> | null = null;
  server.setNotificationHandler(RootsListChangedNotificationSchema, () => {
    known = null;
  });
  return () => {
    if (named !== null) return Promise.resolve(named);
    if (server.getClientCapabilities()?.roots === undefined) return Promise.resolve([currentFolder()]);
    known ??= server.listRoots().then(({ roots }) => roots.flatMap(({ uri }) => folderOf(uri)));
    return known;
  };
}

/** @throws Failure where a client starts its servers in the root of the file system: nobody chose to open that. */
function currentFolder(): string {
  const folder = process.cwd();
  if (parse(folder).root !== folder) return folder;
  return fail('path-escape', 'No folder may be read: the server was started without one.', {
    remedy: 'Ask the user to add --root FOLDER to the arguments of "layerglass mcp".',
  });
}

function folderOf(uri: string): string[] {
  try {
    return [fileURLToPath(uri)];
  } catch {
    // Another scheme, or a host: nothing on this machine.
    return [];
  }
}
