import type { Shape } from '../../shared/model';
import { type Cell, type Changes, Journal } from './cell';
import type { CallExpression, Span, Statement } from './syntax/ast';
import {
  type Arguments,
  type Built,
  type FunctionValue,
  type Layer,
  type Method,
  type Model,
  type Node,
  OPAQUE,
  type Value,
} from './values';

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

/** A model by a name or attribute of the program. */
export interface Mention {
  readonly at: Span;
  readonly model: Model;
}

/** A call that loads or saves a model, or its weights. */
export interface FileUse {
  readonly site: CallExpression;
  /** As the program names it. */
  readonly file: string;
  /** The model that is saved or given weights; `null` where the program does not build it. */
  readonly model: Model | null;
  /** Whether it holds operations, which have no layers to compare. */
  readonly isGraph?: true;
}

/** The name of a layer in a call of `get_layer`. */
export interface Lookup {
  /** Of the string, with its quotes. */
  readonly at: Span;
  /** A model of the program, or the name of the file that it was loaded from. */
  readonly of: Model | string;
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
  /** A layer to call before one, an argument to add to it, or a text that takes the place of another. */
  readonly insert: { readonly layer: string } | { readonly argument: string } | { readonly text: string };
  /** Of that layer or text, where it is not the place of the problem. */
  readonly at?: Span;
}

/** What the parts of the interpreter need of each other. */
export interface Hooks {
  /** Calls a value. */
  apply(callee: Value, given: Arguments, site: CallExpression): Value;
  /** Calls a function of another program, on a machine of its own. */
  callIn(machine: Machine, program: readonly Statement[], name: string, call: Call): Value;
}

/** What one call of a layer gives; `null` where it is not known. */
export interface Outcome {
  readonly shapes: readonly Shape[] | null;
  readonly built: Built | null;
  readonly multiplyAdds: number | null;
  /** Why the library refuses the call. */
  readonly problem: Omit<Problem, 'at'> | null;
}

export const NO_OUTCOME: Outcome = { shapes: null, built: null, multiplyAdds: null, problem: null };

/** What differs between the languages whose programs are followed. */
export interface Language {
  /** Whether names belong to blocks, and defaults of parameters are evaluated at each call. */
  readonly isBlockScoped: boolean;
  /** The class of a model that is made of tensors. */
  readonly modelClass: Model['className'];
  /** Whether a text may use the library of layers: others are not followed. */
  mentions(text: string): boolean;
  /** The statements of a text. Never fails: what cannot be parsed becomes `unknown`. */
  parse(text: string): readonly Statement[];
  /** A name that the program does not define. @param stars the modules that it imports everything from */
  global(name: string, stars: readonly string[]): Value;
  /** The path of something as the library of layers names it. */
  canonicalPath(path: string): string;
  /** Whether a value counts as true; `null` where that is not known. */
  truth(value: Value): boolean | null;
  /** What a loop over a value goes through; `null` where it is not known. */
  itemsIn(value: Value): readonly Value[] | null;
  /** A value in a text with values in it; `null` where that is not known. @param spec how it is written there */
  textIn(value: Value, spec: string | null): string | null;
  binary(machine: Machine, operator: string, left: Value, right: Value, at: Span): Value;
  unary(machine: Machine, operator: string, operand: Value, at: Span): Value;
  compare(machine: Machine, operator: string, left: Value, right: Value, at: Span): Value;
  indexed(machine: Machine, object: Value, index: Value, at: Span): Value;
  /** An attribute of a plain value or of a tensor. */
  attribute(object: Value, name: string): Value;
  /** An attribute of a layer or model; `null` for a method. */
  layerAttribute(layer: Layer | Model, name: string): Value | null;
  /** Calls something of a module; `null` for code that is not seen. */
  call(machine: Machine, path: string, given: Arguments, site: CallExpression): Value | null;
  /** Calls a method of a value; `null` for code that is not seen. */
  callMethod(machine: Machine, method: Method, given: Arguments, site: CallExpression): Value | null;
  /** Notes a call that loads or saves a model, or looks up a layer by its name. */
  note(machine: Machine, callee: Value, given: Arguments, site: CallExpression): void;
  /** What a call of a layer gives where the library differs from the shape rule. @param outcome what the shape rule says */
  adjusted(layer: Layer, shapes: readonly Shape[], outcome: Outcome): Outcome;
  /** The name of the input of a Sequential; `null` for one as any input has. @param first its first layer */
  startName(first: Layer | Model): Value | null;
  /** What the names start with that the library gives to objects of a class. */
  namePrefix(className: string): string;
  /** The name of an object of a class. @param count of those that were named before it with the same prefix */
  autoName(className: string, count: number): string;
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
  readonly mentions: Mention[] = [];
  readonly files: FileUse[] = [];
  readonly lookups: Lookup[] = [];
  /** The functions that the program defines. */
  readonly defined: FunctionValue[] = [];
  private steps = 0;
  private depth = 0;
  private speculation = 0;
  private insideCalls = 0;
  /** How many objects of each prefix Keras has named. */
  private readonly counts = new Map<string, Cell<number>>();
  /** Whether objects of any prefix may have been named besides. */
  private readonly areLost: Cell<boolean> = { value: false, join: (a, b) => a || b, lost: true };
  /** @param hasCustomObjects whether the program may give Keras names of its own for functions.
   * @param hasOtherNames whether it may change the names of layers. */
  constructor(
    readonly language: Language,
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
    const found = [this.uses, this.layers, this.problems, this.mentions, this.files, this.lookups];
    const counts = found.map(({ length }) => length);
    return () => {
      for (const [i, list] of found.entries()) list.length = counts[i] ?? 0;
    };
  }

  /** Where a value is written that may be a model. */
  mention({ from, to }: Span, value: Value): void {
    if (value.kind === 'model') this.mentions.push({ at: { from, to }, model: value });
  }

  /** The first problem of a place: Keras does not go on after it. */
  report(problem: Problem): void {
    if (this.speculation > 0) return;
    const isKnown = this.problems.some(({ at }) => at.from === problem.at.from);
    if (!isKnown) this.problems.push(problem);
  }

  /** The next name that the library gives to an object of a class; `null` where it is not known. */
  autoName(className: string): string | null {
    if (this.areLost.value) return null;
    const { language } = this;
    const prefix = language.namePrefix(className);
    const cell = this.countOf(prefix);
    const count = cell.value;
    if (count === UNKNOWN_COUNT) return null;
    this.set(cell, count + 1);
    const name = language.autoName(className, count);
    this.named.push({ className, name });
    return name;
  }

  private countOf(prefix: string): Cell<number> {
    const known = this.counts.get(prefix);
    if (known !== undefined) return known;
    const made: Cell<number> = {
      value: 0,
      join: (a, b) => (a === b ? a : UNKNOWN_COUNT),
      lost: UNKNOWN_COUNT,
    };
    this.counts.set(prefix, made);
    return made;
  }

  /** After an object of a class may have been made. */
  loseName(className: string): void {
    this.set(this.countOf(this.language.namePrefix(className)), UNKNOWN_COUNT);
  }

  /** Whether the name of every object that Keras has made is known. */
  get knowsNames(): boolean {
    return !this.areLost.value && ![...this.counts.values()].some(({ value }) => value === UNKNOWN_COUNT);
  }

  /** After code that is not seen may have made layers. */
  loseNames(): void {
    this.set(this.areLost, true);
  }

  /** `keras.utils.clear_session()`. */
  resetNames(): void {
    this.set(this.areLost, false);
    for (const cell of this.counts.values()) this.set(cell, 0);
  }
}
