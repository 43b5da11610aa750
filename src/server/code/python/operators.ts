import { boolean, itemsOf, keyOf, list, number, string, tuple, UNKNOWN, type Value } from '../values';

/** Longer texts and lists are not followed. */
const MAX_LENGTH = 100_000;

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
    case 'tuple':
      return value.items.length > 0;
    case 'list':
      return value.items.value === null ? null : value.items.value.length > 0;
    case 'dict':
      return value.entries.value === null ? null : value.entries.value.size > 0;
    case 'layer':
    case 'model':
    case 'function':
    case 'class':
    case 'bound':
    case 'instance':
      return value.kind !== 'instance' || value.base.value !== null ? true : null;
    default:
      return null;
  }
}

/** `a + b` of numbers, texts, lists and tuples; of tensors see `keras/operations.ts`. */
export function binary(operator: string, left: Value, right: Value): Value {
  const a = numeric(left);
  const b = numeric(right);
  if (a !== null && b !== null) return arithmetic(operator, a.value, b.value, a.isFloat || b.isFloat);
  if (operator === '+') return joined(left, right);
  if (operator === '*') return repeated(left, right);
  if (operator === '%' && left.kind === 'string') return formatted(left.value, right);
  return UNKNOWN;
}

function numeric(value: Value): { readonly value: number; readonly isFloat: boolean } | null {
  if (value.kind === 'boolean') return { value: Number(value.value), isFloat: false };
  return value.kind === 'number' ? value : null;
}

function arithmetic(operator: string, a: number, b: number, isFloat: boolean): Value {
  switch (operator) {
    case '+':
      return number(a + b, isFloat);
    case '-':
      return number(a - b, isFloat);
    case '*':
      return number(a * b, isFloat);
    case '/':
      return b === 0 ? UNKNOWN : number(a / b, true);
    case '//':
      return b === 0 ? UNKNOWN : number(Math.floor(a / b), isFloat);
    case '%':
      return b === 0 ? UNKNOWN : number(a - Math.floor(a / b) * b, isFloat);
    case '**':
      return number(a ** b, isFloat || b < 0);
    default:
      return isFloat ? UNKNOWN : bitwise(operator, a, b);
  }
}

function bitwise(operator: string, a: number, b: number): Value {
  const limit = 2 ** 31;
  if (a < 0 || b < 0 || a >= limit || b >= limit) return UNKNOWN;
  switch (operator) {
    case '<<':
      return b > 52 ? UNKNOWN : number(a * 2 ** b, false);
    case '>>':
      return number(b > 31 ? 0 : a >>> b, false);
    case '&':
      return number((a & b) >>> 0, false);
    case '|':
      return number((a | b) >>> 0, false);
    case '^':
      return number((a ^ b) >>> 0, false);
    default:
      return UNKNOWN;
  }
}

function joined(left: Value, right: Value): Value {
  if (left.kind === 'string' && right.kind === 'string')
    return left.value.length + right.value.length > MAX_LENGTH ? UNKNOWN : string(left.value + right.value);
  const a = itemsOf(left);
  const b = itemsOf(right);
  if (left.kind !== right.kind || a === null || b === null || a.length + b.length > MAX_LENGTH)
    return UNKNOWN;
  return left.kind === 'tuple' ? tuple([...a, ...b]) : list([...a, ...b]);
}

function repeated(left: Value, right: Value): Value {
  const count = left.kind === 'number' ? left : right;
  const what = left.kind === 'number' ? right : left;
  if (count.kind !== 'number' || count.isFloat) return UNKNOWN;
  const times = Math.max(0, count.value);
  if (what.kind === 'string')
    return what.value.length * times > MAX_LENGTH ? UNKNOWN : string(what.value.repeat(times));
  const items = itemsOf(what);
  if (items === null || items.length * times > MAX_LENGTH) return UNKNOWN;
  const all = Array.from({ length: times }, () => items).flat();
  return what.kind === 'tuple' ? tuple(all) : list(all);
}

/** `'conv%d' % i`, for `%d` and `%s` alone. */
function formatted(text: string, right: Value): Value {
  const values = right.kind === 'tuple' ? [...right.items] : [right];
  let isKnown = true;
  const result = text.replace(/%(.?)/g, (_, letter: string) => {
    if (letter === '%') return '%';
    const shown = letter === 's' || letter === 'd' ? textOf(values.shift() ?? UNKNOWN) : null;
    if (shown === null) isKnown = false;
    return shown ?? '';
  });
  return isKnown && values.length === 0 ? string(result) : UNKNOWN;
}

