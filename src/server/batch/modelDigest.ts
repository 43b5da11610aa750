import { createHash } from 'node:crypto';
import { type OpenFile, openFile } from '../io/openFile';
import type { OpenModel } from '../session/openModels';

const BLOCK = 2 ** 23;

/** Equal for a model of equal content and equal options, on any machine. Reads all files of the model. @throws Failure of reading */
export function batchDigest(model: OpenModel, options: unknown): string {
  const hash = createHash('sha256').update(JSON.stringify(options));
  const { path, companionFiles, architecture } = model;
  for (const file of [path, ...companionFiles, ...(architecture === null ? [] : [architecture])]) {
    const opened = openFile(file);
    try {
      hash.update(`\n${opened.size}\n`);
      for (const block of blocks(opened)) hash.update(block);
    } finally {
      opened.close();
    }
  }
  return hash.digest('hex');
}

function* blocks(file: OpenFile): Generator<Uint8Array> {
  const buffer = Buffer.alloc(Math.min(BLOCK, file.size));
  for (let at = 0; at < file.size; at += buffer.length) {
    const count = file.read(buffer.subarray(0, Math.min(buffer.length, file.size - at)), at);
    yield buffer.subarray(0, count);
  }
}
