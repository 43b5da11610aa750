import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { npzMembers } from '../../../src/extension/pickers/npzMembers';

const folder = mkdtempSync(join(tmpdir(), 'layerglass-npz-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A zip of empty, stored entries: local headers, central directory, end record. */
function emptyZip(names: readonly string[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const name of names) {
    const bytes = Buffer.from(name);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(bytes.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(bytes.length, 28);
    entry.writeUInt32LE(offset, 42);
    locals.push(local, bytes);
    central.push(entry, bytes);
    offset += local.length + bytes.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(names.length, 8);
  end.writeUInt16LE(names.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

describe('arrays of an .npz', () => {
  it('are its .npy entries, without the extension', async () => {
    const path = join(folder, 'three.npz');
    writeFileSync(path, emptyZip(['anchor.npy', 'positive.npy', 'notes.txt']));
    expect(await npzMembers(path)).toEqual(['anchor', 'positive']);
  });

  it('are none where the file cannot be read, since the server reports the reason', async () => {
    const path = join(folder, 'broken.npz');
    writeFileSync(path, 'no zip');
    expect(await npzMembers(path)).toEqual([]);
    expect(await npzMembers(join(folder, 'missing.npz'))).toEqual([]);
  });
});
