import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import * as l10n from '@vscode/l10n';
import { MAX_PROTO_VALUES } from '../../io/limits';

/** How a field of a message is read; a function for a field that is itself a message. */
export type FieldKind =
  | 'int'
  | 'float'
  | 'double'
  | 'bool'
  | 'text'
  | 'bytes'
  | 'base64'
  | 'type'
  | (() => Message);

export interface Field {
  /** The name in proto3's JSON. */
  readonly name: string;
  readonly kind: FieldKind;
  readonly many?: 'list' | 'map';
}

/** The fields of a message by number; all others are skipped. */
export type Message = ReadonlyMap<number, Field>;

export type Decoded = Record<string, unknown>;

/** A string may start with the bytes that would be a byte order mark at the start of a file. */
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Nesting of messages, which the bytes alone decide. */
const MAX_DEPTH = 64;

/** An empty message takes two bytes in a file and dozens in memory. */
class Budget {
  private left = MAX_PROTO_VALUES;

  spend(values: number): void {
    this.left -= values;
    if (this.left < 0) throw new RangeError(l10n.t('it contains more than {0} values', MAX_PROTO_VALUES));
  }
}

/**
 * Reads a protocol buffer in the form of proto3's JSON, by a table of its fields. Bytes are views of `bytes`, not copies.
 * @throws RangeError or Error where the bytes are not such a message or contain more than `MAX_PROTO_VALUES` values.
 */
export function decode(bytes: Uint8Array, message: Message): Decoded {
  return decodeWithin(new Budget(), bytes, message, 0);
}

function decodeWithin(budget: Budget, bytes: Uint8Array, message: Message, depth: number): Decoded {
  if (depth > MAX_DEPTH) throw new RangeError(l10n.t('messages nest more than {0} levels deep', MAX_DEPTH));
  const reader = new BinaryReader(bytes);
  // Names come from the table, never from the bytes.
  const decoded: Decoded = {};
  const lists: [Field, unknown[]][] = [];
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    const field = message.get(number);
    if (field === undefined) {
      reader.skip(wire, number);
      continue;
    }
    budget.spend(1);
    const values = valuesOf(reader, wire, field.kind, depth, budget);
    if (field.many === undefined) decoded[field.name] = values.at(-1);
    else {
      let [, list] = lists.find(([known]) => known === field) ?? [];
      if (list === undefined) {
        list = [];
        lists.push([field, list]);
      }
      for (const value of values) list.push(value);
    }
  }
  for (const [{ name, many }, list] of lists) decoded[name] = many === 'map' ? asRecord(list) : list;
  return decoded;
}

/** A map is a list of messages with a key (1) and a value (2). */
export const mapOf = (value: FieldKind): (() => Message) => {
  const message: Message = new Map([
    [1, { name: 'key', kind: 'text' }],
    [2, { name: 'value', kind: value }],
  ]);
  return () => message;
};

function asRecord(entries: readonly unknown[]): Decoded {
  return Object.fromEntries(
    entries.map((entry) => {
      const { key = '', value } = entry as { key?: string; value?: unknown };
      return [key, value];
    }),
  );
}

function valuesOf(
  reader: BinaryReader,
  wire: WireType,
  kind: FieldKind,
  depth: number,
  budget: Budget,
): unknown[] {
  if (typeof kind === 'function') return [decodeWithin(budget, reader.bytes(), kind(), depth + 1)];
  switch (kind) {
    case 'text':
      return [UTF8.decode(reader.bytes())];
    case 'bytes':
      return [reader.bytes()];
    case 'base64':
      return [Buffer.from(reader.bytes()).toString('base64')];
  }
  if (wire !== WireType.LengthDelimited) return [numberOf(reader, kind)];
  // Lists of numbers are packed into one field.
  const packed = new BinaryReader(reader.bytes());
  const values: unknown[] = [];
  while (packed.pos < packed.len) {
    budget.spend(1);
    values.push(numberOf(packed, kind));
  }
  return values;
}

function numberOf(reader: BinaryReader, kind: 'int' | 'float' | 'double' | 'bool' | 'type'): unknown {
  switch (kind) {
    case 'int':
      return Number(reader.int64());
    case 'float':
      return reader.float();
    case 'double':
      return reader.double();
    case 'bool':
      return reader.bool();
    case 'type':
      return typeName(reader.int32());
  }
}

/** `DataType` of tensorflow/core/framework/types.proto. */
const TYPES: readonly string[] = [
  'INVALID',
  'FLOAT',
  'DOUBLE',
  'INT32',
  'UINT8',
  'INT16',
  'INT8',
  'STRING',
  'COMPLEX64',
  'INT64',
  'BOOL',
  'QINT8',
  'QUINT8',
  'QINT32',
  'BFLOAT16',
  'QINT16',
  'QUINT16',
  'UINT16',
  'COMPLEX128',
  'HALF',
  'RESOURCE',
  'VARIANT',
  'UINT32',
  'UINT64',
];

const typeName = (type: number): string => `DT_${TYPES[type] ?? type}`;
