/**
 * A place that the program changes: a variable, the items of a list, the layers of a Sequential. Where it is unknown which of
 * two branches runs, both are followed, and each cell that they changed gets what holds after either.
 */
export interface Cell<T> {
  value: T;
  /** What holds if it is one of two values. */
  readonly join: (a: T, b: T) => T;
  /** What holds if nothing is known. */
  readonly lost: T;
}

/** What a branch changed: the cells with their values at its end. */
export type Changes = ReadonlyMap<Cell<unknown>, unknown>;

/** Sets cells, and undoes what was set since a point in time. */
export class Journal {
  private readonly open: Map<Cell<unknown>, unknown>[] = [];

  set<T>(cell: Cell<T>, value: T): void {
    const before = this.open.at(-1);
    const key = cell as Cell<unknown>;
    if (before !== undefined && !before.has(key)) before.set(key, cell.value);
    cell.value = value;
  }

  /** Runs `work`, takes back what it changed, and returns both. */
  attempt<R>(work: () => R): { readonly result: R; readonly changes: Changes } {
    const before = new Map<Cell<unknown>, unknown>();
    this.open.push(before);
    try {
      const result = work();
      return { result, changes: new Map([...before.keys()].map((cell) => [cell, cell.value])) };
    } finally {
      this.open.pop();
      for (const [cell, value] of before) cell.value = value;
    }
  }

  apply(changes: Changes): void {
    for (const [cell, value] of changes) this.set(cell, value);
  }

  /** Applies what holds after one of two branches. */
  applyEither(a: Changes, b: Changes): void {
    for (const cell of new Set([...a.keys(), ...b.keys()])) {
      const left = a.has(cell) ? a.get(cell) : cell.value;
      const right = b.has(cell) ? b.get(cell) : cell.value;
      this.set(cell, left === right ? left : cell.join(left, right));
    }
  }

  /** Forgets the values of all cells that were changed. */
  lose(changes: Changes): void {
    for (const cell of changes.keys()) this.set(cell, cell.lost);
  }
}
