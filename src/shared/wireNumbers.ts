/**
 * JSON has no NaN and no infinities and writes `null` for them. Whatever crosses a border as JSON is packed before and
 * unpacked after it: between the server and the extension, and between the extension and a page.
 */

const KEY = '$number';
const NAMES = ['NaN', 'Infinity', '-Infinity'] as const;
type Name = (typeof NAMES)[number];

/** `NaN`, `Infinity` or `-Infinity`; `null` for a number that JSON can write. */
export function nonFiniteName(value: number): Name | null {
  if (Number.isFinite(value)) return null;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? 'Infinity' : '-Infinity';
}

/** The same value with each number that is not finite as `{ "$number": "NaN" }`; what holds none is not copied. */
export function packNumbers(value: unknown): unknown {
  if (typeof value === 'number') {
    const name = nonFiniteName(value);
    return name === null ? value : { [KEY]: name };
  }
  return changed(value, packNumbers);
}

/** Undoes `packNumbers`. */
export function unpackNumbers(value: unknown): unknown {
  const name = packedName(value);
  return name === null ? changed(value, unpackNumbers) : Number(name);
}

function packedName(value: unknown): Name | null {
  if (typeof value !== 'object' || value === null || !(KEY in value)) return null;
  const word = value[KEY];
  return Object.keys(value).length === 1 ? (NAMES.find((name) => name === word) ?? null) : null;
}

/** The list or plain object with `change` done to each part; itself where no part changes. */
function changed(value: unknown, change: (part: unknown) => unknown): unknown {
  if (Array.isArray(value)) {
    const parts = value.map(change);
    return parts.every((part, i) => Object.is(part, value[i])) ? value : parts;
  }
  if (!isPlain(value)) return value;
  const before = Object.entries(value);
  const after = before.map(([key, part]) => [key, change(part)] as const);
  return after.every(([, part], i) => Object.is(part, before[i]?.[1])) ? value : Object.fromEntries(after);
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
