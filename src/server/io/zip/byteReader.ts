import type { ByteSource } from '../byteSource';

const PART_BYTES = 2 ** 16;

/** Reads a source byte by byte, buffered. */
export class ByteReader {
  private readonly part: Uint8Array;
  private at = 0;
  private end = 0;
  private position = 0;

  constructor(private readonly source: ByteSource) {
    this.part = new Uint8Array(Math.min(source.size, PART_BYTES));
  }

  /** The next byte; -1 after the last. */
  next(): number {
    if (this.at === this.end && !this.fill()) return -1;
    return this.part[this.at++] ?? -1;
  }

  private fill(): boolean {
    this.at = 0;
    this.end = this.source.read(this.part, this.position);
    this.position += this.end;
    return this.end > 0;
  }
}
