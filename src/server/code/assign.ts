import type { Cell } from './cell';
import { setAttribute } from './classes/members';
import type { Machine } from './machine';
import type { Declaring, DictEntry, Expression } from './syntax/ast';
import { dict, itemsOf, keyOf, list, type Scope, string, UNDEFINED, UNKNOWN, type Value } from './values';

/** Assigns to a name, a list of targets, an item or an attribute. */
export class Assigner {
  constructor(
    private readonly machine: Machine,
    private readonly evaluate: (expression: Expression, scope: Scope) => Value,
    private readonly attribute: (object: Value, name: string) => Value,
  ) {}

  /** @param declares of a target that makes new names */
  assign(target: Expression, value: Value, scope: Scope, declares?: Declaring): void {
    const { machine } = this;
    switch (target.kind) {
      case 'name':
        machine.mention(target, value);
        machine.set(this.cellOf(target.name, scope, declares), value);
        break;
      case 'list':
      case 'tuple':
        this.unpack(target.items, value, scope, declares);
        break;
      case 'starred':
        this.assign(target.value, value, scope, declares);
        break;
      case 'dict':
        this.takeApart(target.entries, value, scope, declares);
        break;
      case 'assignment': {
        const isGiven = value.kind !== 'none' || value.isUndefined !== true;
        this.assign(target.target, isGiven ? value : this.evaluate(target.value, scope), scope, declares);
        break;
      }
      case 'index':
        this.assignItem(this.evaluate(target.object, scope), this.evaluate(target.index, scope), value);
        break;
      case 'attribute': {
        const object = this.evaluate(target.object, scope);
        machine.mention(target, value);
        if (object.kind === 'instance') setAttribute(machine, object, target.name, value);
        else if (object.kind === 'dict') this.assignItem(object, string(target.name), value);
        break;
      }
      default:
        break;
    }
  }

  private cellOf(name: string, scope: Scope, declares: Declaring | undefined): Cell<Value> {
    if (declares === 'function') return scope.ofFunction.own(name);
    if (declares === 'block' || !this.machine.language.isBlockScoped) return scope.own(name);
    return scope.find(name) ?? scope.own(name);
  }

  /** `{ a, b: c, ...rest } = value`. */
  private takeApart(
    entries: readonly DictEntry[],
    value: Value,
    scope: Scope,
    declares: Declaring | undefined,
  ): void {
    const taken = new Set<string>();
    for (const { key, value: target } of entries) {
      const name = key === null ? null : this.evaluate(key, scope);
      if (name === null) this.assign(target, restOf(value, taken), scope, declares);
      else if (name.kind !== 'string') this.assign(target, UNKNOWN, scope, declares);
      else {
        taken.add(keyOf(name) ?? '');
        this.assign(target, this.attribute(value, name.value), scope, declares);
      }
    }
  }

  private unpack(
    targets: readonly Expression[],
    value: Value,
    scope: Scope,
    declares: Declaring | undefined,
  ): void {
    const items = this.machine.language.itemsIn(value);
    const star = targets.findIndex((target) => target.kind === 'starred');
    for (const [i, target] of targets.entries()) {
      if (items === null) this.assign(target, value.kind === 'unknown' ? value : UNKNOWN, scope, declares);
      else if (star < 0 || i < star) this.assign(target, items[i] ?? this.missing, scope, declares);
      else {
        const after = targets.length - i - 1;
        const end = items.length - after;
        this.assign(
          target,
          i === star ? list(items.slice(star, end)) : (items[end - 1] ?? UNKNOWN),
          scope,
          declares,
        );
      }
    }
  }

  /** What a target takes of which there are not enough items; Python refuses that. */
  private get missing(): Value {
    return this.machine.language.isBlockScoped ? UNDEFINED : UNKNOWN;
  }

  private assignItem(object: Value, index: Value, value: Value): void {
    const { machine } = this;
    const { isBlockScoped } = machine.language;
    if (object.kind === 'dict') {
      // In JavaScript the keys of objects are texts.
      const given = isBlockScoped && index.kind === 'number' ? string(String(index.value)) : index;
      const key = keyOf(given);
      const entries = object.entries.value;
      const isKnown = key !== null && entries !== null;
      machine.set(object.entries, isKnown ? new Map(entries).set(key, { key: given, value }) : null);
    } else if (object.kind === 'list') {
      const items = itemsOf(object);
      const at = index.kind === 'number' ? index.value : Number.NaN;
      machine.set(object.items, items === null ? null : withItem(items, at, value, isBlockScoped));
    }
  }
}

/** The items with another one at an index; `null` where none is there. Python counts negative ones from the end, JavaScript adds behind the last. */
function withItem(
  items: readonly Value[],
  index: number,
  value: Value,
  adds: boolean,
): readonly Value[] | null {
  if (adds && index === items.length) return [...items, value];
  const at = adds || index >= 0 ? index : index + items.length;
  return Number.isInteger(at) && at >= 0 && at < items.length ? items.with(at, value) : null;
}

/** The entries that were not taken. */
function restOf(value: Value, taken: ReadonlySet<string>): Value {
  const entries = value.kind === 'dict' ? value.entries.value : null;
  return entries === null ? UNKNOWN : dict(new Map([...entries].filter(([key]) => !taken.has(key))));
}
