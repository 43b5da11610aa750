import * as l10n from '@vscode/l10n';
import { damaged } from '../damaged';
import type { OpNode } from './graphDef';

/**
 * The operations that `starts` depend on, and `starts`, each after those whose values it takes.
 * @throws Failure `bad-config` for a cycle that is not a loop.
 */
export function operationsInOrder(nodes: ReadonlyMap<string, OpNode>, starts: Iterable<OpNode>): OpNode[] {
  const order: OpNode[] = [];
  const state = new Map<string, 'open' | 'done'>();
  for (const start of starts) {
    // An explicit stack: chains are thousands of operations long.
    const stack = [start];
    for (let node = stack.at(-1); node; node = stack.at(-1)) {
      // A `NextIteration` closes the cycle of a loop: its input comes after it.
      const needed = node.op === 'NextIteration' || state.get(node.name) === 'done' ? [] : node.inputs;
      const missing = needed.filter((ref) => nodes.has(ref.node) && state.get(ref.node) !== 'done');
      if (missing.length === 0) {
        if (state.get(node.name) !== 'done') order.push(node);
        state.set(node.name, 'done');
        stack.pop();
        continue;
      }
      if (state.get(node.name) === 'open')
        damaged(l10n.t('Operation "{0}" takes its own value.', node.name), node.name);
      state.set(node.name, 'open');
      for (const ref of missing) {
        const next = nodes.get(ref.node);
        if (next) stack.push(next);
      }
    }
  }
  return order;
}
