import type { SyntaxNode } from '@lezer/common';
import type { Declaring, Expression, Parameter, Span, Statement } from '../../syntax/ast';
import { childrenOf, namesIn, splitAt } from '../../syntax/nodes';
import { bodyOf, casesOf, isWhole } from './cases';
import { ExpressionReader } from './expressions';
import { importOf } from './imports';

/** Beyond this depth of blocks a statement is unknown, so that no text exhausts the stack. */
const MAX_DEPTH = 100;

/** Declarations of types alone. */
const TYPES = /^(InterfaceDeclaration|TypeAliasDeclaration|AmbientDeclaration)$/;

/** Functions can be called above where they are written. */
export function hoisted(statements: readonly Statement[]): readonly Statement[] {
  const isFunction = ({ kind }: Statement): boolean => kind === 'function';
  if (!statements.some(isFunction)) return statements;
  return [...statements.filter(isFunction), ...statements.filter((one) => !isFunction(one))];
}

export class StatementReader {
  private readonly expressions: ExpressionReader;
  private depth = 0;

  constructor(private readonly text: string) {
    this.expressions = new ExpressionReader(text, (block) => this.body(block));
  }

  private body(node: SyntaxNode): readonly Statement[] {
    const inner = childrenOf(node).nodes.filter(({ name }) => name !== '{' && name !== '}');
    return hoisted(inner.flatMap((child) => this.read(child)));
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
    let returns = false;
    node.cursor().iterate(({ name }) => {
      if (name === 'ReturnStatement') returns = true;
    });
    return { kind: 'unknown', names: namesIn(node, this.text), returns, from: node.from, to: node.to };
  }

  private make(node: SyntaxNode, nodes: readonly SyntaxNode[]): Statement[] {
    const span = { from: node.from, to: node.to };
    const [first, second] = nodes;
    switch (node.name) {
      case 'ExpressionStatement':
        return first ? [{ ...span, kind: 'expression', value: this.expressions.read(first) }] : [];
      case 'VariableDeclaration':
        return this.declarations(node, nodes);
      case 'FunctionDeclaration':
        return [this.definition(node, nodes)];
      case 'ClassDeclaration':
        return [this.classDefinition(node, nodes)];
      case 'ImportDeclaration':
        return [importOf(node, nodes, this.text)];
      case 'ExportDeclaration':
        return nodes.some(({ name }) => name === 'default' || /Declaration$/.test(name))
          ? nodes.flatMap((part) => this.exported(part))
          : [];
      case 'Block':
        return [{ ...span, kind: 'block', body: this.body(node) }];
      case 'IfStatement':
        return [this.conditional(node, nodes)];
      case 'ForStatement':
        return [this.loop(node, nodes)];
      case 'WhileStatement': {
        const [, test, body] = nodes;
        if (!test || !body) return [this.unknown(node)];
        return [this.repeated(node, this.expressions.read(test), body, {})];
      }
      case 'DoStatement': {
        const test = nodes.find(({ name }) => name === 'ParenthesizedExpression');
        if (!test || !second) return [this.unknown(node)];
        return [this.repeated(node, this.expressions.read(test), second, { testsLast: true })];
      }
      case 'SwitchStatement':
        return [this.choice(node, nodes)];
      case 'TryStatement':
        return [this.attempt(node, nodes)];
      case 'ReturnStatement': {
        const value = nodes.find(({ name }) => name !== 'return' && name !== ';');
        return [{ ...span, kind: 'return', value: value ? this.expressions.read(value) : null }];
      }
      case 'BreakStatement':
      case 'ContinueStatement':
        // One that leaves an outer loop is not followed.
        if (nodes.some(({ name }) => name === 'Label')) return [this.unknown(node)];
        return [{ ...span, kind: node.name === 'BreakStatement' ? 'break' : 'continue' }];
      case 'ThrowStatement':
        return [{ ...span, kind: 'raise' }];
      case ';':
      case 'EmptyStatement':
        return [];
      default:
        return TYPES.test(node.name) ? [] : [this.unknown(node)];
    }
  }

