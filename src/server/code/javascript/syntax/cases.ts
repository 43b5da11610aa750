import type { SyntaxNode } from '@lezer/common';
import { childrenOf } from '../../syntax/nodes';

/** Labels of a `switch` in a row, with what follows them. */
export interface Case {
  readonly tests: SyntaxNode[];
  isDefault: boolean;
  readonly statements: SyntaxNode[];
}

/** The cases in the body of a `switch`. */
export function casesOf(body: SyntaxNode): Case[] {
  const cases: Case[] = [];
  for (const part of childrenOf(body).nodes) {
    const last = cases.at(-1);
    if (part.name === 'CaseLabel' || part.name === 'DefaultLabel') {
      const test = childrenOf(part).nodes[1];
      const tests = part.name === 'CaseLabel' && test ? [test] : [];
      const isDefault = part.name === 'DefaultLabel';
      if (last?.statements.length === 0) {
        last.tests.push(...tests);
        last.isDefault ||= isDefault;
      } else cases.push({ tests, isDefault, statements: [] });
    } else if (last && part.name !== '{' && part.name !== '}') last.statements.push(part);
  }
  return cases;
}

/** The statements of a case without the `break` at its end. */
export const bodyOf = ({ statements }: Case): readonly SyntaxNode[] => withoutBreak(unwrapped(statements));

/** The statements of a case, which may be in a block. */
function unwrapped(statements: readonly SyntaxNode[]): readonly SyntaxNode[] {
  const [only] = statements;
  return statements.length === 1 && only?.name === 'Block' ? childrenOf(only).nodes.slice(1, -1) : statements;
}

const withoutBreak = (statements: readonly SyntaxNode[]): readonly SyntaxNode[] =>
  statements.at(-1)?.name === 'BreakStatement' ? statements.slice(0, -1) : statements;

/** Whether a case ends where the next one begins, and only there, and a default is the last one. */
export function isWhole({ statements, isDefault }: Case, isLast: boolean): boolean {
  const inner = unwrapped(statements);
  const isClosed = /^(Break|Return|Throw|Continue)Statement$/.test(inner.at(-1)?.name ?? '');
  return (isClosed || isLast) && (isLast || !isDefault) && !withoutBreak(inner).some(breaks);
}

/** Whether a statement may leave the `switch` around it. */
function breaks(node: SyntaxNode): boolean {
  let found = false;
  node.cursor().iterate(({ name }) => {
    if (name === 'BreakStatement') found = true;
  });
  return found;
}
