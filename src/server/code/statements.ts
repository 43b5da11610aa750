import type { Changes } from './cell';
import { type Evaluator, SUPER } from './evaluate';
import { lose } from './lose';
import type { Arguments, Machine } from './machine';
import type { Expression, Statement } from './syntax/ast';
import {
  type ClassValue,
  dict,
  type FunctionValue,
  joinValues,
  keyOf,
  NONE,
  OPAQUE,
  reference,
  Scope,
  type Super,
  string,
  tuple,
  UNDEFINED,
  UNKNOWN,
  type Value,
} from './values';

/** How a block of statements ends. */
type End = 'next' | 'return' | 'break' | 'continue' | 'raise';

/** Ends the exact execution of a loop of which it is not known when it ends. */
class UnknownLoop extends Error {}

/** One call of a function. */
interface Frame {
  scope: Scope;
  /** What the function may have returned in branches that are not known to run. */
  readonly pending: Value[];
  returned: Value;
  /** Whether the number of passes of the innermost loop is not known. */
  isLossy: boolean;
}

/** Follows statements. */
export class Executor {
  private readonly machine: Machine;
  private readonly called = new Set<unknown>();
  readonly classes: ClassValue[] = [];

  constructor(private readonly evaluator: Evaluator) {
    this.machine = evaluator.machine;
  }

  runProgram(statements: readonly Statement[], scope: Scope): void {
    this.block(statements, newFrame(scope));
  }

  wasCalled(value: FunctionValue): boolean {
    return this.called.has(value.body);
  }

  /** Calls a function of the program. @param method what `super()` is in it. */
  callFunction(callee: FunctionValue, given: Arguments, method?: Super): Value {
    this.called.add(callee.body);
    const { body } = callee;
    return this.machine.deeper(() => {
      const scope = new Scope(callee.scope, Array.isArray(body) ? outerNames(body) : []);
      this.bindParameters(callee, given, scope);
      if (method !== undefined) scope.own(SUPER).value = method;
      if (!isBlock(body)) return this.evaluator.evaluate(body, scope);
      const frame = newFrame(scope);
      const end = this.block(body, frame);
      const last = end === 'return' ? [frame.returned] : end === 'raise' ? [] : [NONE];
      const results = [...frame.pending, ...last];
      return results.length === 0 ? UNKNOWN : results.reduce(joinValues);
    });
  }

  /** Follows something where names of its own are made. */
  private within(scope: Scope, frame: Frame, work: () => End): End {
    const outer = frame.scope;
    frame.scope = scope;
    try {
      return work();
    } finally {
      frame.scope = outer;
    }
  }

  private bindParameters(callee: FunctionValue, given: Arguments, scope: Scope): void {
    const { evaluator, machine } = this;
    const rest = new Map(given.named);
    let next = 0;
    for (const { name, spread, keywordOnly, fallback, pattern } of callee.parameters) {
      const cell = scope.own(name);
      if (spread === '*') {
        cell.value = given.isOpen ? UNKNOWN : tuple(given.positional.slice(next));
        next = given.positional.length;
      } else if (spread === '**') {
        const entries = [...rest].map(
          ([key, value]) => [keyOf(string(key)) ?? '', { key: string(key), value }] as const,
        );
        cell.value = given.isOpen ? UNKNOWN : dict(new Map(entries));
      } else {
        const byName = rest.get(name);
        rest.delete(name);
        const found = (keywordOnly ? undefined : given.positional[next++]) ?? byName;
        if (machine.language.isBlockScoped) {
          const value = found ?? (given.isOpen ? UNKNOWN : UNDEFINED);
          const isMissing = value.kind === 'none' && value.isUndefined === true;
          cell.value = isMissing && fallback !== null ? evaluator.evaluate(fallback, scope) : value;
        } else cell.value = found ?? (given.isOpen ? UNKNOWN : (callee.fallbacks.get(name) ?? UNKNOWN));
      }
      if (pattern !== undefined) evaluator.assigner.assign(pattern, cell.value, scope, 'block');
    }
  }

  private block(statements: readonly Statement[], frame: Frame): End {
    for (const statement of statements) {
      this.machine.step();
      const end = this.statement(statement, frame);
      if (end !== 'next') return end;
    }
    return 'next';
  }

