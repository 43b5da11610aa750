import type { Recording, Value } from './value';

/** Of all recordings that are kept. */
const MAX_BYTES = 10 ** 8;
/** Of the entry of a recording; one that cannot be repeated takes little, but not nothing. */
const BYTES_PER_ENTRY = 1000;

/** What was recorded, by what it was recorded for; the least recently used are dropped. */
export class Recordings {
  /** `null` for work that cannot be repeated. */
  private readonly known = new Map<string, Recording | null>();
  private readonly owners = new WeakMap<object, number>();
  private ownerCount = 0;
  private bytes = 0;

  /** Equal for the same work on operands of the same types and shapes and the same weights. */
  keyOf(owner: object, variant: string, operands: readonly (Value | null)[]): string {
    let id = this.owners.get(owner);
    if (id === undefined) {
      this.ownerCount += 1;
      id = this.ownerCount;
      this.owners.set(owner, id);
    }
    return `${id} ${variant} ${operands.map(signatureOf).join(' ')}`;
  }

  get(key: string): Recording | null | undefined {
    const found = this.known.get(key);
    if (found === undefined) return undefined;
    this.known.delete(key);
    this.known.set(key, found);
    return found;
  }

  add(key: string, recording: Recording | null): void {
    this.known.set(key, recording);
    this.bytes += bytesOf(recording);
    for (const [oldest] of this.known) {
      if (this.bytes <= MAX_BYTES || oldest === key) return;
      this.drop(oldest);
    }
  }

  /** Drops what was recorded with a weight. */
  release(weight: Value): void {
    for (const [key, recording] of this.known) {
      if (recording?.weights.has(weight)) this.drop(key);
    }
  }

  private drop(key: string): void {
    this.bytes -= bytesOf(this.known.get(key) ?? null);
    this.known.delete(key);
  }
}

const bytesOf = (recording: Recording | null): number => BYTES_PER_ENTRY + (recording?.bytes ?? 0);

const signatureOf = (value: Value | null): string => {
  if (value === null) return '-';
  return value.weight ? `c${value.id}` : `${value.dtype}[${value.shape.join()}]`;
};