  private exported(part: SyntaxNode): Statement[] {
    if (/Declaration$/.test(part.name)) return this.read(part);
    if (/^(export|default|;)$/.test(part.name)) return [];
    return [{ kind: 'expression', value: this.expressions.read(part), from: part.from, to: part.to }];
  }

  private declarations(node: SyntaxNode, nodes: readonly SyntaxNode[]): Statement[] {
    const [word, ...rest] = nodes;
    const declares = word?.name === 'var' ? 'function' : 'block';
    return splitAt(
      rest.filter(({ name }) => name !== ';'),
      ',',
    ).flatMap((part): Statement[] => {
      const [target] = part;
      const sign = part.findIndex(({ name }) => name === 'Equals');
      const value = sign < 0 ? undefined : part[sign + 1];
      if (target === undefined || !/^(VariableDefinition|ObjectPattern|ArrayPattern)$/.test(target.name))
        return [this.unknown(node)];
      const span = { from: target.from, to: value?.to ?? target.to };
      if (value === undefined && declares === 'function') return [];
      const made: Expression = value
        ? this.expressions.read(value)
        : { ...span, kind: 'name', name: 'undefined' };
      return [{ ...span, kind: 'assign', targets: [this.expressions.read(target)], value: made, declares }];
    });
  }

  private definition(node: SyntaxNode, nodes: readonly SyntaxNode[]): Statement {
    const name = nodes.find((part) => part.name === 'VariableDefinition');
    const list = nodes.find((part) => part.name === 'ParamList');
    const body = nodes.find((part) => part.name === 'Block');
    // A generator is not followed, and one without a body is a declaration of its type.
    if (!list || !body || nodes.some((part) => part.name === 'Star')) return this.unknown(node);
    return {
      kind: 'function',
      name: name ? this.expressions.textOf(name) : '',
      parameters: this.expressions.parameters(list),
      decorators: [],
      body: this.body(body),
      from: node.from,
      to: node.to,
    };
  }

  /** The methods of a class, whose first parameter is `this`; the constructor is called `__init__`, as in Python. */
  private classDefinition(node: SyntaxNode, nodes: readonly SyntaxNode[]): Statement {
    const name = nodes.find((part) => part.name === 'VariableDefinition');
    const body = nodes.find((part) => part.name === 'ClassBody');
    const at = nodes.findIndex((part) => part.name === 'extends');
    const base = at < 0 ? undefined : nodes[at + 1];
    if (name === undefined || body === undefined) return this.unknown(node);
    const members = childrenOf(body).nodes;
    const fields = members.flatMap((member) => this.field(member));
    const methods = members.flatMap((member) => this.method(member, fields));
    const span = { from: node.from, to: node.to };
    const isMade = methods.some((method) => method.kind === 'function' && method.name === '__init__');
    const initial: Statement[] =
      fields.length === 0 || isMade
        ? []
        : [{ ...span, kind: 'function', name: '__init__', parameters: [SELF], decorators: [], body: fields }];
    return {
      ...span,
      kind: 'class',
      name: this.expressions.textOf(name),
      bases: base ? [this.expressions.read(base)] : [],
      body: [...initial, ...methods],
    };
  }

  /** `x = 1;` in a class is `this.x = 1` in its constructor. */
  private field(member: SyntaxNode): Statement[] {
    const { nodes } = childrenOf(member);
    const at = nodes.findIndex(({ name }) => name === 'Equals');
    const name = nodes.find((part) => /^(PropertyDefinition|PrivatePropertyDefinition)$/.test(part.name));
    const value = at < 0 ? undefined : nodes[at + 1];
    const isStatic = nodes.some((part) => part.name === 'static');
    if (member.name !== 'PropertyDeclaration' || !name || !value || isStatic) return [];
    const span = { from: member.from, to: member.to };
    const object: Expression = { ...span, kind: 'name', name: 'this' };
    const target: Expression = { ...span, kind: 'attribute', object, name: this.expressions.textOf(name) };
    return [{ ...span, kind: 'assign', targets: [target], value: this.expressions.read(value) }];
  }

