import { crc32, deflateRawSync } from 'node:zlib';

/** A compressed entry of an archive, with what the archive states about it. */
export interface PackedEntry {
  readonly name: string;
  readonly packed: Uint8Array;
  readonly method: number;
  /** General purpose flags. */
  readonly flags: number;
  /** Number of bytes and CRC-32 of the uncompressed content. */
  readonly size: number;
  readonly crc: number;
}

/** A zip archive of deflated entries. */
export const zipOf = (entries: Readonly<Record<string, Uint8Array>>): Buffer =>
  archiveOf(
    Object.entries(entries).map(([name, bytes]) => ({
      name,
      packed: deflateRawSync(bytes, { level: 1 }),
      method: 8,
      flags: 0,
      size: bytes.length,
      crc: crc32(bytes),
    })),
  );

/** A zip archive of entries that are already compressed; nothing is checked. */
export function archiveOf(entries: readonly PackedEntry[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, packed, method, flags, size, crc } of entries) {
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(crc, 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(size, 18);
    common.writeUInt16LE(name.length, 22);
    locals.push(Buffer.from('PK\x03\x04'), common, Buffer.from(name), Buffer.from(packed));
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00'), common, place, Buffer.from(name));
    offset += 30 + name.length + packed.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, listed, end]);
}

/** The entries of an archive without data descriptors, as `archiveOf` and Python write them. */
export function entriesIn(archive: Buffer): PackedEntry[] {
  const entries: PackedEntry[] = [];
  const signature = 'PK\x01\x02';
  for (let at = archive.indexOf(signature); at !== -1; at = archive.indexOf(signature, at + 46)) {
    const nameLength = archive.readUInt16LE(at + 28);
    const local = archive.readUInt32LE(at + 42);
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    entries.push({
      name: archive.toString('utf8', at + 46, at + 46 + nameLength),
      packed: archive.subarray(start, start + archive.readUInt32LE(at + 20)),
      method: archive.readUInt16LE(at + 10),
      flags: archive.readUInt16LE(at + 8),
      size: archive.readUInt32LE(at + 24),
      crc: archive.readUInt32LE(at + 16),
    });
  }
  return entries;
}
