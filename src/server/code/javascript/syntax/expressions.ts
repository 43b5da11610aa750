import type { SyntaxNode } from '@lezer/common';
import type { Argument, DictEntry, Expression, FormatPart, Parameter, Statement } from '../../syntax/ast';
import { childrenOf, splitAt } from '../../syntax/nodes';
import { numberOf, unescaped } from './literals';

/** Beyond this depth an expression is unknown, so that no text exhausts the stack. */
const MAX_DEPTH = 200;

/** Operators of TypeScript that leave the value. */
const TYPE_OPERATORS = new Set(['as', 'satisfies']);
const LOGICAL: Readonly<Record<string, 'and' | 'or' | 'nullish'>> = {
  '&&': 'and',
  '||': 'or',
  '??': 'nullish',
};
const COMPARING = /^([<>]=?|[!=]==?|in|instanceof)$/;

/** Makes expressions of the nodes of one text. */
export class ExpressionReader {
  private depth = 0;

  /** @param body the statements of a function's block */
  constructor(
    private readonly text: string,
    private readonly body: (block: SyntaxNode) => readonly Statement[],
  ) {}

  textOf(node: SyntaxNode): string {
    return this.text.slice(node.from, node.to);
  }

  private unknown(node: SyntaxNode, parts: readonly SyntaxNode[] = []): Expression {
    return { kind: 'unknown', parts: parts.map((part) => this.read(part)), from: node.from, to: node.to };
  }

  read(node: SyntaxNode): Expression {
    if (this.depth >= MAX_DEPTH) return this.unknown(node);
    this.depth++;
    try {
      const { nodes, hasError } = childrenOf(node);
      const made = this.make(node, nodes);
      // What is written so far is read, but has no value: an unclosed call, for example.
      return made.kind === 'unknown' || !hasError
        ? made
        : { kind: 'unknown', parts: [made], from: made.from, to: made.to };
    } finally {
      this.depth--;
    }
  }

  private make(node: SyntaxNode, nodes: readonly SyntaxNode[]): Expression {
    const { from, to } = node;
    const span = { from, to };
    const [first, second, third] = nodes;
    switch (node.name) {
      case 'VariableName':
      case 'VariableDefinition':
      case 'this':
        return { ...span, kind: 'name', name: this.textOf(node) };
      case 'super':
        // As Python calls it.
        return { ...span, kind: 'call', callee: { ...span, kind: 'name', name: 'super' }, arguments: [] };
      case 'Number': {
        const value = numberOf(this.textOf(node));
        return value === null
          ? this.unknown(node)
          : { ...span, kind: 'number', value, isFloat: !Number.isSafeInteger(value) };
      }
      case 'String': {
        const value = unescaped(this.text.slice(from + 1, to - 1));
        return value === null ? this.unknown(node) : { ...span, kind: 'string', value };
      }
      case 'TemplateString':
        return this.template(node, nodes);
      case 'BooleanLiteral':
        return { ...span, kind: 'boolean', value: this.textOf(node) === 'true' };
      case 'null':
        return { ...span, kind: 'none' };
      case 'ArrayExpression':
      case 'ArrayPattern':
        return { ...span, kind: 'list', items: this.items(nodes) };
      case 'ObjectExpression':
      case 'ObjectPattern':
        return { ...span, kind: 'dict', entries: this.entries(nodes) };
      case 'ParenthesizedExpression':
      case 'AwaitExpression':
        // The value of a promise is what it is fulfilled with.
        return second === undefined ? this.unknown(node) : this.read(second);
      case 'MemberExpression':
        return this.member(node, nodes);
      case 'CallExpression':
        return first === undefined ? this.unknown(node) : this.call(node, first, nodes);
      case 'NewExpression':
        return second === undefined ? this.unknown(node) : this.call(node, second, nodes);
      case 'BinaryExpression':
        return this.binary(node, nodes);
      case 'UnaryExpression':
        return this.unary(node, nodes);
      case 'PostfixExpression':
        return this.postfix(node, nodes);
      case 'PrefixCast':
        return nodes.length === 0 ? this.unknown(node) : this.read(nodes.at(-1) ?? node);
      case 'ConditionalExpression': {
        const [test, , then, , otherwise] = nodes;
        if (!test || !then || !otherwise) return this.unknown(node, nodes);
        return {
          ...span,
          kind: 'conditional',
          test: this.read(test),
          whenTrue: this.read(then),
          whenFalse: this.read(otherwise),
        };
      }
      case 'ArrowFunction':
      case 'FunctionExpression':
        return this.lambda(node, nodes);
      case 'AssignmentExpression':
        return first && second && third ? this.assignment(node, first, second, third) : this.unknown(node);
      default:
        return this.unknown(node, nodes.filter(isExpression));
    }
  }