  private method(member: SyntaxNode, fields: readonly Statement[]): Statement[] {
    const { nodes } = childrenOf(member);
    const name = nodes.find((part) => /^(PropertyDefinition|PrivatePropertyDefinition)$/.test(part.name));
    const list = nodes.find((part) => part.name === 'ParamList');
    const body = nodes.find((part) => part.name === 'Block');
    const isPlain = !nodes.some((part) => /^(static|get|set|Star)$/.test(part.name));
    if (member.name !== 'MethodDeclaration' || !name || !list || !body || !isPlain) return [];
    const written = this.expressions.textOf(name);
    const isConstructor = written === 'constructor';
    const parameters = this.expressions.parameters(list);
    return [
      {
        kind: 'function',
        name: isConstructor ? '__init__' : written,
        parameters: [SELF, ...parameters],
        decorators: [],
        body: isConstructor ? [...fields, ...this.ownParameters(list), ...this.body(body)] : this.body(body),
        from: member.from,
        to: member.to,
      },
    ];
  }

  /** `constructor(private units: number)` keeps its argument. */
  private ownParameters(list: SyntaxNode): Statement[] {
    return splitAt(childrenOf(list).nodes, ',').flatMap((part): Statement[] => {
      const name = part.find((item) => item.name === 'VariableDefinition');
      const isKept = part.some((item) => item.name === 'Privacy' || item.name === 'readonly');
      if (!isKept || name === undefined) return [];
      const span = { from: name.from, to: name.to };
      const object: Expression = { ...span, kind: 'name', name: 'this' };
      const target: Expression = { ...span, kind: 'attribute', object, name: this.expressions.textOf(name) };
      return [{ ...span, kind: 'assign', targets: [target], value: this.expressions.read(name) }];
    });
  }

  private conditional(node: SyntaxNode, [, test, then, , otherwise]: readonly SyntaxNode[]): Statement {
    if (!test || !then) return this.unknown(node);
    return {
      kind: 'if',
      test: this.expressions.read(test),
      whenTrue: this.read(then),
      otherwise: otherwise ? this.read(otherwise) : [],
      from: node.from,
      to: node.to,
    };
  }

  private repeated(
    node: SyntaxNode,
    test: Expression,
    body: SyntaxNode,
    more: { readonly step?: Expression; readonly testsLast?: boolean },
  ): Statement {
    return {
      kind: 'while',
      test,
      body: this.read(body),
      otherwise: [],
      ...more,
      from: node.from,
      to: node.to,
    };
  }

  private loop(node: SyntaxNode, nodes: readonly SyntaxNode[]): Statement {
    const span = { from: node.from, to: node.to };
    const [spec, body] = nodes.slice(-2);
    if (spec === undefined || body === undefined) return this.unknown(node);
    const parts = childrenOf(spec).nodes.filter(({ name }) => name !== '(' && name !== ')');
    if (spec.name === 'ForSpec') return this.counted(node, parts, body);
    const into = parts.findIndex(({ name }) => name === 'of' || name === 'in');
    const target = parts[into - 1];
    const iterable = parts[into + 1];
    if (target === undefined || iterable === undefined || !/^For(Of|In)Spec$/.test(spec.name))
      return this.unknown(node);
    const word = parts[into - 2]?.name;
    const declares: Declaring | undefined =
      word === 'var' ? 'function' : word === 'const' || word === 'let' ? 'block' : undefined;
    return {
      ...span,
      kind: 'for',
      target: this.expressions.read(target),
      // The keys of an object, of which texts are made, are not followed.
      iterable:
        spec.name === 'ForOfSpec'
          ? this.expressions.read(iterable)
          : { kind: 'unknown', parts: [], from: iterable.from, to: iterable.to },
      body: this.read(body),
      otherwise: [],
      ...(declares && { declares }),
    };
  }

