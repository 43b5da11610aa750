import { boolean, itemsOf, number, string, UNKNOWN, type Value } from '../values';

/** Longer texts are not followed. */
const MAX_LENGTH = 100_000;

/** A number as JavaScript has it: an integer where it is one. */
export const numeric = (value: number): Value => number(value, !Number.isSafeInteger(value));

/** Whether a value counts as true; `null` where that is not known. */
export function truth(value: Value): boolean | null {
  switch (value.kind) {
    case 'none':
      return false;
    case 'boolean':
      return value.value;
    case 'number':
      return value.value !== 0;
    case 'string':
      return value.value !== '';
    case 'unknown':
    case 'reference':
    case 'ellipsis':
    case 'slice':
      return null;
    default:
      return true;
  }
}

/** A value as text, in a template or a sum; `null` where it is not known. */
export function textOf(value: Value): string | null {
  switch (value.kind) {
    case 'string':
      return value.value;
    case 'number':
    case 'boolean':
      return String(value.value);
    case 'none':
      return value.isUndefined ? 'undefined' : 'null';
    case 'list':
    case 'tuple': {
      const parts = itemsOf(value)?.map((item) => (item.kind === 'none' ? '' : textOf(item)));
      return parts?.every((part) => part !== null) ? parts.join(',') : null;
    }
    default:
      return null;
  }
}

export function binary(operator: string, left: Value, right: Value): Value {
  if (operator === '+' && (left.kind === 'string' || right.kind === 'string')) {
    const [a, b] = [textOf(left), textOf(right)];
    return a === null || b === null || a.length + b.length > MAX_LENGTH ? UNKNOWN : string(a + b);
  }
  const [a, b] = [numberOf(left), numberOf(right)];
  return a === null || b === null ? UNKNOWN : arithmetic(operator, a, b);
}

function numberOf(value: Value): number | null {
  if (value.kind === 'boolean') return Number(value.value);
  return value.kind === 'number' ? value.value : null;
}

function arithmetic(operator: string, a: number, b: number): Value {
  switch (operator) {
    case '+':
      return numeric(a + b);
    case '-':
      return numeric(a - b);
    case '*':
      return numeric(a * b);
    case '/':
      return numeric(a / b);
    case '%':
      return numeric(a % b);
    case '**':
      return numeric(a ** b);
    case '|':
      return numeric(a | b);
    case '&':
      return numeric(a & b);
    case '^':
      return numeric(a ^ b);
    case '<<':
      return numeric(a << b);
    case '>>':
      return numeric(a >> b);
    case '>>>':
      return numeric(a >>> b);
    default:
      return UNKNOWN;
  }
}

export function unary(operator: string, operand: Value): Value {
  if (operator === '!') {
    const known = truth(operand);
    return known === null ? UNKNOWN : boolean(!known);
  }
  if (operator === 'typeof') return typeOf(operand);
  const value = numberOf(operand);
  if (value === null) return UNKNOWN;
  if (operator === '-') return numeric(-value);
  if (operator === '+') return numeric(value);
  return operator === '~' ? numeric(~value) : UNKNOWN;
}

function typeOf(value: Value): Value {
  switch (value.kind) {
    case 'number':
    case 'string':
    case 'boolean':
    case 'function':
      return string(value.kind);
    case 'none':
      return string(value.isUndefined ? 'undefined' : 'object');
    case 'list':
    case 'tuple':
    case 'dict':
    case 'layer':
    case 'model':
    case 'tensor':
      return string('object');
    default:
      return UNKNOWN;
  }
}

/** One comparison; unknown where it is not known. */
export function compare(operator: string, left: Value, right: Value): Value {
  switch (operator) {
    case '===':
      return asBoolean(same(left, right));
    case '!==':
      return negated(same(left, right));
    case '==':
      return asBoolean(loose(left, right));
    case '!=':
      return negated(loose(left, right));
    case 'in':
      return right.kind === 'dict' && right.entries.value !== null && left.kind === 'string'
        ? boolean(right.entries.value.has(`s:${left.value}`))
        : UNKNOWN;
    default:
      return ordered(operator, left, right);
  }
}

const asBoolean = (known: boolean | null): Value => (known === null ? UNKNOWN : boolean(known));
const negated = (known: boolean | null): Value => asBoolean(known === null ? null : !known);

const PLAIN = new Set(['none', 'boolean', 'number', 'string']);
const OBJECTS = new Set(['list', 'tuple', 'dict', 'layer', 'model', 'function', 'tensor']);

function same(left: Value, right: Value): boolean | null {
  if (left.kind === 'none' && right.kind === 'none') return left.isUndefined === right.isUndefined;
  if (PLAIN.has(left.kind) && PLAIN.has(right.kind))
    return 'value' in left && 'value' in right && left.kind === right.kind && left.value === right.value;
  const kinds = [left.kind, right.kind];
  if (kinds.some((kind) => PLAIN.has(kind)) && kinds.some((kind) => OBJECTS.has(kind))) return false;
  return left === right && OBJECTS.has(left.kind) ? true : null;
}

/** `==`, which holds of null and undefined, but converts other values. */
function loose(left: Value, right: Value): boolean | null {
  if (left.kind === 'none' || right.kind === 'none') {
    const other = left.kind === 'none' ? right : left;
    return PLAIN.has(other.kind) || OBJECTS.has(other.kind) ? other.kind === 'none' : null;
  }
  return left.kind === right.kind ? same(left, right) : null;
}

function ordered(operator: string, left: Value, right: Value): Value {
  const [a, b] =
    left.kind === 'string' && right.kind === 'string'
      ? [left.value, right.value]
      : [numberOf(left), numberOf(right)];
  if (a === null || b === null) return UNKNOWN;
  switch (operator) {
    case '<':
      return boolean(a < b);
    case '<=':
      return boolean(a <= b);
    case '>':
      return boolean(a > b);
    case '>=':
      return boolean(a >= b);
    default:
      return UNKNOWN;
  }
}
