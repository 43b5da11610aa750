import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Failure, fail } from '../../shared/errors';
import { type ByteSource, readBytes } from './byteSource';

/**
 * The only module that reads files. Model files and the files beside them are untrusted: a link to `/dev/zero` never ends, a
 * named pipe waits for its writer, and merely opening a device may have an effect. So only regular files are opened, and
 * reading a whole file needs a size limit.
 */

/** An open file for reading in place; `close` may be called more than once. */
export interface OpenFile extends ByteSource {
  readonly path: string;
  readonly fd: number;
  close(): void;
}

/** Limit of a file that is read in place: 1 TiB. */
export const MAX_FILE_BYTES = 2 ** 40;

/** The remedies of errors about a file. */
export interface Advice {
  /** What to open instead of a file of the wrong type. */
  readonly choose: string;
  /** What to open instead of a folder, if it differs. */
  readonly within?: string;
  /** What to do about a file that is too large, if it differs. */
  readonly shrink?: string;
}

const MODEL_ADVICE: Advice = {
  choose: l10n.t('Choose a model file: .keras, .h5, .hdf5 or a TensorFlow.js model.json.'),
  within: l10n.t('Choose the model.json, .keras, .h5 or saved_model.pb file inside it.'),
};

/**
 * Opens a regular file for reading. Symbolic links are followed, because the caller trusts the path (use `companion.ts` for
 * paths that a file names).
 * Throws `file-not-found`, `file-unreadable` (a folder, a device, a pipe, no permission), `empty-file` or `too-large`.
 */
export function openFile(path: string, advice: Advice = MODEL_ADVICE): OpenFile {
  const fd = openRegular(path, advice);
  try {
    // Another file may have replaced it since the check.
    const stat = fstatSync(fd);
    if (!stat.isFile()) failIrregular(path, advice);
    if (stat.size === 0) {
      fail('empty-file', l10n.t('{0} is empty (0 bytes).', basename(path)), {
        remedy: l10n.t('The save or the copy was probably interrupted; save or copy the file again.'),
        subject: path,
      });
    }
    if (stat.size > MAX_FILE_BYTES) failTooLarge(path, stat.size, MAX_FILE_BYTES, advice);
    let open = true;
    return {
      path,
      fd,
      size: stat.size,
      read(target, position) {
        // The system may have reused the descriptor for another file.
        if (!open) {
          fail('closed', l10n.t('{0} was closed while it was being read.', basename(path)), {
            remedy: l10n.t('Reopen the model.'),
            subject: path,
          });
        }
        return readFully(fd, target, position);
      },
      close: () => {
        if (open) closeSync(fd);
        open = false;
      },
    };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** The whole content of an open file. Throws `too-large` above `maxBytes`. */
export function readWhole(file: OpenFile, maxBytes: number, advice: Advice = MODEL_ADVICE): Buffer {
  if (file.size > maxBytes) failTooLarge(file.path, file.size, maxBytes, advice);
  return readBytes(file, 0, file.size);
}

/** The whole content of a regular file of at most `maxBytes`. Throws like `openFile`. */
export function readFile(path: string, maxBytes: number, advice: Advice = MODEL_ADVICE): Buffer {
  const file = openFile(path, advice);
  try {
    return readWhole(file, maxBytes, advice);
  } finally {
    file.close();
  }
}

/** The status of a path, links followed; `null` on any error. */
export function statOf(path: string): FileStat | null {
  try {
    return statSync(path);
  } catch {
    // Missing, not permitted, a NUL byte in it, a name that is too long: nothing that could be opened.
    return null;
  }
}

export interface FileStat {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ino: number;
  isFile(): boolean;
  isDirectory(): boolean;
}

/** The names in a folder; empty if it cannot be read. */
export function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The path with every symbolic link resolved; `null` if it does not exist. */
export function realPathOf(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

/** Node reads at most 2 GiB at a time. */
const MAX_READ_BYTES = 2 ** 30;

function readFully(fd: number, target: NodeJS.ArrayBufferView, position: number): number {
  const { buffer, byteOffset, byteLength } = target;
  let done = 0;
  while (done < byteLength) {
    const part = new Uint8Array(buffer, byteOffset + done, Math.min(byteLength - done, MAX_READ_BYTES));
    const count = readSync(fd, part, 0, part.byteLength, position + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}

function openRegular(path: string, advice: Advice): number {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) failDirectory(path, advice);
    if (!stat.isFile()) failIrregular(path, advice);
    // Without O_NONBLOCK (missing on Windows), opening a named pipe would block the server until there is a writer.
    return openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown;
    return failUnopened(path, thrown);
  }
}

function failUnopened(path: string, thrown: unknown): never {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    fail('file-not-found', l10n.t('There is no file {0}.', path), {
      remedy: l10n.t('Check the path.'),
      subject: path,
    });
  }
  // The name itself may be the problem, so that it is not repeated.
  if (code === 'ENAMETOOLONG') {
    fail('file-not-found', l10n.t('There is no file whose name has {0} characters.', basename(path).length), {
      remedy: l10n.t('Check the path.'),
    });
  }
  if (code === 'ERR_INVALID_ARG_VALUE') {
    fail('file-not-found', l10n.t('There is no file whose path contains a NUL character.'), {
      remedy: l10n.t('Check the path.'),
    });
  }
  fail('file-unreadable', l10n.t('{0} cannot be opened ({1}).', basename(path), code), {
    remedy: l10n.t('Check that you may read the file.'),
    subject: path,
  });
}

function failDirectory(path: string, { choose, within = choose }: Advice): never {
  fail('file-unreadable', l10n.t('{0} is a folder, not a file.', basename(path)), {
    remedy: within,
    subject: path,
  });
}

function failIrregular(path: string, { choose }: Advice): never {
  fail(
    'file-unreadable',
    l10n.t('{0} is not a regular file but a pipe, a device or a socket.', basename(path)),
    {
      remedy: choose,
      subject: path,
    },
  );
}

function failTooLarge(
  path: string,
  size: number,
  maxBytes: number,
  { choose, shrink = choose }: Advice,
): never {
  fail('too-large', l10n.t('{0} has {1} bytes; the limit is {2}.', basename(path), size, maxBytes), {
    remedy: shrink,
    subject: path,
  });
}
