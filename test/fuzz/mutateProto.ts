import { mutateBytes } from './mutateBytes';
import { mutateJson } from './mutateJson';
import type { Random } from './random';

interface Field {
  readonly start: number;
  readonly valueAt: number;
  readonly end: number;
  readonly type: number;
}

const MAX_FIELDS = 5000;

/** One random change of a protobuf message: a field's value, its bytes, or the field as a whole, lengths around it put right. */
export function mutateProto(bytes: Buffer, random: Random): Buffer {
  return changed(bytes, random, 0) ?? mutateBytes(bytes, random);
}

/** `null` for what is no message. */
function changed(bytes: Buffer, random: Random, depth: number): Buffer | null {
  const fields = fieldsOf(bytes);
  if (fields === null || fields.length === 0) return null;
  const { start, valueAt, end, type } = random.pick(fields);
  const value = bytes.subarray(valueAt, end);
  const around = (middle: Buffer): Buffer =>
    Buffer.concat([bytes.subarray(0, start), middle, bytes.subarray(end)]);
  const tag = bytes.subarray(start, tagEnd(bytes, start));
  const wrapped = (inner: Buffer): Buffer =>
    around(Buffer.concat([tag, varint(BigInt(inner.length)), inner]));
  // Keras describes its layers in JSON texts.
  if (type === 2 && value[0] === 0x7b && random.chance(0.8))
    return wrapped(Buffer.from(mutateJson(value.toString('utf8'), random)));
  // Deeper most of the time: what matters lies far inside.
  if (type === 2 && depth < 12 && random.chance(0.9)) {
    const inner = changed(value, random, depth + 1);
    if (inner) return wrapped(inner);
  }
  switch (random.below(5)) {
    case 0:
      return around(Buffer.alloc(0));
    case 1:
      return around(Buffer.concat([bytes.subarray(start, end), bytes.subarray(start, end)]));
    case 2: {
      const other = random.pick(fields);
      return around(bytes.subarray(other.start, other.end));
    }
    default: {
      if (type === 0) {
        const number = random.pick([
          0n,
          1n,
          2n,
          3n,
          100n,
          2n ** 31n,
          2n ** 32n - 1n,
          2n ** 63n,
          2n ** 64n - 1n,
        ]);
        return around(Buffer.concat([tag, varint(number)]));
      }
      const other = mutateBytes(Buffer.from(value), random);
      return type === 2 ? wrapped(other) : around(Buffer.concat([tag, other]));
    }
  }
}

function fieldsOf(bytes: Buffer): Field[] | null {
  const fields: Field[] = [];
  let at = 0;
  while (at < bytes.length && fields.length < MAX_FIELDS) {
    const start = at;
    const tag = readVarint(bytes, at);
    if (!tag || tag.value < 8n) return null;
    at = tag.next;
    const type = Number(tag.value & 7n);
    let valueAt = at;
    if (type === 0) {
      const number = readVarint(bytes, at);
      if (!number) return null;
      at = number.next;
    } else if (type === 1) at += 8;
    else if (type === 5) at += 4;
    else if (type === 2) {
      const length = readVarint(bytes, at);
      if (!length || length.value > BigInt(bytes.length)) return null;
      valueAt = length.next;
      at = valueAt + Number(length.value);
    } else return null;
    if (at > bytes.length) return null;
    fields.push({ start, valueAt, end: at, type });
  }
  return fields;
}

const tagEnd = (bytes: Buffer, start: number): number => readVarint(bytes, start)?.next ?? start;

function readVarint(bytes: Buffer, from: number): { value: bigint; next: number } | null {
  let value = 0n;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[from + i];
    if (byte === undefined) return null;
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) return { value, next: from + i + 1 };
  }
  return null;
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}
