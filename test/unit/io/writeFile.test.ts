import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { writeAllOrNone, writeAllOrNoneAsync, writeFile } from '../../../src/server/io/writeFile';
import { writeSidecar } from '../../../src/server/session/sidecar';
import { Failure, type LayerglassError } from '../../../src/shared/errors';

/** A disk that takes this many bytes more, and a rename that fails after so many. */
const disk = vi.hoisted(() => ({ free: Number.POSITIVE_INFINITY, renames: Number.POSITIVE_INFINITY }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const refuse = (code: string): never => {
    throw Object.assign(new Error(`${code}: refused`), { code });
  };
  return {
    ...fs,
    writeSync(fd: number, bytes: Uint8Array, from: number) {
      const length = Math.min(bytes.byteLength - from, disk.free);
      if (length <= 0) refuse('ENOSPC');
      disk.free -= length;
      return fs.writeSync(fd, bytes, from, length);
    },
    renameSync(from: string, to: string) {
      if (disk.renames-- <= 0) refuse('EIO');
      fs.renameSync(from, to);
    },
  };
});

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-write-'));
  disk.free = Number.POSITIVE_INFINITY;
  disk.renames = Number.POSITIVE_INFINITY;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);
const text = (name: string): string => readFileSync(at(name), 'utf8');
const bytes = (content: string): Uint8Array => Buffer.from(content);

function failure(work: () => unknown): LayerglassError {
  try {
    work();
  } catch (error) {
    if (error instanceof Failure) return error.error;
    throw error;
  }
  throw new Error('nothing failed');
}

describe('a full disk', () => {
  test('keeps the old file, and nothing beside it', () => {
    writeFileSync(at('map.png'), 'the old one');
    disk.free = 4;
    expect(failure(() => writeFile(at('map.png'), bytes('the new one')))).toMatchObject({
      kind: 'write-failed',
      message: `map.png could not be written to ${folder}: the disk is full (ENOSPC).`,
      remedy: 'Free some space or choose another folder.',
    });
    expect(text('map.png')).toBe('the old one');
    expect(readdirSync(folder)).toEqual(['map.png']);
  });

  test('keeps the settings beside a model', () => {
    const model = at('model.keras');
    const path = writeSidecar(model, { labels: ['cat'] });
    const before = readFileSync(path, 'utf8');
    disk.free = 10;
    expect(failure(() => writeSidecar(model, { labels: ['dog'] })).kind).toBe('write-failed');
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  test('leaves none of the files of an export, nor a folder made for it', () => {
    disk.free = 8;
    const failed = failure(() =>
      writeAllOrNone((add) => {
        add(at('out/deep/a.png'), bytes('12345'));
        add(at('out/deep/b.png'), bytes('12345'));
      }),
    );
    expect(failed.message).toContain('b.png');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('at the last step restores the old files', () => {
    writeFileSync(at('a.png'), 'old a');
    disk.renames = 2;
    expect(
      failure(() =>
        writeAllOrNone((add) => {
          add(at('a.png'), bytes('new a'));
          add(at('b.png'), bytes('new b'));
          add(at('c.png'), bytes('new c'));
        }),
      ).message,
    ).toContain('c.png');
    disk.renames = Number.POSITIVE_INFINITY;
    expect(existsSync(at('b.png'))).toBe(false);
    expect(existsSync(at('c.png'))).toBe(false);
  });
});

test('writes all files, also over old ones, and leaves nothing beside them', async () => {
  writeFileSync(at('a.png'), 'old a');
  chmodSync(at('a.png'), 0o640);
  const answer = await writeAllOrNoneAsync(async (add) => {
    add(at('a.png'), bytes('new a'));
    add(at('new/b.png'), bytes('new b'));
    return 7;
  });
  expect(answer).toBe(7);
  expect([text('a.png'), text('new/b.png')]).toEqual(['new a', 'new b']);
  expect(readdirSync(folder).sort()).toEqual(['a.png', 'new']);
  if (process.platform !== 'win32') expect(statSync(at('a.png')).mode & 0o777).toBe(0o640);
});

test('work that throws leaves nothing', async () => {
  const work = writeAllOrNoneAsync(async (add) => {
    add(at('a.npy'), bytes('a'));
    throw new Error('cancelled');
  });
  await expect(work).rejects.toThrow('cancelled');
  expect(readdirSync(folder)).toEqual([]);
});

test('the same name twice: the last one stays', () => {
  writeAllOrNone((add) => {
    add(at('a.npy'), bytes('first'));
    add(at('a.npy'), bytes('second'));
  });
  expect(text('a.npy')).toBe('second');
  expect(readdirSync(folder)).toEqual(['a.npy']);
});

describe.skipIf(process.platform === 'win32')('a link at the target', () => {
  test.each(['precious', 'nowhere'])('to %s is replaced itself', (target) => {
    writeFileSync(at('precious'), 'precious');
    symlinkSync(at(target), at('model.keras.layerglass.json'));
    writeSidecar(at('model.keras'), { labels: ['cat'] });
    expect(text('precious')).toBe('precious');
    expect(existsSync(at('nowhere'))).toBe(false);
    expect(lstatSync(at('model.keras.layerglass.json')).isFile()).toBe(true);
  });

  test('to a device is left alone, a folder as well', () => {
    symlinkSync('/dev/null', at('null'));
    mkdirSync(at('folder'));
    for (const name of ['null', 'folder']) {
      expect(failure(() => writeFile(at(name), bytes('x'))).message).toContain(
        `${name} could not be written: it is a folder, a device or a pipe.`,
      );
    }
    expect(lstatSync(at('null')).isSymbolicLink()).toBe(true);
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });
});

test.each([
  ['a name of 300 letters', 'a'.repeat(300), /its name is too long/],
  ['a NUL character', 'a\0b', /NUL character/],
])('%s is refused in a sentence', (_, name, sentence) => {
  expect(failure(() => writeFile(at(name), bytes('x')))).toMatchObject({
    kind: 'write-failed',
    message: expect.stringMatching(sentence),
  });
  expect(readdirSync(folder)).toEqual([]);
});
