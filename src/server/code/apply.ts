import { construct } from './classes/construct';
import { methodOf } from './classes/members';
import { callLayer } from './keras/call';
import { callModel } from './keras/models';
import { lose } from './lose';
import type { Arguments, Machine } from './machine';
import type { CallExpression } from './syntax/ast';
import { type FunctionValue, type Instance, OPAQUE, type Super, UNKNOWN, type Value } from './values';

/** Calls values. */
export class Applier {
  constructor(
    private readonly machine: Machine,
    private readonly callFunction: (callee: FunctionValue, given: Arguments, method?: Super) => Value,
  ) {}

  apply(callee: Value, given: Arguments, site: CallExpression): Value {
    const { machine } = this;
    machine.step();
    machine.language.note(machine, callee, given, site);
    switch (callee.kind) {
      case 'reference':
        return machine.language.call(machine, callee.path, given, site) ?? this.unseen(given);
      case 'function':
        if (callee.isDecorated) return this.unseen(given);
        return this.callFunction(callee, given);
      case 'bound': {
        const { callee: method, self, owner } = callee;
        const all = { ...given, positional: [self, ...given.positional] };
        if (method.isDecorated) return this.unseen(all);
        return this.callFunction(method, all, { kind: 'super', self, owner });
      }
      case 'partial':
        return this.apply(callee.callee, joined(callee.given, given), site);
      case 'class':
        return construct(machine, callee, given, site) ?? this.unseen(given);
      case 'instance':
        return this.instance(callee, given, site);
      case 'layer':
        return callLayer(machine, callee, given, site);
      case 'model':
        return callModel(machine, callee, given, site);
      case 'method':
        return machine.language.callMethod(machine, callee, given, site) ?? this.unseen(given);
      case 'unknown':
        return callee.fromCode ? this.unseen(given) : UNKNOWN;
      default:
        return this.unseen(given);
    }
  }

  private instance(object: Instance, given: Arguments, site: CallExpression): Value {
    const own = methodOf(object, '__call__');
    if (own !== null) return this.apply(own, given, site);
    const base = object.base.value;
    if (base === null || (base.kind === 'model' && methodOf(object, 'call') !== null))
      return this.unseen(given);
    return this.apply(base, given, site);
  }

  /** A call of code that is not seen. */
  private unseen(given: Arguments): Value {
    for (const value of [...given.positional, ...given.named.values()]) lose(this.machine, value);
    this.machine.loseNames();
    return OPAQUE;
  }
}

/** The arguments of two calls as one; of a name that both have, the second. */
const joined = (a: Arguments, b: Arguments): Arguments => ({
  positional: [...a.positional, ...b.positional],
  named: new Map([...a.named, ...b.named]),
  isOpen: a.isOpen || b.isOpen,
});
