/**
 * JSON has no NaN and no infinities and writes `null` for them. Messages between the server and the extension, and between
 * the extension and a page, are packed before and unpacked after transport.
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

/** Replaces each non-finite number by `{ "$number": "NaN" }`; parts without any are not copied. */
export function packNumbers(value: unknown): unknown {
  if (typeof value === 'number') {
    const name = nonFiniteName(value);
    return name === null ? value : { [KEY]: name };
  }
  return changed(value, packNumbers);
}

/** The inverse of `packNumbers`. */
export function unpackNumbers(value: unknown): unknown {
  const name = packedName(value);
  return name === null ? changed(value, unpackNumbers) : Number(name);
}

function packedName(value: unknown): Name | null {
  if (typeof value !== 'object' || value === null || !(KEY in value)) return null;
  const packed = value[KEY];
  return Object.keys(value).length === 1 ? (NAMES.find((name) => name === packed) ?? null) : null;
}

/** Applies `change` to each part of a list or plain object; returns the value itself if no part changes. */
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
