import type { SyntaxNode } from '@lezer/common';
import { parser } from '@lezer/python';
import type { Expression, FunctionDefinition, ImportedName, Statement } from '../../syntax/ast';
import { childrenOf, namesIn, splitAt } from '../../syntax/nodes';
import { PieceReader, type Syntax } from '../../syntax/pieces';
import { ExpressionReader } from './expressions';
import { statementStarts } from './starts';

/** Beyond this depth of blocks a statement is unknown, so that no text exhausts the stack. */
const MAX_DEPTH = 100;

export const PYTHON_SYNTAX: Syntax = {
  starts: statementStarts,
  parse: (text) => parser.parse(text),
  read(tree, text) {
    const reader = new StatementReader(text);
    return childrenOf(tree.topNode).nodes.flatMap((node) => reader.read(node));
  },
};

const reader = new PieceReader(PYTHON_SYNTAX);

/** The statements of a Python text. Never fails: what cannot be parsed becomes `unknown`. */
export const parsePython = (text: string): readonly Statement[] => reader.statements(text);

class StatementReader {
  private readonly expressions: ExpressionReader;
  private depth = 0;

  constructor(private readonly text: string) {
    this.expressions = new ExpressionReader(text);
  }

  block(node: SyntaxNode): Statement[] {
    return childrenOf(node).nodes.flatMap((child) => (child.name === ':' ? [] : this.read(child)));
  }

  read(node: SyntaxNode): Statement[] {
    if (this.depth >= MAX_DEPTH) return [this.unknown(node)];
    this.depth++;
    try {
      return this.make(node, childrenOf(node).nodes);
    } finally {
      this.depth--;
    }
  }

  private unknown(node: SyntaxNode): Statement {
    return { kind: 'unknown', names: namesIn(node, this.text), from: node.from, to: node.to };
  }

  private make(node: SyntaxNode, nodes: readonly SyntaxNode[]): Statement[] {
    const span = { from: node.from, to: node.to };
    switch (node.name) {
      case 'ExpressionStatement':
        return [{ ...span, kind: 'expression', value: this.expressions.list(nodes) }];
      case 'AssignStatement':
        return [this.assignment(node, nodes)];
      case 'UpdateStatement': {
        const [target, operator, ...value] = nodes;
        if (!target || !operator || value.length === 0) return [this.unknown(node)];
        return [
          {
            ...span,
            kind: 'update',
            target: this.expressions.read(target),
            operator: this.expressions.textOf(operator).slice(0, -1),
            value: this.expressions.list(value),
          },
        ];
      }
      case 'FunctionDefinition':
        return [this.definition(node, nodes, [])];
      case 'ClassDefinition':
        return [this.classDefinition(node, nodes)];
      case 'DecoratedStatement':
        return this.decorated(nodes);
      case 'ImportStatement':
        return [this.imported(node, nodes)];
      case 'IfStatement':
        return [this.conditional(node, nodes)];
      case 'ForStatement':
        return [this.loop(node, nodes)];
      case 'WhileStatement': {
        const [body = [], otherwise = []] = this.bodies(nodes);
        const test = this.expressions.list(
          nodes.slice(
            1,
            nodes.findIndex((part) => part.name === 'Body'),
          ),
        );
        return [{ ...span, kind: 'while', test, body, otherwise }];
      }
      case 'WithStatement':
        return [this.context(node, nodes)];
      case 'TryStatement':
        return [this.attempt(node, nodes)];
      case 'StatementGroup':
        return nodes.flatMap((part) => (part.name === ';' ? [] : this.read(part)));
      case 'ReturnStatement': {
        const value = nodes.slice(1);
        return [{ ...span, kind: 'return', value: value.length > 0 ? this.expressions.list(value) : null }];
      }
      case 'BreakStatement':
        return [{ ...span, kind: 'break' }];
      case 'ContinueStatement':
        return [{ ...span, kind: 'continue' }];
      case 'RaiseStatement':
        return [{ ...span, kind: 'raise' }];
      case 'PassStatement':
      case 'AssertStatement':
        return [{ ...span, kind: 'pass' }];
      case 'DeleteStatement':
        return [
          {
            ...span,
            kind: 'delete',
            targets: splitAt(nodes.slice(1), ',').map((part) => this.expressions.list(part)),
          },
        ];
      case 'ScopeStatement': {
        const names = nodes.slice(1).filter((part) => part.name === 'VariableName');
        const where = nodes[0]?.name === 'nonlocal' ? 'nonlocal' : 'global';
        return [{ ...span, kind: 'scope', names: names.map((part) => this.expressions.textOf(part)), where }];
      }
      default:
        return [this.unknown(node)];
    }
  }

  private assignment(node: SyntaxNode, nodes: readonly SyntaxNode[]): Statement {
    const span = { from: node.from, to: node.to };
    const parts = splitAt(
      nodes.filter((part) => part.name !== 'TypeDef'),
      'AssignOp',
    );
    const value = parts.at(-1);
    // `x: int` alone assigns nothing.
    if (!nodes.some((part) => part.name === 'AssignOp')) return { ...span, kind: 'pass' };
    if (value === undefined || parts.length < 2) return this.unknown(node);
    return {
      ...span,
      kind: 'assign',
      targets: parts.slice(0, -1).map((part) => this.expressions.list(part)),
      value: this.expressions.list(value),
    };
  }

  private definition(
    node: SyntaxNode,
    nodes: readonly SyntaxNode[],
    decorators: readonly Expression[],
  ): FunctionDefinition {
    const name = nodes.find((part) => part.name === 'VariableName');
    const list = nodes.find((part) => part.name === 'ParamList');
    const [body = []] = this.bodies(nodes);
    return {
      kind: 'function',
      name: name ? this.expressions.textOf(name) : '',
      parameters: list ? this.expressions.parameters(list) : [],
      decorators,
      body,
      from: node.from,
      to: node.to,
    };
  }

