import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { readTable } from '../../src/server/formats/savedModel/sortedTable';
import { mutateBytes } from './mutateBytes';
import { mutateProto } from './mutateProto';
import type { Random } from './random';

const MAGIC = Buffer.from('57fb808b247547db', 'hex');
const TRAILER = Buffer.alloc(5);

/** One entry of a `variables.index` changed, left out, doubled under another name or given another's content. */
export function mutateTable(bytes: Buffer, random: Random): Buffer {
  let entries: [string, Uint8Array][];
  try {
    entries = [...readTable(bytes)];
  } catch {
    return mutateBytes(bytes, random);
  }
  if (entries.length === 0) return mutateBytes(bytes, random);
  const at = random.below(entries.length);
  const [key = '', value = new Uint8Array()] = entries[at] ?? [];
  const other = random.pick(entries);
  const changes = [
    () => entries.splice(at, 1),
    () => entries.splice(at, 0, [`${key}x`, value]),
    () => entries.splice(at, 1, [key, other[1]]),
    () => entries.splice(at, 1, [other[0], value]),
    () => entries.splice(at, 1, [key, mutateProto(Buffer.from(value), random)]),
    () => entries.splice(at, 1, [key, mutateProto(Buffer.from(value), random)]),
    () => entries.splice(at, 1, [key, mutateProto(Buffer.from(value), random)]),
  ];
  random.pick(changes)();
  return table(entries);
}

/** A table of one block in which no key shares its beginning with the one before it. */
function table(entries: readonly (readonly [string, Uint8Array])[]): Buffer {
  const data = block(entries);
  const index = block([['z', handle(0, data.length)]]);
  const footer = Buffer.alloc(48);
  footer.set(Buffer.concat([handle(0, 0), handle(data.length + TRAILER.length, index.length)]));
  footer.set(MAGIC, 40);
  return Buffer.concat([data, TRAILER, index, TRAILER, footer]);
}

function block(entries: readonly (readonly [string, Uint8Array])[]): Buffer {
  const parts = entries.map(([key, value]) => {
    const own = Buffer.from(key);
    const lengths = new BinaryWriter().uint32(0).uint32(own.length).uint32(value.length).finish();
    return Buffer.concat([lengths, own, value]);
  });
  return Buffer.concat([...parts, Buffer.from([0, 0, 0, 0, 1, 0, 0, 0])]);
}

const handle = (offset: number, size: number): Uint8Array =>
  new BinaryWriter().uint64(offset).uint64(size).finish();
