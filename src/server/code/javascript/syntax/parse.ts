import { parser } from '@lezer/javascript';
import type { Statement } from '../../syntax/ast';
import { childrenOf } from '../../syntax/nodes';
import { PieceReader, type Syntax } from '../../syntax/pieces';
import { statementStarts } from './starts';
import { hoisted, StatementReader } from './statements';

/** @returns what reads texts of dialects of `@lezer/javascript`. */
export function syntaxOf(dialects: readonly string[]): Syntax {
  const configured = parser.configure({ dialect: dialects.join(' ') });
  return {
    starts: statementStarts,
    parse: (text) => configured.parse(text),
    read(tree, text) {
      const reader = new StatementReader(text);
      return childrenOf(tree.topNode).nodes.flatMap((node) => reader.read(node));
    },
  };
}

/** @returns what reads texts of dialects: the statements. Never fails: what cannot be parsed is `unknown`. */
export function parserOf(dialects: readonly string[]): (text: string) => readonly Statement[] {
  const reader = new PieceReader(syntaxOf(dialects));
  return (text) => hoisted(reader.statements(text));
}