/** `str(value)`; `null` where it is not known. */
export function textOf(value: Value): string | null {
  switch (value.kind) {
    case 'string':
      return value.value;
    case 'boolean':
      return value.value ? 'True' : 'False';
    case 'none':
      return 'None';
    case 'number': {
      if (!value.isFloat) return String(value.value);
      const short = String(value.value);
      if (short.includes('e') || Math.abs(value.value) >= 1e16) return null;
      return short.includes('.') ? short : `${short}.0`;
    }
    default:
      return null;
  }
}

/** A replacement field of an f-string or of `str.format`; `null` where the text is not known. */
export function fieldText(value: Value, spec: string | null): string | null {
  if (spec === '') return textOf(value);
  const [, digits] = /^0?\.(\d)f$/.exec(spec ?? '') ?? [];
  if (digits !== undefined) return value.kind === 'number' ? fixedText(value.value, Number(digits)) : null;
  const [, zero, width] = /^(0?)(\d*)d?$/.exec(spec ?? 'x') ?? [];
  if (width === undefined || value.kind !== 'number' || value.isFloat || value.value < 0) return null;
  return String(value.value).padStart(Math.min(Number(width), 100), zero === '0' ? '0' : ' ');
}

/** `{:.2f}`; `null` for a number in the middle of two, which Python rounds to the even one and JavaScript does not. */
function fixedText(value: number, digits: number): string | null {
  const doubled = value * 2 * 10 ** digits;
  return Number.isInteger(doubled) && doubled % 2 !== 0 ? null : value.toFixed(digits);
}

export function unary(operator: string, operand: Value): Value {
  if (operator === 'not') {
    const known = truth(operand);
    return known === null ? UNKNOWN : boolean(!known);
  }
  const known = numeric(operand);
  if (known === null) return UNKNOWN;
  if (operator === '-') return number(-known.value, known.isFloat);
  if (operator === '+') return number(known.value, known.isFloat);
  return operator === '~' && !known.isFloat ? number(-known.value - 1, false) : UNKNOWN;
}

/** One comparison; unknown where it is not known. */
export function compare(operator: string, left: Value, right: Value): Value {
  switch (operator) {
    case '==':
      return asBoolean(equal(left, right));
    case '!=':
      return negated(equal(left, right));
    case 'is':
      return asBoolean(identical(left, right));
    case 'is not':
      return negated(identical(left, right));
    case 'in':
      return asBoolean(contains(right, left));
    case 'not in':
      return negated(contains(right, left));
    default:
      return asBoolean(ordered(operator, left, right));
  }
}

const asBoolean = (known: boolean | null): Value => (known === null ? UNKNOWN : boolean(known));
const negated = (known: boolean | null): Value => asBoolean(known === null ? null : !known);

function equal(left: Value, right: Value): boolean | null {
  const a = keyOf(left);
  const b = keyOf(right);
  if (a !== null && b !== null) return a === b;
  if (left.kind === 'unknown' || right.kind === 'unknown') return null;
  if ((left.kind === 'list' || left.kind === 'tuple') && left.kind === right.kind) {
    const items = itemsOf(left);
    const others = itemsOf(right);
    if (items === null || others === null) return null;
    if (items.length !== others.length) return false;
    const parts = items.map((item, i) => equal(item, others[i] ?? UNKNOWN));
    if (parts.includes(false)) return false;
    return parts.includes(null) ? null : true;
  }
  return a !== null || b !== null
    ? left.kind === 'reference' || right.kind === 'reference'
      ? null
      : false
    : null;
}

function identical(left: Value, right: Value): boolean | null {
  if (left.kind === 'unknown' || right.kind === 'unknown') return null;
  if (left.kind === 'none' || right.kind === 'none') {
    if (left.kind === 'reference' || right.kind === 'reference') return null;
    return left.kind === right.kind;
  }
  return left.kind === 'boolean' && right.kind === 'boolean'
    ? left.value === right.value
    : left === right || null;
}

function contains(container: Value, item: Value): boolean | null {
  if (container.kind === 'string' && item.kind === 'string') return container.value.includes(item.value);
  if (container.kind === 'dict') {
    const key = keyOf(item);
    return key === null || container.entries.value === null ? null : container.entries.value.has(key);
  }
  const items = itemsOf(container);
  if (items === null) return null;
  const parts = items.map((other) => equal(other, item));
  if (parts.includes(true)) return true;
  return parts.includes(null) ? null : false;
}

function ordered(operator: string, left: Value, right: Value): boolean | null {
  const a = numeric(left)?.value ?? (left.kind === 'string' ? left.value : null);
  const b = numeric(right)?.value ?? (right.kind === 'string' ? right.value : null);
  if (a === null || b === null || typeof a !== typeof b) return null;
  switch (operator) {
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    default:
      return null;
  }
}
