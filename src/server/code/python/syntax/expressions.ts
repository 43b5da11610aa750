import type { SyntaxNode } from '@lezer/common';
import type { Argument, Clause, DictEntry, Expression, FormatPart, Parameter } from '../../syntax/ast';
import { childrenOf, splitAt } from '../../syntax/nodes';
import { numberOf, quotesOf, stringOf, withoutEscapes } from './literals';
import { isLogical, isNegation, logical } from './logical';

/** Beyond this depth an expression is unknown, so that no text exhausts the stack. */
const MAX_DEPTH = 200;

/** Makes expressions of the nodes of one text. */
export class ExpressionReader {
  private depth = 0;

  constructor(private readonly text: string) {}

  textOf(node: SyntaxNode): string {
    return this.text.slice(node.from, node.to);
  }

  /** Several nodes with commas between them are a tuple. */
  list(nodes: readonly SyntaxNode[]): Expression {
    const parts = splitAt(nodes, ',');
    const [first] = parts;
    if (parts.length === 1 && first !== undefined && nodes.at(-1)?.name !== ',') return this.item(first);
    const from = nodes[0]?.from ?? 0;
    return {
      kind: 'tuple',
      items: parts.map((part) => this.item(part, from)),
      from,
      to: nodes.at(-1)?.to ?? from,
    };
  }

  /** One node, or `*` and a node. @param at the place of one that is left out. */
  private item(nodes: readonly SyntaxNode[], at = 0): Expression {
    const [first, second] = nodes;
    if (first === undefined) return { kind: 'unknown', parts: [], from: at, to: at };
    if (first.name === '*' && second !== undefined)
      return { kind: 'starred', value: this.read(second), from: first.from, to: second.to };
    return nodes.length === 1 ? this.read(first) : this.unknown(first, nodes);
  }

  private unknown(node: SyntaxNode, parts: readonly SyntaxNode[] = []): Expression {
    const inner = parts.filter((part) => part !== node).map((part) => this.read(part));
    return { kind: 'unknown', parts: inner, from: node.from, to: node.to };
  }

  read(node: SyntaxNode): Expression {
    if (this.depth >= MAX_DEPTH) return this.unknown(node);
    this.depth++;
    try {
      const { nodes, hasError } = childrenOf(node);
      const made = this.make(node, nodes, hasError);
      return made.kind === 'unknown' || made.kind === 'number' || !hasError ? made : this.broken(made);
    } finally {
      this.depth--;
    }
  }

  /** What is written so far is read, but has no value: an unclosed call, for example. */
  private broken(made: Expression): Expression {
    return { kind: 'unknown', parts: [made], from: made.from, to: made.to };
  }

  private make(node: SyntaxNode, nodes: readonly SyntaxNode[], hasError: boolean): Expression {
    const { from, to } = node;
    const span = { from, to };
    switch (node.name) {
      case 'VariableName':
        return { ...span, kind: 'name', name: this.textOf(node) };
      case 'Number':
        return this.number(node);
      case 'String': {
        const value = stringOf(this.textOf(node));
        return value === null ? this.unknown(node) : { ...span, kind: 'string', value };
      }
      case 'FormatString':
        return { ...span, kind: 'format', parts: this.formatParts(node, nodes) };
      case 'ContinuedString':
        return { ...span, kind: 'format', parts: nodes.flatMap((part) => this.stringParts(part)) };
      case 'Boolean':
        return { ...span, kind: 'boolean', value: this.textOf(node) === 'True' };
      case 'None':
        return { ...span, kind: 'none' };
      case 'Ellipsis':
        return { ...span, kind: 'ellipsis' };
      case 'ParenthesizedExpression':
        return this.parenthesized(node, nodes);
      case 'TupleExpression':
      case 'ArrayExpression':
        return {
          ...span,
          kind: node.name === 'TupleExpression' ? 'tuple' : 'list',
          items: splitAt(nodes.slice(1, hasError ? undefined : -1), ',').map((part) => this.item(part, from)),
        };
      case 'DictionaryExpression':
        return { ...span, kind: 'dict', entries: this.dictEntries(nodes.slice(1, -1)) };
      case 'MemberExpression':
        // `1.` is read as a number without its point, and nothing after it.
        if (isPointed(nodes)) return this.number(node, nodes[1]?.to);
        return this.member(node, nodes);
      case 'CallExpression':
        return this.call(node, nodes);
      case 'BinaryExpression':
        return isLogical(nodes) ? logical(node, (part) => this.read(part)) : this.binary(node, nodes);
      case 'UnaryExpression': {
        const [operator, operand] = nodes;
        if (isNegation(nodes)) return logical(node, (part) => this.read(part));
        if (operator === undefined || operand === undefined) return this.unknown(node);
        return { ...span, kind: 'unary', operator: this.textOf(operator), operand: this.read(operand) };
      }
      case 'ConditionalExpression': {
        const [then, , test, , otherwise] = nodes;
        if (!then || !test || !otherwise) return this.unknown(node);
        return {
          ...span,
          kind: 'conditional',
          test: this.read(test),
          whenTrue: this.read(then),
          whenFalse: this.read(otherwise),
        };
      }
      case 'LambdaExpression': {
        const list = nodes.find((part) => part.name === 'ParamList');
        const body = nodes.at(-1);
        if (body === undefined) return this.unknown(node);
        return {
          ...span,
          kind: 'lambda',
          parameters: list ? this.parameters(list) : [],
          body: this.read(body),
        };
      }
      case 'ArrayComprehensionExpression':
      case 'ComprehensionExpression':
        return this.comprehension(node, nodes, 'list');
      case 'DictionaryComprehensionExpression':
        return this.comprehension(node, nodes, 'dict');
      case 'SetComprehensionExpression':
        return this.comprehension(node, nodes, 'other');
      case 'NamedExpression': {
        const [target, , value] = nodes;
        if (!target || !value) return this.unknown(node);
        return { ...span, kind: 'assignment', target: this.read(target), value: this.read(value) };
      }
      default:
        return this.unknown(node);
    }
  }