  private template(node: SyntaxNode, nodes: readonly SyntaxNode[]): Expression {
    const parts: (string | FormatPart)[] = [];
    let at = node.from + 1;
    let isKnown = true;
    const literal = (to: number): void => {
      const value = unescaped(this.text.slice(at, to));
      if (value === null) isKnown = false;
      if (value) parts.push(value);
    };
    for (const field of nodes.filter(({ name }) => name === 'Interpolation')) {
      literal(field.from);
      at = field.to;
      const [, value] = childrenOf(field).nodes;
      if (value !== undefined) parts.push({ value: this.read(value), spec: '' });
    }
    literal(node.to - 1);
    return isKnown ? { kind: 'format', parts, from: node.from, to: node.to } : this.unknown(node);
  }

  /** The items of an array or pattern; one that is left out has no value. */
  private items(nodes: readonly SyntaxNode[]): Expression[] {
    const at = nodes[0]?.from ?? 0;
    return splitAt(nodes.slice(1, -1), ',').map((part) => this.item(part, at));
  }

  /** @param at the place of one that is left out. */
  private item(part: readonly SyntaxNode[], at: number): Expression {
    const [head, second, third] = part;
    if (head === undefined) return { kind: 'unknown', parts: [], from: at, to: at };
    if (head.name === 'Spread' && second)
      return { kind: 'starred', value: this.read(second), from: head.from, to: second.to };
    return second?.name === 'Equals' && third ? this.withDefault(head, third) : this.read(head);
  }

  private withDefault(target: SyntaxNode, fallback: SyntaxNode): Expression {
    const { from } = target;
    return {
      kind: 'assignment',
      target: this.read(target),
      value: this.read(fallback),
      from,
      to: fallback.to,
    };
  }

  private entries(nodes: readonly SyntaxNode[]): DictEntry[] {
    return nodes.flatMap((property): DictEntry[] => {
      if (property.name !== 'Property' && property.name !== 'PatternProperty') return [];
      const { nodes: all } = childrenOf(property);
      const parts = all.filter(({ name }) => name !== 'async' && name !== 'Star');
      const [head, second, third] = parts;
      if (head === undefined) return [];
      if (head.name === 'Spread') return second ? [{ key: null, value: this.read(second) }] : [];
      if (head.name === '[') {
        const value = parts.at(-1);
        return second && value && parts[3]?.name === ':'
          ? [{ key: this.read(second), value: this.read(value) }]
          : [{ key: this.unknown(head), value: this.unknown(property) }];
      }
      if (head.name === 'get' || head.name === 'set')
        return second ? [{ key: this.key(second), value: this.unknown(property) }] : [];
      const key = this.key(head);
      if (second === undefined)
        return [{ key, value: { kind: 'name', name: this.textOf(head), from: head.from, to: head.to } }];
      if (second.name === ':' && third) return [{ key, value: this.item(parts.slice(2), third.from) }];
      if (second.name === 'Equals' && third) return [{ key, value: this.withDefault(head, third) }];
      return [{ key, value: this.lambda(property, parts) }];
    });
  }

  private key(node: SyntaxNode): Expression {
    const span = { from: node.from, to: node.to };
    if (node.name === 'String') return this.read(node);
    return { ...span, kind: 'string', value: this.textOf(node) };
  }

  private member(node: SyntaxNode, nodes: readonly SyntaxNode[]): Expression {
    const span = { from: node.from, to: node.to };
    const object = nodes[0];
    const last = nodes.at(-1);
    if (object === undefined || last === undefined) return this.unknown(node);
    if (last.name === 'PropertyName' || last.name === 'PrivatePropertyName')
      return { ...span, kind: 'attribute', object: this.read(object), name: this.textOf(last) };
    const index = nodes.at(-2);
    if (last.name !== ']' || index === undefined || nodes.length < 4) return this.unknown(node, [object]);
    return { ...span, kind: 'index', object: this.read(object), index: this.read(index) };
  }

  private call(node: SyntaxNode, callee: SyntaxNode, nodes: readonly SyntaxNode[]): Expression {
    const { from, to } = node;
    const list = nodes.find(({ name }) => name === 'ArgList');
    // `require('x')` and `import('x')` are calls as well; a tagged template is not followed.
    if (list === undefined && node.name !== 'NewExpression') return this.unknown(node, [callee]);
    const inner = list === undefined ? { nodes: [], hasError: false } : childrenOf(list);
    const made: Expression = {
      kind: 'call',
      callee:
        callee.name === 'import'
          ? { kind: 'name', name: 'require', from: callee.from, to: callee.to }
          : this.callee(callee),
      arguments: this.arguments(inner.nodes),
      from,
      to,
    };
    return inner.hasError ? { kind: 'unknown', parts: [made], from, to } : made;
  }

  /** `super(...)` calls the constructor, which is called `__init__`, as in Python. */
  private callee(node: SyntaxNode): Expression {
    const made = this.read(node);
    if (node.name !== 'super') return made;
    return { kind: 'attribute', object: made, name: '__init__', from: node.from, to: node.to };
  }

  private arguments(nodes: readonly SyntaxNode[]): Argument[] {
    const inner = nodes.filter(({ name }) => name !== '(' && name !== ')');
    return splitAt(inner, ',').flatMap((part): Argument[] => {
      const [head, second] = part;
      if (head === undefined) return [];
      const isSpread = head.name === 'Spread' && second !== undefined;
      const value = this.read(isSpread ? second : head);
      return [{ name: null, spread: isSpread ? '*' : '', value, from: head.from, to: value.to }];
    });
  }

