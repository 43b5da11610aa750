import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { fail } from '../../shared/errors';

/** Far more than any picture or single input; a data set chosen by mistake is refused before it fills the memory. */
const MAX_FILE_BYTES = 2 ** 30;

/**
 * The bytes of an input file.
 * Throws `file-not-found`, `file-unreadable` (a folder, a device, no permission), `empty-file` or `too-large`.
 */
export async function readInputFile(path: string): Promise<Buffer> {
  const name = basename(path);
  const handle = await open(path, 'r').catch((error: unknown) => failToOpen(path, error));
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) {
      fail('file-unreadable', `${name} is ${stat.isDirectory() ? 'a folder' : 'no regular file'}.`, {
        remedy: 'Choose one picture, .npy or .npz file.',
        subject: path,
      });
    }
    if (stat.size === 0) {
      fail('empty-file', `${name} is empty (0 bytes).`, {
        remedy: 'The save or the copy was probably interrupted; get the file again.',
        subject: path,
      });
    }
    if (stat.size > MAX_FILE_BYTES) {
      fail('too-large', `${name} has ${stat.size} bytes; an input may have ${MAX_FILE_BYTES}.`, {
        remedy: 'Save the one example that is to be explained to a file of its own.',
        subject: path,
      });
    }
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

function failToOpen(path: string, error: unknown): never {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    fail('file-not-found', `There is no file ${path}.`, { remedy: 'Choose the input again.', subject: path });
  }
  if (code === 'EISDIR') {
    fail('file-unreadable', `${basename(path)} is a folder.`, {
      remedy: 'Choose one picture, .npy or .npz file.',
      subject: path,
    });
  }
  const reason = error instanceof Error ? error.message : String(error);
  fail('file-unreadable', `${basename(path)} cannot be opened: ${reason}.`, {
    remedy: 'Check that you may read the file.',
    subject: path,
  });
}