  private parenthesized(node: SyntaxNode, nodes: readonly SyntaxNode[]): Expression {
    const inner = nodes.filter((part) => part.name !== '(' && part.name !== ')');
    const [only] = inner;
    if (inner.length !== 1 || only === undefined) return this.unknown(node, inner);
    const made = this.read(only);
    // A comparison in parentheses does not continue a chain.
    return made.kind === 'compare' ? { ...made, from: node.from, to: node.to } : made;
  }

  private stringParts(node: SyntaxNode): (string | FormatPart)[] {
    if (node.name === 'FormatString') return this.formatParts(node, childrenOf(node).nodes);
    return [stringOf(this.textOf(node)) ?? { value: this.unknown(node), spec: '' }];
  }

  private formatParts(node: SyntaxNode, nodes: readonly SyntaxNode[]): (string | FormatPart)[] {
    const { start, width, isRaw } = quotesOf(this.textOf(node));
    const parts: (string | FormatPart)[] = [];
    let at = node.from + start;
    const literal = (to: number): void => {
      const text = this.text.slice(at, to).replaceAll('{{', '{').replaceAll('}}', '}');
      if (text !== '') parts.push(withoutEscapes(text, isRaw));
    };
    for (const field of nodes.filter((part) => part.name === 'FormatReplacement')) {
      literal(field.from);
      at = field.to;
      parts.push(this.formatPart(field));
    }
    literal(node.to - width);
    return parts;
  }

  private formatPart(field: SyntaxNode): FormatPart {
    const nodes = childrenOf(field).nodes.filter((part) => part.name !== '{' && part.name !== '}');
    const [value, ...rest] = nodes;
    if (value === undefined) return { value: this.unknown(field), spec: null };
    const spec = rest.find((part) => part.name === 'FormatSpec');
    const isPlain = rest.length === (spec ? 1 : 0);
    const specText = spec ? this.textOf(spec).slice(1) : '';
    return { value: this.read(value), spec: isPlain && !specText.includes('{') ? specText : null };
  }

  private dictEntries(nodes: readonly SyntaxNode[]): DictEntry[] {
    return splitAt(nodes, ',').flatMap((part): DictEntry[] => {
      const [first, second, third] = part;
      if (first?.name === '**' && second) return [{ key: null, value: this.read(second) }];
      if (first && second?.name === ':' && third) return [{ key: this.read(first), value: this.read(third) }];
      return [];
    });
  }

  private number({ from, to }: SyntaxNode, end = to): Expression {
    const number = numberOf(this.text.slice(from, end));
    return number === null
      ? { kind: 'unknown', parts: [], from, to }
      : { kind: 'number', ...number, from, to };
  }

  private member(node: SyntaxNode, nodes: readonly SyntaxNode[]): Expression {
    const [object, sign, ...rest] = nodes;
    const span = { from: node.from, to: node.to };
    if (object === undefined) return this.unknown(node);
    if (sign?.name === '.') {
      const name = rest[0];
      if (name === undefined) return this.unknown(node, [object]);
      return { ...span, kind: 'attribute', object: this.read(object), name: this.textOf(name) };
    }
    const inner = rest.filter((part) => part.name !== ']');
    const parts = splitAt(inner, ',');
    const indices = parts.map((part) => this.index(part));
    const [only] = indices;
    if (only === undefined) return this.unknown(node, [object]);
    const isTuple = indices.length > 1 || inner.at(-1)?.name === ',';
    const index: Expression = isTuple
      ? { kind: 'tuple', items: indices, from: only.from, to: indices.at(-1)?.to ?? only.to }
      : only;
    return { ...span, kind: 'index', object: this.read(object), index };
  }

  private index(nodes: readonly SyntaxNode[]): Expression {
    if (!nodes.some((part) => part.name === ':')) return this.item(nodes);
    const bounds: (Expression | null)[] = [null, null, null];
    let at = 0;
    for (const part of nodes) {
      if (part.name === ':') at++;
      else bounds[at] = this.read(part);
    }
    const [start = null, stop = null, step = null] = bounds;
    return { kind: 'slice', start, stop, step, from: nodes[0]?.from ?? 0, to: nodes.at(-1)?.to ?? 0 };
  }

