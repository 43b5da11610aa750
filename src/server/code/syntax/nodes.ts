import type { SyntaxNode, Tree } from '@lezer/common';

/** The children of a node without comments; `hasError` where some of its text cannot be parsed. */
export interface Children {
  readonly nodes: readonly SyntaxNode[];
  readonly hasError: boolean;
}

export function childrenOf(node: SyntaxNode): Children {
  const nodes: SyntaxNode[] = [];
  let hasError = false;
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    if (child.type.isError) hasError = true;
    else if (!child.name.endsWith('Comment')) nodes.push(child);
  }
  return { nodes, hasError };
}

/** Splits at nodes of that name, which are left out. `a, b,` gives two parts. */
export function splitAt(nodes: readonly SyntaxNode[], separator: string): SyntaxNode[][] {
  const parts: SyntaxNode[][] = [];
  let part: SyntaxNode[] = [];
  for (const node of nodes) {
    if (node.name === separator) {
      parts.push(part);
      part = [];
    } else part.push(node);
  }
  if (part.length > 0) parts.push(part);
  return parts;
}

/** The names that occur anywhere in a node. */
export function namesIn(node: SyntaxNode, text: string): string[] {
  const names = new Set<string>();
  node.cursor().iterate((inner) => {
    if (inner.name === 'VariableName' || inner.name === 'VariableDefinition')
      names.add(text.slice(inner.from, inner.to));
  });
  return [...names];
}

/** Whether some of a text cannot be parsed. */
export function hasErrors(tree: Tree): boolean {
  let found = false;
  tree.iterate({
    enter(node) {
      if (node.type.isError) found = true;
      return !found;
    },
  });
  return found;
}
