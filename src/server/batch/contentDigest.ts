import { createHash, type Hash } from 'node:crypto';
import type { InputSource } from '../../shared/inputs';
import { type OpenFile, openFile, statOf } from '../io/openFile';

const BLOCK = 2 ** 23;

/** Adds the size and the content of a file. @throws Failure of reading */
export function hashFile(hash: Hash, path: string): void {
  const opened = openFile(path);
  try {
    hash.update(`\n${opened.size}\n`);
    for (const block of blocks(opened)) hash.update(block);
  } finally {
    opened.close();
  }
}

function* blocks(file: OpenFile): Generator<Uint8Array> {
  const buffer = Buffer.alloc(Math.min(BLOCK, file.size));
  for (let at = 0; at < file.size; at += buffer.length) {
    const count = file.read(buffer.subarray(0, Math.min(buffer.length, file.size - at)), at);
    yield buffer.subarray(0, count);
  }
}

/** Tells inputs of other content apart; a file is read once for all inputs in it that follow one another. */
export class InputDigests {
  private last: { readonly key: string; readonly digest: string } | null = null;

  /** Of the content of the files and of the part that is meant; null where one cannot be read, or where there is none. */
  of(sources: readonly InputSource[]): string | null {
    if (sources.length === 0) return null;
    try {
      const hash = createHash('sha256');
      for (const { path, ...part } of sources.filter((one) => one.kind === 'file'))
        hash.update(JSON.stringify([this.fileDigest(path), part]));
      return hash.digest('hex').slice(0, 32);
    } catch {
      return null;
    }
  }

  private fileDigest(path: string): string {
    const stat = statOf(path);
    const key = JSON.stringify([path, stat?.mtimeMs, stat?.size]);
    if (this.last?.key === key) return this.last.digest;
    const hash = createHash('sha256');
    hashFile(hash, path);
    this.last = { key, digest: hash.digest('hex') };
    return this.last.digest;
  }
}
