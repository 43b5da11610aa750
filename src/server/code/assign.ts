import { setAttribute } from './classes/members';
import type { Machine } from './machine';
import type { Expression } from './syntax/ast';
import { itemsOf, keyOf, list, type Scope, UNKNOWN, type Value } from './values';

/** Assigns to a name, a list of targets, an item or an attribute. */
export class Assigner {
  constructor(
    private readonly machine: Machine,
    private readonly evaluate: (expression: Expression, scope: Scope) => Value,
  ) {}

  assign(target: Expression, value: Value, scope: Scope): void {
    const { machine } = this;
    switch (target.kind) {
      case 'name':
        machine.mention(target, value);
        machine.set(scope.own(target.name), value);
        break;
      case 'list':
      case 'tuple':
        this.unpack(target.items, value, scope);
        break;
      case 'starred':
        this.assign(target.value, value, scope);
        break;
      case 'index':
        this.assignItem(this.evaluate(target.object, scope), this.evaluate(target.index, scope), value);
        break;
      case 'attribute': {
        const object = this.evaluate(target.object, scope);
        machine.mention(target, value);
        if (object.kind === 'instance') setAttribute(machine, object, target.name, value);
        break;
      }
      default:
        break;
    }
  }

  private unpack(targets: readonly Expression[], value: Value, scope: Scope): void {
    const items = this.machine.language.itemsIn(value);
    const star = targets.findIndex((target) => target.kind === 'starred');
    for (const [i, target] of targets.entries()) {
      if (items === null) this.assign(target, value.kind === 'unknown' ? value : UNKNOWN, scope);
      else if (star < 0 || i < star) this.assign(target, items[i] ?? UNKNOWN, scope);
      else {
        const after = targets.length - i - 1;
        const end = items.length - after;
        this.assign(target, i === star ? list(items.slice(star, end)) : (items[end - 1] ?? UNKNOWN), scope);
      }
    }
  }

  private assignItem(object: Value, index: Value, value: Value): void {
    const { machine } = this;
    if (object.kind === 'dict') {
      const key = keyOf(index);
      const entries = object.entries.value;
      const isKnown = key !== null && entries !== null;
      machine.set(object.entries, isKnown ? new Map(entries).set(key, { key: index, value }) : null);
    } else if (object.kind === 'list') {
      const items = itemsOf(object);
      const at = index.kind === 'number' && items !== null ? (index.value + items.length) % items.length : -1;
      machine.set(object.items, items !== null && at >= 0 ? items.with(at, value) : null);
    }
  }
}
