import { Assigner } from './assign';
import { Members } from './classes/members';
import type { Arguments, Language, Machine } from './machine';
import type { Clause, Comparison, Expression, FormatPart } from './syntax/ast';
import {
  boolean,
  type DictEntry,
  dict,
  type FunctionValue,
  type Instance,
  itemsOf,
  joinValues,
  keyOf,
  list,
  NONE,
  OPAQUE,
  reference,
  Scope,
  string,
  tuple,
  UNKNOWN,
  type Value,
} from './values';

/** The name of what `super()` is in a method; no program can have it. */
export const SUPER = ' super';

/** Finds the values of expressions. */
export class Evaluator {
  /** Modules that the program imported everything from (`from keras.layers import *`). */
  readonly stars: string[] = [];

  readonly assigner: Assigner;
  private readonly language: Language;
  private readonly members: Members;

  constructor(readonly machine: Machine) {
    this.language = machine.language;
    this.members = new Members(machine);
    this.assigner = new Assigner(
      machine,
      (expression, scope) => this.evaluate(expression, scope),
      (object, name) => this.attribute(object, name),
    );
  }

  evaluate(expression: Expression, scope: Scope): Value {
    this.machine.step();
    switch (expression.kind) {
      case 'name':
        return this.mentioned(expression, this.name(expression.name, scope));
      case 'number':
        return { kind: 'number', value: expression.value, isFloat: expression.isFloat };
      case 'string':
        return string(expression.value);
      case 'boolean':
        return boolean(expression.value);
      case 'none':
        return NONE;
      case 'ellipsis':
        return { kind: 'ellipsis' };
      case 'format':
        return this.format(expression.parts, scope);
      case 'list':
        return list(this.items(expression.items, scope));
      case 'tuple': {
        const items = this.items(expression.items, scope);
        return items === null ? UNKNOWN : tuple(items);
      }
      case 'dict':
        return this.dict(expression.entries, scope);
      case 'starred':
        this.evaluate(expression.value, scope);
        return UNKNOWN;
      case 'attribute': {
        const value = this.attribute(this.evaluate(expression.object, scope), expression.name);
        return this.mentioned(expression, value);
      }
      case 'index': {
        const object = this.evaluate(expression.object, scope);
        const index = this.evaluate(expression.index, scope);
        return this.language.indexed(this.machine, object, index, expression);
      }
      case 'slice': {
        const bound = (part: Expression | null) => (part === null ? NONE : this.evaluate(part, scope));
        return {
          kind: 'slice',
          start: bound(expression.start),
          stop: bound(expression.stop),
          step: bound(expression.step),
        };
      }
      case 'call': {
        const callee = this.evaluate(expression.callee, scope);
        if (callee.kind === 'reference' && callee.path === 'builtins.super')
          return scope.find(SUPER)?.value ?? OPAQUE;
        const given = this.arguments(expression.arguments, scope);
        return this.machine.hooks.apply(callee, given, expression);
      }
      case 'binary':
        return this.binary(expression, scope);
      case 'unary': {
        const operand = this.evaluate(expression.operand, scope);
        return this.language.unary(this.machine, expression.operator, operand, expression);
      }
      case 'compare':
        return this.compare(expression.first, expression.rest, scope, expression);
      case 'logical':
        return this.logical(expression, scope);
      case 'conditional':
        return this.conditional(expression, scope);
      case 'lambda':
        return this.lambda(expression, scope);
      case 'comprehension':
        return this.comprehension(expression, scope);
      case 'assignment': {
        const value = this.evaluate(expression.value, scope);
        this.assigner.assign(expression.target, value, scope);
        return value;
      }
      case 'unknown':
        for (const part of expression.parts) this.evaluate(part, scope);
        return OPAQUE;
    }
  }

  private lambda(
    { parameters, body }: Extract<Expression, { readonly kind: 'lambda' }>,
    scope: Scope,
  ): FunctionValue {
    const made: FunctionValue = {
      kind: 'function',
      name: 'lambda',
      parameters,
      fallbacks: this.fallbacks(parameters, scope),
      body,
      scope,
      isDecorated: false,
      role: null,
    };
    if (Array.isArray(body)) this.machine.defined.push(made);
    return made;
  }

  private mentioned(at: Expression, value: Value): Value {
    this.machine.mention(at, value);
    return value;
  }

