import type { Recording, Value } from './value';

/** Calls in all recordings that are kept: some 100 MB. */
const MAX_CALLS = 2 ** 17;

/** What was recorded, by what it was recorded for; the least recently used are dropped. */
export class Recordings {
  /** `null` for work that cannot be repeated. */
  private readonly known = new Map<string, Recording | null>();
  private readonly owners = new WeakMap<object, number>();
  private ownerCount = 0;
  private calls = 0;

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
    this.calls += callsOf(recording);
    for (const [oldest] of this.known) {
      if (this.calls <= MAX_CALLS || oldest === key) return;
      this.drop(oldest);
    }
  }

  /** Drops what was recorded with a weight. */
  release(weight: Value): void {
    for (const [key, recording] of this.known) {
      if (recording && [...recording.constants].some((value) => value.weight === weight)) this.drop(key);
    }
  }

  private drop(key: string): void {
    this.calls -= callsOf(this.known.get(key) ?? null);
    this.known.delete(key);
  }
}

/** One that cannot be repeated takes little, but not nothing. */
const callsOf = (recording: Recording | null): number => 1 + (recording?.calls.length ?? 0);

const signatureOf = (value: Value | null): string => {
  if (value === null) return '-';
  return value.weight ? `c${value.id}` : `${value.dtype}[${value.shape.join()}]`;
};
