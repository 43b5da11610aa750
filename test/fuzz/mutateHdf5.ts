import { mutateBytes } from './mutateBytes';
import { mutateJson } from './mutateJson';
import { mutateNumbers } from './mutateNumbers';
import type { Random } from './random';

/** Changes that keep every length in the file: its JSON texts, padded, or the numbers of its weights; or any bytes. */
export function mutateHdf5(bytes: Buffer, random: Random): Buffer {
  const kind = random.below(10);
  if (kind < 5) return withOtherJson(bytes, random) ?? mutateBytes(bytes, random);
  if (kind < 7) return mutateNumbers(bytes, random);
  return mutateBytes(bytes, random);
}

/** One of the texts that Keras keeps in attributes. */
function withOtherJson(bytes: Buffer, random: Random): Buffer | null {
  const starts: number[] = [];
  for (let at = bytes.indexOf('{"'); at >= 0; at = bytes.indexOf('{"', at + 1)) {
    starts.push(at);
    at = jsonEnd(bytes, at);
  }
  if (starts.length === 0) return null;
  const start = random.pick(starts);
  const end = jsonEnd(bytes, start);
  for (let attempt = 0; attempt < 8; attempt++) {
    const text = Buffer.from(mutateJson(bytes.toString('utf8', start, end), random));
    if (text.length > end - start) continue;
    const changed = Buffer.from(bytes);
    changed.fill(' ', start, end);
    text.copy(changed, start);
    return changed;
  }
  return null;
}

/** Where the object that begins at `start` ends. */
function jsonEnd(bytes: Buffer, start: number): number {
  let depth = 0;
  let inText = false;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (inText) {
      if (byte === 0x5c) at++;
      else if (byte === 0x22) inText = false;
    } else if (byte === 0x22) inText = true;
    else if (byte === 0x7b) depth++;
    else if (byte === 0x7d && --depth === 0) return at + 1;
  }
  return bytes.length;
}