  private name(name: string, scope: Scope): Value {
    const found = scope.find(name);
    if (found !== undefined) return found.value;
    return this.language.global(name, this.stars);
  }

  private format(parts: readonly (string | FormatPart)[], scope: Scope): Value {
    const texts = parts.map((part) =>
      typeof part === 'string' ? part : this.language.textIn(this.evaluate(part.value, scope), part.spec),
    );
    return texts.every((text) => text !== null) ? string(texts.join('')) : UNKNOWN;
  }

  /** `null` where it is not known how many there are. */
  private items(expressions: readonly Expression[], scope: Scope): readonly Value[] | null {
    const parts = expressions.map((item): readonly Value[] | null =>
      item.kind === 'starred'
        ? this.language.itemsIn(this.evaluate(item.value, scope))
        : [this.evaluate(item, scope)],
    );
    return parts.every((part) => part !== null) ? parts.flat() : null;
  }

  private dict(
    entries: readonly { readonly key: Expression | null; readonly value: Expression }[],
    scope: Scope,
  ): Value {
    const found = new Map<string, DictEntry>();
    let isKnown = true;
    for (const { key, value } of entries) {
      const held = this.evaluate(value, scope);
      if (key === null) {
        if (held.kind === 'dict' && held.entries.value !== null)
          for (const [name, entry] of held.entries.value) found.set(name, entry);
        // `...(condition && { a: 1 })` adds nothing where the condition does not hold.
        else if (held.kind !== 'none' && held.kind !== 'boolean') isKnown = false;
        continue;
      }
      const keyValue = this.evaluate(key, scope);
      const name = keyOf(keyValue);
      if (name === null) isKnown = false;
      else found.set(name, { key: keyValue, value: held });
    }
    return dict(isKnown ? found : null);
  }

  attribute(object: Value, name: string): Value {
    switch (object.kind) {
      case 'reference':
        return reference(this.language.canonicalPath(`${object.path}.${name}`));
      case 'layer':
      case 'model': {
        const instance = object.kind === 'layer' ? object.custom?.instance : object.instance;
        const own = instance === undefined ? null : this.members.ofInstance(instance, name);
        return own ?? this.language.layerAttribute(object, name) ?? { kind: 'method', object, name };
      }
      case 'instance':
        return this.members.ofInstance(object, name) ?? this.inherited(object, name);
      case 'class':
        return this.members.ofClass(object, name) ?? OPAQUE;
      case 'super':
        return this.members.ofSuper(object, name) ?? { kind: 'method', object, name };
      case 'unknown':
        return object;
      default:
        return this.language.attribute(object, name);
    }
  }

  arguments(
    given: readonly {
      readonly name: string | null;
      readonly spread: '' | '*' | '**';
      readonly value: Expression;
    }[],
    scope: Scope,
  ): Arguments {
    const positional: Value[] = [];
    const named = new Map<string, Value>();
    let isOpen = false;
    for (const { name, spread, value } of given) {
      const held = this.evaluate(value, scope);
      if (spread === '*') {
        const items = this.language.itemsIn(held);
        if (items === null) isOpen = true;
        else positional.push(...items);
      } else if (spread === '**') {
        if (held.kind !== 'dict' || held.entries.value === null) isOpen = true;
        else
          for (const entry of held.entries.value.values())
            if (entry.key.kind === 'string') named.set(entry.key.value, entry.value);
      } else if (name === null) positional.push(held);
      else named.set(name, held);
    }
    return { positional, named, isOpen };
  }

  /** What an instance has of Keras. */
  private inherited(object: Instance, name: string): Value {
    const base = object.base.value;
    const known = base === null ? null : this.language.layerAttribute(base, name);
    return known ?? { kind: 'method', object, name };
  }

  private binary(expression: Expression & { kind: 'binary' }, scope: Scope): Value {
    const left = this.evaluate(expression.left, scope);
    const right = this.evaluate(expression.right, scope);
    return this.operate(expression.operator, left, right, expression);
  }

  operate(operator: string, left: Value, right: Value, at: Expression): Value {
    const result = this.language.binary(this.machine, operator, left, right, at);
    this.machine.step(Math.ceil(sizeOf(result) / VALUES_PER_STEP));
    return result;
  }