  private classDefinition(node: SyntaxNode, nodes: readonly SyntaxNode[]): Statement {
    const name = nodes.find((part) => part.name === 'VariableName');
    const list = nodes.find((part) => part.name === 'ArgList');
    const bases = list ? this.expressions.arguments(childrenOf(list).nodes) : [];
    const [body = []] = this.bodies(nodes);
    return {
      kind: 'class',
      name: name ? this.expressions.textOf(name) : '',
      bases: bases.filter((base) => base.name === null).map((base) => base.value),
      body,
      from: node.from,
      to: node.to,
    };
  }

  private decorated(nodes: readonly SyntaxNode[]): Statement[] {
    const decorators = nodes
      .filter((part) => part.name === 'Decorator')
      .map((part) => this.expressions.list(childrenOf(part).nodes.slice(1)));
    return nodes
      .filter((part) => part.name !== 'Decorator')
      .flatMap((part) =>
        part.name === 'FunctionDefinition'
          ? [this.definition(part, childrenOf(part).nodes, decorators)]
          : this.read(part),
      );
  }

  private bodies(nodes: readonly SyntaxNode[]): Statement[][] {
    return nodes.filter((part) => part.name === 'Body').map((part) => this.block(part));
  }

  private imported(node: SyntaxNode, nodes: readonly SyntaxNode[]): Statement {
    const span = { from: node.from, to: node.to };
    const start = nodes.findIndex((part) => part.name === 'import');
    const joined = (parts: readonly SyntaxNode[]): string =>
      parts.map((part) => this.expressions.textOf(part)).join('');
    const isFrom = nodes[0]?.name === 'from';
    const source = isFrom ? joined(nodes.slice(1, start)) : '';
    const listed = nodes.slice(start + 1).filter((part) => part.name !== '(' && part.name !== ')');
    if (listed[0]?.name === '*') return { ...span, kind: 'import', names: [], star: source };
    const names = splitAt(listed, ',').map((part): ImportedName => {
      const as = part.findIndex((item) => item.name === 'as');
      const path = joined(as < 0 ? part : part.slice(0, as));
      const alias = as < 0 ? null : joined(part.slice(as + 1));
      if (isFrom) return { name: alias ?? path, path: `${source}.${path}` };
      // `import a.b` binds `a`.
      const root = path.split('.')[0] ?? path;
      return alias === null ? { name: root, path: root } : { name: alias, path };
    });
    return { ...span, kind: 'import', names, star: null };
  }

  /** `elif` is an `if` in the `else` of the one before. */
  private conditional(node: SyntaxNode, nodes: readonly SyntaxNode[]): Statement {
    const branches: { readonly test: Expression; readonly body: Statement[] }[] = [];
    let otherwise: Statement[] = [];
    let test: SyntaxNode[] = [];
    for (const part of nodes) {
      if (part.name === 'if' || part.name === 'elif' || part.name === 'else') test = [];
      else if (part.name !== 'Body') test.push(part);
      else if (test.length === 0) otherwise = this.block(part);
      else branches.push({ test: this.expressions.list(test), body: this.block(part) });
    }
    const span = { from: node.from, to: node.to };
    for (const branch of branches.reverse())
      otherwise = [{ ...span, kind: 'if', test: branch.test, whenTrue: branch.body, otherwise }];
    return otherwise[0] ?? this.unknown(node);
  }

  private loop(node: SyntaxNode, nodes: readonly SyntaxNode[]): Statement {
    const into = nodes.findIndex((part) => part.name === 'in');
    const at = nodes.findIndex((part) => part.name === 'Body');
    if (into < 0 || at < 0 || nodes[0]?.name !== 'for') return this.unknown(node);
    const [body = [], otherwise = []] = this.bodies(nodes);
    return {
      kind: 'for',
      target: this.expressions.list(nodes.slice(1, into)),
      iterable: this.expressions.list(nodes.slice(into + 1, at)),
      body,
      otherwise,
      from: node.from,
      to: node.to,
    };
  }

  private context(node: SyntaxNode, nodes: readonly SyntaxNode[]): Statement {
    const at = nodes.findIndex((part) => part.name === 'Body');
    const [body = []] = this.bodies(nodes);
    const listed = nodes.slice(1, at).filter((part) => part.name !== '(' && part.name !== ')');
    const items = splitAt(listed, ',').map((part) => {
      const as = part.findIndex((item) => item.name === 'as');
      const value = this.expressions.list(as < 0 ? part : part.slice(0, as));
      return { value, target: as < 0 ? null : this.expressions.list(part.slice(as + 1)) };
    });
    return { kind: 'with', items, body, from: node.from, to: node.to };
  }

  private attempt(node: SyntaxNode, nodes: readonly SyntaxNode[]): Statement {
    let at = '';
    const blocks = { try: [] as Statement[], except: [] as Statement[][], else: [] as Statement[] };
    let last: Statement[] = [];
    for (const part of nodes) {
      if (part.name !== 'Body') {
        if (['try', 'except', 'else', 'finally'].includes(part.name)) at = part.name;
        continue;
      }
      const body = this.block(part);
      if (at === 'try') blocks.try = body;
      else if (at === 'except') blocks.except.push(body);
      else if (at === 'else') blocks.else = body;
      else last = body;
    }
    return {
      kind: 'try',
      body: blocks.try,
      handlers: blocks.except,
      otherwise: blocks.else,
      last,
      from: node.from,
      to: node.to,
    };
  }
}