  private call(node: SyntaxNode, nodes: readonly SyntaxNode[]): Expression {
    const [callee, list] = nodes;
    if (callee === undefined || list?.name !== 'ArgList') return this.unknown(node, nodes);
    const inner = childrenOf(list);
    const made: Expression = {
      kind: 'call',
      callee: this.read(callee),
      arguments: this.arguments(inner.nodes),
      from: node.from,
      to: node.to,
    };
    return inner.hasError ? this.broken(made) : made;
  }

  arguments(nodes: readonly SyntaxNode[]): Argument[] {
    const inner = nodes.filter((part) => part.name !== '(' && part.name !== ')');
    // `f(x for x in y)`: the comprehension has no brackets of its own.
    const loop = inner.findIndex((part) => part.name === 'for');
    const [first] = inner;
    if (loop > 0 && first !== undefined) {
      const value = this.comprehension(first, inner, 'list');
      return [{ name: null, spread: '', value, from: value.from, to: value.to }];
    }
    return splitAt(inner, ',').flatMap((part): Argument[] => {
      const [head, second, third] = part;
      if (head === undefined) return [];
      const span = { from: head.from, to: part.at(-1)?.to ?? head.to };
      if ((head.name === '*' || head.name === '**') && second)
        return [{ ...span, name: null, spread: head.name, value: this.read(second) }];
      if (second?.name === 'AssignOp') {
        const value = third ? this.read(third) : this.unknown(head);
        return [{ ...span, name: this.textOf(head), spread: '', value }];
      }
      return [{ ...span, name: null, spread: '', value: this.item(part) }];
    });
  }

  private binary(node: SyntaxNode, nodes: readonly SyntaxNode[]): Expression {
    const [leftNode, ...rest] = nodes;
    const rightNode = nodes.at(-1);
    if (leftNode === undefined || rightNode === undefined || nodes.length < 3)
      return this.unknown(node, nodes);
    const operator = rest
      .slice(0, -1)
      .map((part) => this.textOf(part))
      .join(' ');
    const left = this.read(leftNode);
    const right = this.read(rightNode);
    const span = { from: node.from, to: node.to };
    if (!/^([<>]=?|[!=]=|in|not in|is|is not)$/.test(operator))
      return { ...span, kind: 'binary', operator, left, right };
    const continues = left.kind === 'compare' && leftNode.name === 'BinaryExpression';
    const comparison = { operator, right };
    return continues
      ? { ...span, kind: 'compare', first: left.first, rest: [...left.rest, comparison] }
      : { ...span, kind: 'compare', first: left, rest: [comparison] };
  }

  private comprehension(
    node: SyntaxNode,
    nodes: readonly SyntaxNode[],
    makes: 'list' | 'dict' | 'other',
  ): Expression {
    const inner = nodes.filter((part) => !/^[[\](){}]$/.test(part.name));
    const start = inner.findIndex((part) => part.name === 'for');
    const element = inner.slice(0, start).filter((part) => part.name !== ':');
    const clauses: Clause[] = [];
    for (const part of splitAt(inner.slice(start + 1), 'for')) {
      const at = part.findIndex((item) => item.name === 'in');
      const [iterable, ...conditions] = splitAt(part.slice(at + 1), 'if');
      if (at < 0 || iterable === undefined) return this.unknown(node);
      clauses.push({
        target: this.list(part.slice(0, at)),
        iterable: this.list(iterable),
        conditions: conditions.map((condition) => this.list(condition)),
      });
    }
    const span = { from: node.from, to: nodes.at(-1)?.to ?? node.to };
    return {
      ...span,
      kind: 'comprehension',
      makes,
      element: element.map((part) => this.read(part)),
      clauses,
    };
  }

  parameters(list: SyntaxNode): Parameter[] {
    const inner = childrenOf(list).nodes.filter((part) => part.name !== '(' && part.name !== ')');
    let keywordOnly = false;
    return splitAt(inner, ',').flatMap((part): Parameter[] => {
      const [head, second] = part;
      if (head === undefined || head.name === '/') return [];
      const isSpread = head.name === '*' || head.name === '**';
      const spread = isSpread ? (head.name === '*' ? '*' : '**') : '';
      const nameNode = isSpread ? second : head;
      const before = keywordOnly;
      if (spread === '*') keywordOnly = true;
      if (nameNode === undefined || nameNode.name !== 'VariableName') return [];
      const sign = part.findIndex((item) => item.name === 'AssignOp');
      const value = sign < 0 ? undefined : part[sign + 1];
      return [
        {
          name: this.textOf(nameNode),
          spread,
          fallback: value ? this.read(value) : null,
          keywordOnly: before,
        },
      ];
    });
  }
}

/** A number and a point, and nothing after it. */
const isPointed = (nodes: readonly SyntaxNode[]): boolean =>
  nodes.length === 2 && nodes[0]?.name === 'Number' && nodes[1]?.name === '.';