  private compare(first: Expression, rest: readonly Comparison[], scope: Scope, at: Expression): Value {
    let left = this.evaluate(first, scope);
    let result: Value = boolean(true);
    for (const { operator, right: expression } of rest) {
      const right = this.evaluate(expression, scope);
      result = this.language.compare(this.machine, operator, left, right, at);
      if (this.language.truth(result) !== true) return result;
      left = right;
    }
    return result;
  }

  private logical(expression: Expression & { kind: 'logical' }, scope: Scope): Value {
    const left = this.evaluate(expression.left, scope);
    if (expression.operator === 'nullish' && left.kind === 'none')
      return this.evaluate(expression.right, scope);
    const known = expression.operator === 'nullish' ? isThere(left) : this.language.truth(left);
    if (known === null) {
      const { result: right, changes } = this.machine.speculate(() => this.evaluate(expression.right, scope));
      this.machine.journal.lose(changes);
      // `unknown and False` is false-like whatever the left side is, but its value is not known.
      return joinValues(left, right).kind === 'unknown' ? UNKNOWN : joinValues(left, right);
    }
    const isDecided = expression.operator === 'and' ? !known : known;
    return isDecided ? left : this.evaluate(expression.right, scope);
  }

  private conditional(expression: Expression & { kind: 'conditional' }, scope: Scope): Value {
    const known = this.language.truth(this.evaluate(expression.test, scope));
    if (known !== null) return this.evaluate(known ? expression.whenTrue : expression.whenFalse, scope);
    const { machine } = this;
    const then = machine.speculate(() => this.evaluate(expression.whenTrue, scope));
    const otherwise = machine.speculate(() => this.evaluate(expression.whenFalse, scope));
    machine.journal.applyEither(then.changes, otherwise.changes);
    return joinValues(then.result, otherwise.result);
  }

  fallbacks(
    parameters: readonly { readonly name: string; readonly fallback: Expression | null }[],
    scope: Scope,
  ): ReadonlyMap<string, Value> {
    if (this.language.isBlockScoped) return new Map();
    return new Map(
      parameters.flatMap(({ name, fallback }): [string, Value][] =>
        fallback === null ? [] : [[name, this.evaluate(fallback, scope)]],
      ),
    );
  }

  private comprehension(expression: Expression & { kind: 'comprehension' }, scope: Scope): Value {
    const found: Value[][] = [];
    const inner = new Scope(scope);
    const isKnown = this.clauses(expression.clauses, inner, () => {
      found.push(expression.element.map((part) => this.evaluate(part, inner)));
    });
    if (!isKnown) return expression.makes === 'list' ? list(null) : UNKNOWN;
    if (expression.makes === 'list') return list(found.map(([item = UNKNOWN]) => item));
    if (expression.makes === 'other') return UNKNOWN;
    const entries = new Map<string, DictEntry>();
    for (const [key = UNKNOWN, value = UNKNOWN] of found) {
      const name = keyOf(key);
      if (name === null) return dict(null);
      entries.set(name, { key, value });
    }
    return dict(entries);
  }

  /** Runs `body` for each combination; returns whether they are all known. */
  private clauses(clauses: readonly Clause[], scope: Scope, body: () => void): boolean {
    const [clause, ...rest] = clauses;
    if (clause === undefined) {
      body();
      return true;
    }
    const items = this.language.itemsIn(this.evaluate(clause.iterable, scope));
    if (items === null) {
      const { changes } = this.machine.speculate(() => {
        this.assigner.assign(clause.target, UNKNOWN, scope);
        this.clauses(rest, scope, body);
      });
      this.machine.journal.lose(changes);
      return false;
    }
    for (const item of items) {
      this.machine.step();
      this.assigner.assign(clause.target, item, scope);
      const tests = clause.conditions.map((condition) =>
        this.language.truth(this.evaluate(condition, scope)),
      );
      if (tests.includes(null)) return false;
      if (tests.every(Boolean) && !this.clauses(rest, scope, body)) return false;
    }
    return true;
  }
}

/** Whether a value is not JavaScript's null or undefined; `null` where that is not known. */
const isThere = ({ kind }: Value): true | null => (kind === 'unknown' || kind === 'reference' ? null : true);

/** How many items or letters of a result count as one step. */
const VALUES_PER_STEP = 16;

const sizeOf = (value: Value): number =>
  value.kind === 'string' ? value.value.length : (itemsOf(value)?.length ?? 0);