  /** `for (let i = 0; i < 3; i++)`. */
  private counted(node: SyntaxNode, parts: readonly SyntaxNode[], body: SyntaxNode): Statement {
    const span = { from: node.from, to: node.to };
    const [start] = parts;
    const declared = start?.name === 'VariableDeclaration' ? this.read(start) : null;
    // The semicolon of a declaration is part of it.
    const rest = declared === null ? parts : parts.slice(1);
    const sections: SyntaxNode[][] = [[]];
    for (const part of rest) {
      if (part.name === ';') sections.push([]);
      else sections.at(-1)?.push(part);
    }
    const [[first] = [], [test] = [], [step] = []] = declared === null ? sections : [[], ...sections];
    const initial: Statement[] =
      declared ??
      (first
        ? [{ kind: 'expression', value: this.expressions.read(first), from: first.from, to: first.to }]
        : []);
    const always: Expression = { ...span, kind: 'boolean', value: true };
    const loop = this.repeated(
      node,
      test ? this.expressions.read(test) : always,
      body,
      step ? { step: this.expressions.read(step) } : {},
    );
    return { ...span, kind: 'block', body: [...initial, loop] };
  }

  /** A `switch` whose cases end where the next one begins is a chain of `if`. */
  private choice(node: SyntaxNode, nodes: readonly SyntaxNode[]): Statement {
    const subject = nodes.find(({ name }) => name === 'ParenthesizedExpression');
    const body = nodes.find(({ name }) => name === 'SwitchBody');
    if (!subject || !body) return this.unknown(node);
    const cases = casesOf(body);
    const isChain = cases.every((one, i) => isWhole(one, i === cases.length - 1));
    if (!isChain) return this.unknown(node);
    const span = { from: node.from, to: node.to };
    const left = this.expressions.read(subject);
    let otherwise: readonly Statement[] = [];
    for (const one of cases.reverse()) {
      const { tests, isDefault } = one;
      const inner = [
        blockOf(
          bodyOf(one).flatMap((part) => this.read(part)),
          span,
        ),
      ];
      const [test, ...more] = tests.map(
        (part): Expression => ({
          ...span,
          kind: 'compare',
          first: left,
          rest: [{ operator: '===', right: this.expressions.read(part) }],
        }),
      );
      if (isDefault) otherwise = inner;
      else if (test !== undefined)
        otherwise = [
          {
            ...span,
            kind: 'if',
            test: more.reduce(
              (a, b): Expression => ({ ...span, kind: 'logical', operator: 'or', left: a, right: b }),
              test,
            ),
            whenTrue: inner,
            otherwise,
          },
        ];
    }
    return { ...span, kind: 'block', body: otherwise };
  }

  private attempt(node: SyntaxNode, nodes: readonly SyntaxNode[]): Statement {
    const block = (part: SyntaxNode | undefined): Statement[] => {
      const found = part && childrenOf(part).nodes.find(({ name }) => name === 'Block');
      return found ? this.read(found) : [];
    };
    const handler = nodes.find(({ name }) => name === 'CatchClause');
    return {
      kind: 'try',
      body: block(node),
      handlers: handler ? [block(handler)] : [],
      otherwise: [],
      last: block(nodes.find(({ name }) => name === 'FinallyClause')),
      from: node.from,
      to: node.to,
    };
  }
}

const SELF: Parameter = { name: 'this', spread: '', fallback: null, keywordOnly: false };

const blockOf = (body: readonly Statement[], span: Span): Statement => ({
  kind: 'block',
  body,
  from: span.from,
  to: span.to,
});
