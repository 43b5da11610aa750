import type { Span, Statement } from './ast';

/** What was read at a place. */
interface Reading {
  readonly from: number;
  readonly statements: readonly Statement[];
}

/** Of the last text without errors, by the text of each statement at its top: most texts are the one before with a small change. */
let last: ReadonlyMap<string, Reading> = new Map();

/** The statements at the top of a text without errors. Those that the last one had as well are not read again. */
export function reuse<Part extends Span>(
  text: string,
  parts: readonly Part[],
  read: (part: Part) => readonly Statement[],
): Statement[] {
  const readings = new Map<string, Reading>();
  const statements = parts.flatMap((part) => {
    const own = text.slice(part.from, part.to);
    const known = last.get(own);
    const found = known === undefined ? read(part) : moved(known.statements, part.from - known.from);
    readings.set(own, { from: part.from, statements: found });
    return found;
  });
  last = readings;
  return statements;
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
