import { parser } from '@lezer/javascript';
import type { Statement } from '../../syntax/ast';
import { childrenOf, hasErrors } from '../../syntax/nodes';
import { LastReading, type Part } from '../../syntax/reuse';
import { hoisted, StatementReader } from './statements';

/** @returns what reads texts of dialects of `@lezer/javascript`: the statements. Never fails: what cannot be parsed is `unknown`. */
export function parserOf(dialects: readonly string[]): (text: string) => readonly Statement[] {
  const configured = parser.configure({ dialect: dialects.join(' ') });
  const last = new LastReading();
  /** @returns isWhole whether the text has no errors; around them a tree depends on where the parser starts. */
  const partsOf = (text: string): { readonly parts: readonly Part[]; readonly isWhole: boolean } => {
    const tree = configured.parse(text);
    const reader = new StatementReader(text);
    const parts = childrenOf(tree.topNode).nodes.map(
      (node): Part => ({ from: node.from, to: node.to, statements: reader.read(node) }),
    );
    return { parts, isWhole: !hasErrors(tree) };
  };
  return (text) => {
    const reused = last.reuse(text, (piece) => {
      const { parts, isWhole } = partsOf(piece);
      return isWhole ? parts : null;
    });
    const { parts, isWhole } = reused === null ? partsOf(text) : { parts: reused, isWhole: true };
    if (isWhole) last.remember(text, parts);
    return hoisted(parts.flatMap(({ statements }) => statements));
  };
}
