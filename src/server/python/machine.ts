import type { Shape } from '../../shared/model';
import { type Cell, type Changes, Journal } from './cell';
import type { CallExpression, Span, Statement } from './syntax/ast';
import { type Arguments, type Layer, type Model, type Node, OPAQUE, type Value } from './values';

export type { Arguments } from './values';

/** Expressions and statements that one analysis follows; a program that needs more is analysed up to there. */
const MAX_STEPS = 300_000;
/** Calls of functions within each other. */
const MAX_DEPTH = 40;

/** Of a prefix whose objects are not counted any more. */
const UNKNOWN_COUNT = -1;

/** Ends an analysis that takes too long. What it found until then holds. */
export class OutOfSteps extends Error {}

/** One call of a layer or model, for hints and hovers. */
export interface Use {
  readonly layer: Layer | Model;
  /** Where the call is written. */
  readonly site: CallExpression;
  readonly inputs: readonly (Shape | null)[];
  /** `null` where they are not known. */
  readonly outputs: readonly Shape[] | null;
  readonly params: number | null;
  readonly multiplyAdds: number | null;
  readonly node: Node | null;
}

/** What the program does wrong: Keras raises there. */
export interface Problem {
  readonly at: Span;
  /** One sentence, with the numbers. */
  readonly message: string;
  readonly fixes: readonly Fix[];
}

/** An edit that mends a problem. */
export interface Fix {
  readonly title: string;
  /** A layer to call before the one that fails, or an argument to add to it. */
  readonly insert: { readonly layer: string } | { readonly argument: string };
}

/** What the parts of the interpreter need of each other. */
export interface Hooks {
  /** Calls a value. */
  apply(callee: Value, given: Arguments, site: CallExpression): Value;
  /** Calls a function of another program, on a machine of its own. */
  callIn(machine: Machine, program: readonly Statement[], name: string, call: Call): Value;
}

export interface Call {
  readonly given: Arguments;
  readonly site: CallExpression;
}

/** The state of one analysis. */
export class Machine {
  readonly journal = new Journal();
  readonly uses: Use[] = [];
  readonly problems: Problem[] = [];
  readonly layers: (Layer | Model)[] = [];
  private steps = 0;
  private depth = 0;
  private speculation = 0;
  private insideCalls = 0;
  /** How many objects of each prefix Keras has named; `null` where that is not known. */
  private readonly counts: Cell<ReadonlyMap<string, number> | null> = {
    value: new Map(),
    join: (a, b) => (a !== null && b !== null && areSameCounts(a, b) ? a : null),
    lost: null,
  };
  /** @param hasCustomObjects whether the program may give Keras names of its own for functions.
   * @param hasOtherNames whether it may change the names of layers. */
  constructor(
    readonly hasCustomObjects: boolean,
    readonly hasOtherNames = false,
  ) {}

  hooks: Hooks = { apply: () => OPAQUE, callIn: () => OPAQUE };

  /** The classes whose objects Keras has named, in order, with the names. */
  readonly named: { readonly className: string; readonly name: string }[] = [];

  /** @throws OutOfSteps */
  step(count = 1): void {
    this.steps += count;
    if (this.steps > MAX_STEPS) throw new OutOfSteps();
  }

  /** @throws OutOfSteps */
  deeper<T>(work: () => T): T {
    if (++this.depth > MAX_DEPTH) throw new OutOfSteps();
    try {
      return work();
    } finally {
      this.depth--;
    }
  }

  /** Follows the `call` of a layer of the program: what it computes is no part of a graph. */
  inside<T>(work: () => T): T {
    this.insideCalls++;
    try {
      return work();
    } finally {
      this.insideCalls--;
    }
  }

  get isInside(): boolean {
    return this.insideCalls > 0;
  }

  set<T>(cell: Cell<T>, value: T): void {
    this.journal.set(cell, value);
  }

  /** Runs something of which it is not known whether it happens: it may not report problems. */
  speculate<T>(work: () => T): { readonly result: T; readonly changes: Changes } {
    this.speculation++;
    try {
      return this.journal.attempt(work);
    } finally {
      this.speculation--;
    }
  }

  /** Runs something whose failures the program expects. */
  guarded<T>(work: () => T): T {
    this.speculation++;
    try {
      return work();
    } finally {
      this.speculation--;
    }
  }

  /** Runs something to see what it changes, without what it finds. */
  rehearse<T>(work: () => T): { readonly result: T; readonly changes: Changes } {
    const takeBack = this.mark();
    const made = this.speculate(work);
    takeBack();
    return made;
  }

  /** Where the findings end now, to take back what is found after it. */
  mark(): () => void {
    const counts = [this.uses.length, this.layers.length, this.problems.length] as const;
    return () => {
      [this.uses.length, this.layers.length, this.problems.length] = counts;
    };
  }

  /** The first problem of a place: Keras does not go on after it. */
  report(problem: Problem): void {
    if (this.speculation > 0) return;
    const isKnown = this.problems.some(({ at }) => at.from === problem.at.from);
    if (!isKnown) this.problems.push(problem);
  }

  /** The next name that Keras gives to an object of a class; `null` where it is not known. */
  autoName(className: string): string | null {
    const counts = this.counts.value;
    if (counts === null) return null;
    const prefix = snakeCase(className);
    const count = counts.get(prefix) ?? 0;
    if (count === UNKNOWN_COUNT) return null;
    this.set(this.counts, new Map(counts).set(prefix, count + 1));
    const name = count === 0 ? prefix : `${prefix}_${count}`;
    this.named.push({ className, name });
    return name;
  }

  /** After an object of a class may have been made. */
  loseName(className: string): void {
    const counts = this.counts.value;
    if (counts !== null) this.set(this.counts, new Map(counts).set(snakeCase(className), UNKNOWN_COUNT));
  }

  /** Whether the name of every object that Keras has made is known. */
  get knowsNames(): boolean {
    return this.counts.value !== null && ![...this.counts.value.values()].includes(UNKNOWN_COUNT);
  }

  /** After code that is not seen may have made layers. */
  loseNames(): void {
    this.set(this.counts, null);
  }

  /** `keras.utils.clear_session()`. */
  resetNames(): void {
    this.set(this.counts, new Map());
  }
}

/** Keras's `to_snake_case`. */
const snakeCase = (name: string): string =>
  name
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();

const areSameCounts = (a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean =>
  a.size === b.size && [...a].every(([name, count]) => b.get(name) === count);
