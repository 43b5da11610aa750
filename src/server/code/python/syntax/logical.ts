import type { SyntaxNode } from '@lezer/common';
import type { Expression } from '../../syntax/ast';
import { childrenOf } from '../../syntax/nodes';

/** `a and not b or c`: one operand more than there are operators. */
interface Chain {
  readonly operands: readonly Expression[];
  readonly operators: readonly ('and' | 'or')[];
}

/** Longer chains are read in parts. */
const MAX_LINKS = 50;

/** An `and`, `or` or `not` with Python's precedence. `@lezer/python` 1.1 reads `not a and b` as `not (a and b)`. */
export function logical(node: SyntaxNode, read: (node: SyntaxNode) => Expression): Expression {
  return joined(chainOf(node, read, 0), { from: node.from, to: node.to });
}

export const isLogical = (nodes: readonly SyntaxNode[]): boolean =>
  nodes.length === 3 && (nodes[1]?.name === 'and' || nodes[1]?.name === 'or');

export const isNegation = (nodes: readonly SyntaxNode[]): boolean =>
  nodes.length === 2 && nodes[0]?.name === 'not';

function chainOf(node: SyntaxNode, read: (node: SyntaxNode) => Expression, links: number): Chain {
  const { nodes } = childrenOf(node);
  const [first, second, third] = nodes;
  if (links > 0 && (links > MAX_LINKS || !/^(Binary|Unary)Expression$/.test(node.name)))
    return { operands: [read(node)], operators: [] };
  if (isLogical(nodes) && first && third) {
    const left = chainOf(first, read, links + 1);
    const right = chainOf(third, read, links + 1);
    return {
      operands: [...left.operands, ...right.operands],
      operators: [...left.operators, second?.name === 'and' ? 'and' : 'or', ...right.operators],
    };
  }
  if (isNegation(nodes) && second) {
    const { operands, operators } = chainOf(second, read, links + 1);
    const negated = operands.map((operand, i): Expression => {
      const span = { from: node.from, to: operand.to };
      return i === 0 ? { ...span, kind: 'unary', operator: 'not', operand } : operand;
    });
    return { operands: negated, operators };
  }
  return { operands: [read(node)], operators: [] };
}

/** `and` binds more tightly than `or`. */
function joined(
  { operands, operators }: Chain,
  span: { readonly from: number; readonly to: number },
): Expression {
  const groups: Expression[][] = [[]];
  for (const [i, operand] of operands.entries()) {
    if (operators[i - 1] === 'or') groups.push([]);
    groups.at(-1)?.push(operand);
  }
  const join = (operator: 'and' | 'or') => (left: Expression, right: Expression) =>
    ({ kind: 'logical', operator, left, right, from: left.from, to: right.to }) satisfies Expression;
  return { ...groups.map((group) => group.reduce(join('and'))).reduce(join('or')), ...span };
}
