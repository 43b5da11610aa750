import type { Machine } from './machine';
import type { Value } from './values';

/** Forgets what code that is not seen may change of a value. */
export function lose(machine: Machine, value: Value): void {
  machine.step();
  switch (value.kind) {
    case 'list':
      for (const item of value.items.value ?? []) lose(machine, item);
      machine.set(value.items, null);
      break;
    case 'tuple':
      for (const item of value.items) lose(machine, item);
      break;
    case 'dict':
      for (const { value: held } of value.entries.value?.values() ?? []) lose(machine, held);
      machine.set(value.entries, null);
      break;
    case 'instance':
      machine.set(value.attributes, null);
      machine.set(value.weights, null);
      break;
    case 'model':
      if (value.className === 'Sequential') machine.set(value.state, value.state.lost);
      break;
  }
}