  private binary(node: SyntaxNode, nodes: readonly SyntaxNode[]): Expression {
    const [left, sign, right] = nodes;
    const span = { from: node.from, to: node.to };
    if (left === undefined || sign === undefined) return this.unknown(node);
    const operator = this.textOf(sign);
    if (TYPE_OPERATORS.has(operator)) return this.read(left);
    if (right === undefined) return this.unknown(node, [left]);
    const logical = LOGICAL[operator];
    const [a, b] = [this.read(left), this.read(right)];
    if (logical !== undefined) return { ...span, kind: 'logical', operator: logical, left: a, right: b };
    return COMPARING.test(operator)
      ? { ...span, kind: 'compare', first: a, rest: [{ operator, right: b }] }
      : { ...span, kind: 'binary', operator, left: a, right: b };
  }

  private unary(node: SyntaxNode, [sign, operand]: readonly SyntaxNode[]): Expression {
    if (sign === undefined || operand === undefined) return this.unknown(node);
    const operator = this.textOf(sign);
    if (operator === '++' || operator === '--') return this.changed(node, operand, operator);
    return { kind: 'unary', operator, operand: this.read(operand), from: node.from, to: node.to };
  }

  /** `i++` gives what was there before; `x!` is the value. */
  private postfix(node: SyntaxNode, [operand, sign]: readonly SyntaxNode[]): Expression {
    if (operand === undefined || sign === undefined) return this.unknown(node);
    const operator = this.textOf(sign);
    if (operator === '!') return this.read(operand);
    if (operator !== '++' && operator !== '--') return this.unknown(node, [operand]);
    const span = { from: node.from, to: node.to };
    const left = this.changed(node, operand, operator);
    const one: Expression = { ...span, kind: 'number', value: 1, isFloat: false };
    return { ...span, kind: 'binary', operator: operator === '++' ? '-' : '+', left, right: one };
  }

  private changed(node: SyntaxNode, operand: SyntaxNode, operator: '++' | '--'): Expression {
    const span = { from: node.from, to: node.to };
    const target = this.read(operand);
    const one: Expression = { ...span, kind: 'number', value: 1, isFloat: false };
    const sign = operator === '++' ? '+' : '-';
    // `+` with a text would join.
    const left: Expression = { ...span, kind: 'unary', operator: '+', operand: target };
    return {
      ...span,
      kind: 'assignment',
      target,
      value: { ...span, kind: 'binary', operator: sign, left, right: one },
    };
  }

  private assignment(node: SyntaxNode, left: SyntaxNode, sign: SyntaxNode, right: SyntaxNode): Expression {
    const span = { from: node.from, to: node.to };
    const target = this.read(left);
    const value = this.read(right);
    const operator = this.textOf(sign).slice(0, -1);
    if (operator === '') return { ...span, kind: 'assignment', target, value };
    const logical = LOGICAL[operator];
    const made: Expression =
      logical === undefined
        ? { ...span, kind: 'binary', operator, left: target, right: value }
        : { ...span, kind: 'logical', operator: logical, left: target, right: value };
    return { ...span, kind: 'assignment', target, value: made };
  }

  /** A function, or a method of an object. */
  lambda(node: SyntaxNode, nodes: readonly SyntaxNode[]): Expression {
    const list = nodes.find(({ name }) => name === 'ParamList');
    const last = nodes.at(-1);
    const isGenerator = nodes.some(({ name }) => name === 'Star');
    if (last === undefined || list === undefined || isGenerator) return this.unknown(node);
    return {
      kind: 'lambda',
      parameters: this.parameters(list),
      body: last.name === 'Block' ? this.body(last) : this.read(last),
      from: node.from,
      to: node.to,
    };
  }

  parameters(list: SyntaxNode): Parameter[] {
    const inner = childrenOf(list).nodes.filter(({ name }) => name !== '(' && name !== ')');
    return splitAt(inner, ',').flatMap((part, i): Parameter[] => {
      const isSpread = part[0]?.name === 'Spread';
      const target = part.find(({ name }) => /^(VariableDefinition|ObjectPattern|ArrayPattern)$/.test(name));
      if (target === undefined) return [];
      const sign = part.findIndex(({ name }) => name === 'Equals');
      const value = sign < 0 ? undefined : part[sign + 1];
      const isName = target.name === 'VariableDefinition';
      return [
        {
          // No program can have that name.
          name: isName ? this.textOf(target) : ` ${i}`,
          spread: isSpread ? '*' : '',
          fallback: value ? this.read(value) : null,
          keywordOnly: false,
          ...(!isName && { pattern: this.read(target) }),
        },
      ];
    });
  }
}

/** Whether a part of something that is not followed may be evaluated. */
const isExpression = ({ name }: SyntaxNode): boolean =>
  /Expression$|^VariableName$|^ArrowFunction$/.test(name);
