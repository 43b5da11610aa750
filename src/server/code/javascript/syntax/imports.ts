import type { SyntaxNode } from '@lezer/common';
import type { ImportedName, Statement } from '../../syntax/ast';
import { childrenOf, splitAt } from '../../syntax/nodes';
import { modulePath } from '../modules';

/** What an `import` binds. */
export function importOf(node: SyntaxNode, nodes: readonly SyntaxNode[], text: string): Statement {
  const textOf = (part: SyntaxNode): string => text.slice(part.from, part.to);
  const span = { from: node.from, to: node.to };
  const source = nodes.find(({ name }) => name === 'String');
  const path = source ? modulePath(text.slice(source.from + 1, source.to - 1)) : '';
  const names: ImportedName[] = [];
  for (const part of nodes) {
    // `import tf from` is what `import * as tf from` is, in modules that have no default.
    if (part.name === 'VariableDefinition') names.push({ name: textOf(part), path });
    if (part.name !== 'ImportGroup') continue;
    const listed = childrenOf(part).nodes.filter(({ name }) => name !== '{' && name !== '}');
    for (const item of splitAt(listed, ',')) {
      const local = item.at(-1);
      const [exported] = item.filter(({ name }) => name !== 'type');
      if (local?.name === 'VariableDefinition' && exported)
        names.push({
          name: textOf(local),
          path: `${path}.${textOf(exported)}`,
        });
    }
  }
  return { ...span, kind: 'import', names, star: null };
}
