import type { Span, Statement } from './ast';

/** A statement at the top of a text, with what was read of it. */
export interface Part extends Span {
  readonly statements: readonly Statement[];
}

interface Reading {
  readonly text: string;
  readonly parts: readonly Part[];
}

/** The last text of one language without errors: most texts are the one before with a small change. */
export class LastReading {
  private last: Reading = { text: '', parts: [] };

  /** Keeps what was read of a text without errors. */
  remember(text: string, parts: readonly Part[]): void {
    this.last = { text, parts };
  }

  /**
   * The parts of a text, of which only those around what changed since the last text are read again; `null` where that is not
   * enough. At the start of a statement at the top the parser is in its first state, so that a text can be read in pieces
   * that start there. One unchanged statement is read again on either side: on the left its first word shows that the one before has ended
   * there, on the right its end shows that the pieces fit together again.
   * @param read the parts of a piece of the text; `null` where it has errors.
   */
  reuse(text: string, read: (piece: string) => readonly Part[] | null): readonly Part[] | null {
    const { text: before, parts } = this.last;
    const { start, end } = commonEnds(before, text);
    const by = text.length - before.length;
    const touched = parts.findIndex(({ to }) => to >= start);
    const first = Math.max(0, (touched < 0 ? parts.length : touched) - 1);
    const from = first === 0 ? 0 : (parts[first]?.from ?? 0);
    const witness = parts.findIndex((part) => part.from > before.length - end);
    const rest = witness < 0 ? [] : parts.slice(witness + 1);
    const to = rest[0] === undefined ? text.length : rest[0].from + by;
    const fresh = read(text.slice(from, to))?.map((part) => moved(part, from));
    if (fresh === undefined) return null;
    const [seen, expected] = [fresh.at(-1), parts[witness]];
    const fits = expected !== undefined && seen?.from === expected.from + by && seen.to === expected.to + by;
    if (rest.length > 0 && !fits) return null;
    return [...parts.slice(0, first), ...fresh, ...rest.map((part) => moved(part, by))];
  }
}

/** The lengths of what two texts share at their start and at their end, without overlap. */
function commonEnds(a: string, b: string): { readonly start: number; readonly end: number } {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a.charCodeAt(start) === b.charCodeAt(start)) start++;
  let end = 0;
  while (end < shorter - start && a.charCodeAt(a.length - 1 - end) === b.charCodeAt(b.length - 1 - end))
    end++;
  return { start, end };
}

/** The same with other places: a copy, because somebody may hold what was there before. */
function moved<Value>(value: Value, by: number): Value {
  if (by === 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => moved(item, by)) as Value;
  const made: Record<string, unknown> = { ...(value as object) };
  for (const key in made) {
    const part = made[key];
    made[key] = (key === 'from' || key === 'to') && typeof part === 'number' ? part + by : moved(part, by);
  }
  return made as Value;
}
