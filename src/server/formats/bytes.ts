import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { fail } from '../../shared/errors';

/** Random access to the bytes of a file, of a stretch of a file, or of a buffer. Positions count from 0 to `size`. */
export interface ByteSource {
  readonly size: number;
  /** Fills `target` from `position` on; returns how many bytes there were (fewer only at the end). */
  read(target: NodeJS.ArrayBufferView, position: number): number;
}

/** A file held open for reading in place; `close` may be called more than once. */
export interface OpenFile extends ByteSource {
  readonly path: string;
  readonly fd: number;
  close(): void;
}

/**
 * Opens a regular file for reading.
 * Throws `file-not-found`, `file-unreadable` (a directory, a device, no permission) or `empty-file`.
 */
export function openFile(path: string): OpenFile {
  const fd = openDescriptor(path);
  try {
    const stat = fstatSync(fd);
    if (stat.isDirectory()) failDirectory(path);
    if (!stat.isFile()) {
      fail('file-unreadable', `${basename(path)} is no regular file.`, {
        remedy: 'Choose a model file: .keras, .h5, .hdf5 or a TensorFlow.js model.json.',
        subject: path,
      });
    }
    if (stat.size === 0) {
      fail('empty-file', `${basename(path)} is empty (0 bytes).`, {
        remedy: 'The save or the copy was probably interrupted; save the model or copy the file again.',
        subject: path,
      });
    }
    let open = true;
    return {
      path,
      fd,
      size: stat.size,
      read(target, position) {
        // The system may have given the descriptor to another file by now.
        if (!open) {
          fail('closed', `${basename(path)} was closed while it was being read.`, {
            remedy: 'Open the model again.',
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

/** `length` bytes of `source` from `start` on, as a source of its own. */
export function slice(source: ByteSource, start: number, length: number): ByteSource {
  return {
    size: length,
    read(target, position) {
      const count = Math.max(0, Math.min(target.byteLength, length - position));
      const part = new Uint8Array(target.buffer, target.byteOffset, count);
      return source.read(part, start + position);
    },
  };
}

/** The bytes of a buffer as a source. */
export function inMemory(buffer: Uint8Array): ByteSource {
  return {
    size: buffer.byteLength,
    read(target, position) {
      const part = buffer.subarray(position, position + target.byteLength);
      new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(part);
      return part.byteLength;
    },
  };
}

/** The bytes of `source` from `position` on, at most `length` of them. */
export function readBytes(source: ByteSource, position: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, source.size - position)));
  return buffer.subarray(0, source.read(buffer, position));
}

function readFully(fd: number, target: NodeJS.ArrayBufferView, position: number): number {
  const { buffer, byteOffset, byteLength } = target;
  let done = 0;
  while (done < byteLength) {
    const rest = new Uint8Array(buffer, byteOffset + done, byteLength - done);
    const count = readSync(fd, rest, 0, rest.byteLength, position + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}

function openDescriptor(path: string): number {
  try {
    // Without O_NONBLOCK (which Windows has not) opening a named pipe would wait for a writer, and the server with it.
    return openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      fail('file-not-found', `There is no file ${path}.`, { remedy: 'Check the path.', subject: path });
    }
    // Windows refuses to open a directory at all.
    if (code === 'EISDIR') failDirectory(path);
    const reason = error instanceof Error ? error.message : String(error);
    fail('file-unreadable', `${basename(path)} cannot be opened: ${reason}.`, {
      remedy: 'Check that you may read the file.',
      subject: path,
    });
  }
}

function failDirectory(path: string): never {
  fail('file-unreadable', `${basename(path)} is a folder, not a model file.`, {
    remedy: 'Choose the model.json, .keras, .h5 or saved_model.pb file inside it.',
    subject: path,
  });
}