  private statement(statement: Statement, frame: Frame): End {
    const { evaluator, machine } = this;
    const { scope } = frame;
    switch (statement.kind) {
      case 'expression':
        evaluator.evaluate(statement.value, scope);
        return 'next';
      case 'assign': {
        const value = evaluator.evaluate(statement.value, scope);
        for (const target of statement.targets)
          evaluator.assigner.assign(target, value, scope, statement.declares);
        return 'next';
      }
      case 'block':
        return this.within(new Scope(scope, [], 'block'), frame, () => this.block(statement.body, frame));
      case 'update': {
        const left = evaluator.evaluate(statement.target, scope);
        const right = evaluator.evaluate(statement.value, scope);
        const value = evaluator.operate(statement.operator, left, right, statement.target);
        if (left.kind === 'list') machine.set(left.items, this.machine.language.itemsIn(value));
        else evaluator.assigner.assign(statement.target, value, scope);
        return 'next';
      }
      case 'function': {
        const made: FunctionValue = {
          kind: 'function',
          name: statement.name,
          parameters: statement.parameters,
          fallbacks: evaluator.fallbacks(statement.parameters, scope),
          body: statement.body,
          scope,
          ...this.decoration(statement.decorators, scope),
        };
        if (scope.of !== 'class') machine.defined.push(made);
        machine.set(scope.own(statement.name), made);
        return 'next';
      }
      case 'class': {
        const bases = statement.bases.map((base) => evaluator.evaluate(base, scope));
        const inner = new Scope(scope, [], 'class');
        this.block(statement.body, newFrame(inner));
        const made: ClassValue = { kind: 'class', name: statement.name, bases, scope: inner };
        this.classes.push(made);
        machine.set(scope.own(statement.name), made);
        return 'next';
      }
      case 'import':
        this.bindImport(statement, scope);
        return 'next';
      case 'if':
        return this.conditional(statement, frame);
      case 'for':
        return this.loop(statement, frame);
      case 'while':
        return this.repeat(statement, frame);
      case 'with':
        for (const { value, target } of statement.items) {
          const held = evaluator.evaluate(value, scope);
          if (target !== null)
            evaluator.assigner.assign(target, held.kind === 'unknown' ? held : UNKNOWN, scope);
        }
        return this.block(statement.body, frame);
      case 'try':
        return this.attempt(statement, frame);
      case 'return':
        frame.returned = statement.value === null ? NONE : evaluator.evaluate(statement.value, scope);
        return 'return';
      case 'break':
      case 'continue':
      case 'raise':
        return statement.kind;
      case 'delete':
        for (const target of statement.targets) evaluator.assigner.assign(target, UNKNOWN, scope);
        return 'next';
      case 'unknown':
        for (const name of statement.names) {
          const found = scope.find(name);
          if (found === undefined || found.value.kind === 'reference') continue;
          lose(machine, found.value);
          machine.set(found, OPAQUE);
        }
        if (statement.returns) frame.pending.push(OPAQUE);
        return 'next';
      case 'scope':
      case 'pass':
        return 'next';
    }
  }

  private decoration(
    decorators: readonly Expression[],
    scope: Scope,
  ): Pick<FunctionValue, 'isDecorated' | 'role'> {
    const paths = decorators.map((decorator) => {
      const value = this.evaluator.evaluate(decorator.kind === 'call' ? decorator.callee : decorator, scope);
      return value.kind === 'reference' ? value.path : '';
    });
    const role = ROLES.find((name) => paths.includes(`builtins.${name}`)) ?? null;
    return {
      isDecorated: !paths.every((path) => TRANSPARENT.test(path)),
      role: role === 'staticmethod' ? 'static' : role === 'classmethod' ? 'class' : role,
    };
  }

  private bindImport(statement: Statement & { kind: 'import' }, scope: Scope): void {
    if (statement.star !== null)
      this.evaluator.stars.push(this.machine.language.canonicalPath(statement.star));
    for (const { name, path } of statement.names)
      this.machine.set(scope.own(name), reference(this.machine.language.canonicalPath(path)));
  }

  private conditional(statement: Statement & { kind: 'if' }, frame: Frame): End {
    const known = this.machine.language.truth(this.evaluator.evaluate(statement.test, frame.scope));
    if (known !== null) return this.block(known ? statement.whenTrue : statement.otherwise, frame);
    return this.either(
      () => this.block(statement.whenTrue, frame),
      () => this.block(statement.otherwise, frame),
      frame,
    );
  }

  /** Follows two branches of which one runs. */
  private either(a: () => End, b: () => End, frame: Frame): End {
    const { machine } = this;
    const run = (branch: () => End) => {
      const { result: end, changes } = machine.speculate(branch);
      return { end, changes, returned: frame.returned };
    };
    const left = run(a);
    const right = run(b);
    const ends = [left.end, right.end];
    if (!frame.isLossy && (ends.includes('break') || ends.includes('continue'))) throw new UnknownLoop();
    const goesOn = ({ end }: { readonly end: End }): boolean => end !== 'return' && end !== 'raise';
    const returns = [left, right].filter(({ end }) => end === 'return').map(({ returned }) => returned);
    if (goesOn(left) || goesOn(right)) frame.pending.push(...returns);
    if (goesOn(left) && goesOn(right)) {
      machine.journal.applyEither(left.changes, right.changes);
      return 'next';
    }
    if (goesOn(left) || goesOn(right)) {
      machine.journal.apply(goesOn(left) ? left.changes : right.changes);
      return 'next';
    }
    machine.journal.applyEither(left.changes, right.changes);
    if (returns.length === 0) return 'raise';
    frame.returned = returns.reduce(joinValues);
    return 'return';
  }

