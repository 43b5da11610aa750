/** Random access to the bytes of a file, a section of a file, or a buffer. Positions are 0 to `size`. */
export interface ByteSource {
  readonly size: number;
  /** Fills `target` from `position` on; returns the number of bytes read (fewer only at the end). */
  read(target: NodeJS.ArrayBufferView, position: number): number;
}

/** `length` bytes of `source` from `start` on, as a source. */
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
