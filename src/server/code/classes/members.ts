import type { Machine } from '../machine';
import type { BoundMethod, ClassValue, Instance, Super, Value } from '../values';

/** A class, then those that it derives from, as Python looks attributes up where no two share a base. */
export function lineage(start: ClassValue): readonly ClassValue[] {
  const found: ClassValue[] = [];
  const walk = (value: Value): void => {
    if (value.kind !== 'class' || found.includes(value)) return;
    found.push(value);
    value.bases.forEach(walk);
  };
  walk(start);
  return found;
}

interface Member {
  readonly value: Value;
  readonly owner: ClassValue;
}

/** What a class or one of its bases defines. */
export function memberOf(classes: readonly ClassValue[], name: string): Member | null {
  for (const owner of classes) {
    const value = owner.scope.member(name);
    if (value !== undefined) return { value, owner };
  }
  return null;
}

/** A method that the class or one of its bases defines. */
export function methodOf(instance: Instance, name: string): BoundMethod | null {
  const found = memberOf(lineage(instance.class), name);
  if (found?.value.kind !== 'function') return null;
  return { kind: 'bound', callee: found.value, self: instance, owner: found.owner };
}

/** `self.name = value`. */
export function setAttribute(machine: Machine, instance: Instance, name: string, value: Value): void {
  const known = instance.attributes.value;
  machine.set(instance.attributes, known === null ? null : new Map(known).set(name, value));
}

/** Looks attributes up; `null` where the program defines none. */
export class Members {
  constructor(private readonly machine: Machine) {}

  ofInstance(instance: Instance, name: string): Value | null {
    const own = instance.attributes.value?.get(name);
    if (own !== undefined) return own;
    return this.bound(memberOf(lineage(instance.class), name), instance);
  }

  ofClass(of: ClassValue, name: string): Value | null {
    const found = memberOf(lineage(of), name);
    if (found?.value.kind !== 'function' || found.value.role !== 'class') return found?.value ?? null;
    return { kind: 'bound', callee: found.value, self: of, owner: found.owner };
  }

  ofSuper({ self, owner }: Super, name: string): Value | null {
    const start = self.kind === 'instance' ? self.class : owner;
    const classes = lineage(start);
    return this.bound(memberOf(classes.slice(classes.indexOf(owner) + 1), name), self);
  }

  private bound(found: Member | null, self: Value): Value | null {
    if (found?.value.kind !== 'function' || found.value.role === 'static') return found?.value ?? null;
    const { owner, value: callee } = found;
    const object = callee.role === 'class' && self.kind === 'instance' ? self.class : self;
    const method: BoundMethod = { kind: 'bound', callee, self: object, owner };
    if (callee.role !== 'property' || self.kind !== 'instance') return method;
    return this.machine.hooks.apply(method, { positional: [], named: new Map(), isOpen: false }, self.site);
  }
}