  private loop(statement: Statement & { kind: 'for' }, frame: Frame): End {
    const { evaluator, machine } = this;
    const items = this.machine.language.itemsIn(evaluator.evaluate(statement.iterable, frame.scope));
    const pass = (item: Value): End => {
      evaluator.assigner.assign(statement.target, item, frame.scope, statement.declares);
      return this.block(statement.body, frame);
    };
    // Functions that a pass makes keep the names of that pass.
    const body = (item: Value) => (): End =>
      statement.declares === 'block'
        ? this.within(new Scope(frame.scope, [], 'block'), frame, () => pass(item))
        : pass(item);
    if (items === null) return this.unknownPasses(body(UNKNOWN), frame);
    const exact = this.exactly(frame, () => {
      for (const item of items) {
        machine.step();
        const end = body(item)();
        if (end === 'break') return 'next';
        if (end !== 'next' && end !== 'continue') return end;
      }
      return this.block(statement.otherwise, frame);
    });
    return exact ?? this.unknownPasses(body(UNKNOWN), frame);
  }

  private repeat(statement: Statement & { kind: 'while' }, frame: Frame): End {
    const { evaluator, machine } = this;
    const { test, testsLast = false, step } = statement;
    const outer = frame.scope;
    const body = (): End => {
      if (!testsLast) evaluator.evaluate(test, frame.scope);
      const end = this.block(statement.body, frame);
      if (testsLast) evaluator.evaluate(test, frame.scope);
      if (step !== undefined) evaluator.evaluate(step, frame.scope);
      return end;
    };
    const exact = this.exactly(frame, () => {
      for (let isTested = !testsLast; ; isTested = true) {
        machine.step();
        const known = isTested ? machine.language.truth(evaluator.evaluate(test, frame.scope)) : true;
        if (known === null) throw new UnknownLoop();
        if (!known) return this.block(statement.otherwise, frame);
        const end = this.block(statement.body, frame);
        if (end === 'break') return 'next';
        if (end !== 'next' && end !== 'continue') return end;
        if (step === undefined) continue;
        // Functions that a pass makes keep the names of that pass.
        frame.scope = frame.scope.copy();
        evaluator.evaluate(step, frame.scope);
      }
    });
    frame.scope = outer;
    return exact ?? this.unknownPasses(body, frame);
  }

  /** Runs a loop whose passes are known; `null`, and nothing is changed, if it turns out that they are not. */
  private exactly(frame: Frame, work: () => End): End | null {
    const before = { isLossy: frame.isLossy, pending: frame.pending.length };
    const takeBack = this.machine.mark();
    frame.isLossy = false;
    let changes: Changes | null = null;
    let end: End = 'next';
    try {
      const made = this.machine.journal.attempt(work);
      ({ changes, result: end } = made);
    } catch (thrown) {
      if (!(thrown instanceof UnknownLoop)) throw thrown;
      frame.pending.length = before.pending;
      takeBack();
    } finally {
      frame.isLossy = before.isLossy;
    }
    if (changes === null) return null;
    this.machine.journal.apply(changes);
    return end;
  }

  /** A loop of which it is not known how often it runs: what it changes is not known in it or after it. */
  private unknownPasses(body: () => End, frame: Frame): End {
    const { machine } = this;
    const before = frame.isLossy;
    frame.isLossy = true;
    const first = machine.rehearse(body);
    machine.journal.lose(first.changes);
    const second = machine.speculate(body);
    machine.journal.lose(second.changes);
    frame.isLossy = before;
    if (second.result === 'return') frame.pending.push(frame.returned);
    return 'next';
  }

  private attempt(statement: Statement & { kind: 'try' }, frame: Frame): End {
    const { machine } = this;
    const isExpected = statement.handlers.length > 0;
    const body = () => {
      const end = this.block(statement.body, frame);
      return end === 'next' ? this.block(statement.otherwise, frame) : end;
    };
    const end = isExpected ? machine.guarded(body) : body();
    for (const handler of statement.handlers) {
      if (end === 'raise') continue;
      const { changes } = machine.rehearse(() => this.block(handler, frame));
      const ownChanges = new Map([...changes].filter(([cell, value]) => cell.value !== value));
      // What a handler sets is only reached if the body failed; a name that it alone sets is not known.
      for (const [cell, value] of ownChanges)
        if (isPlain(cell.value)) machine.set(cell, cell.join(cell.value, value));
    }
    const last = this.block(statement.last, frame);
    return last === 'next' ? end : last;
  }
}

const ROLES = ['staticmethod', 'classmethod', 'property'] as const;
/** Decorators that leave what a function gives. */
const TRANSPARENT =
  /^(builtins\.(staticmethod|classmethod|property)|tensorflow\.function|keras\.(saving|utils)\.register_keras_serializable)$/;

/** A value that an import or a failed attempt may have set differently. */
const isPlain = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind !== 'reference';

const newFrame = (scope: Scope): Frame => ({ scope, pending: [], returned: NONE, isLossy: true });

const isBlock = (body: FunctionValue['body']): body is readonly Statement[] => Array.isArray(body);

function outerNames(body: readonly Statement[]): string[] {
  return body.flatMap((statement) => (statement.kind === 'scope' ? statement.names : []));
}
