import type { Tree } from '@lezer/common';
import type { Statement } from './ast';
import { hasErrors } from './nodes';

/** How texts of a language are read. */
export interface Syntax {
  /** Where statements at the top start, in order, also in a text with errors. Some may be left out. */
  starts(text: string): readonly number[];
  parse(text: string): Tree;
  /** The statements of a tree of a text. Never fails: what cannot be parsed becomes `unknown`. */
  read(tree: Tree, text: string): readonly Statement[];
}

/** Statements at the top with what stands between them. */
interface Piece {
  readonly from: number;
  readonly statements: readonly Statement[];
  readonly isBroken: boolean;
}

/**
 * Reads texts statement by statement: what is the same as in the last text is not read again, and an error is one of its statement, as a
 * bracket that is not closed yet, and leaves those after it as they are.
 */
export class PieceReader {
  private last: ReadonlyMap<string, Piece> = new Map();

  constructor(private readonly syntax: Syntax) {}

  /** The statements of a text. */
  statements(text: string): readonly Statement[] {
    const { syntax, last } = this;
    const starts = [0, ...syntax.starts(text).filter((start) => start > 0)];
    const found = new Map<string, Piece>();
    const statements: Statement[] = [];
    const fresh: string[] = [];
    for (const [i, from] of starts.entries()) {
      const piece = text.slice(from, starts[i + 1]);
      const known = found.get(piece) ?? last.get(piece) ?? this.piece(piece);
      if (known.isBroken && !last.has(piece)) fresh.push(piece);
      const here = { ...known, from, statements: moved(known.statements, from - known.from) };
      found.set(piece, here);
      for (const statement of here.statements) statements.push(statement);
    }
    this.last = found;
    // A text without errors is read as it is: its statements may start elsewhere than they seem to.
    const whole = fresh.length === 0 ? null : syntax.parse(text);
    if (whole === null || hasErrors(whole)) return statements;
    for (const piece of fresh) found.delete(piece);
    return syntax.read(whole, text);
  }

  private piece(text: string): Piece {
    const tree = this.syntax.parse(text);
    return { from: 0, statements: this.syntax.read(tree, text), isBroken: hasErrors(tree) };
  }
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
