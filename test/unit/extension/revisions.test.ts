import { existsSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyName, revisionLabel, revisionName } from '../../../src/extension/models/revisionName';
import { MAX_REVISION_BYTES, Revisions } from '../../../src/extension/models/revisions';
import { toResult } from '../../../src/shared/errors';
import { EventEmitter, FileSystemError, forget, Uri, virtual } from './fakeVscode';

type VsCodeUri = Parameters<Revisions['open']>[0];

const HASH = '0123456789abcdef0123456789abcdef01234567';
const git = (path: string, ref: string) =>
  Uri.from({ scheme: 'git', path, query: JSON.stringify({ path, ref }) }) as unknown as VsCodeUri;
const HEAD = git('/work/cats.keras', 'HEAD');

describe('the name of a revision', () => {
  it.each([
    ['HEAD', 'HEAD'],
    ['', 'index'],
    ['~', 'HEAD or index'],
    ['~2', 'ours'],
    [HASH, '0123456'],
    ['refs/heads/main', 'refs/heads/main'],
  ])('says the ref %j as %j', (ref, label) => {
    expect(revisionLabel(git('/a/b.h5', ref))).toBe(label);
    expect(revisionName(git('/a/b.h5', ref))).toBe(`b.h5 (${label})`);
  });

  it.each(['', '{', '[]', 'null', '{"ref":1}', 'ref=main'])(
    'is the scheme where the query is %j',
    (query) => {
      expect(revisionLabel({ scheme: 'memfs', query })).toBe('memfs');
    },
  );

  it.each([
    ['/a/cats.keras', 'HEAD', 'cats (HEAD).keras'],
    ['/a/..', 'HEAD', '.. (HEAD)'],
    ['/a/con.h5', 'HEAD', 'con (HEAD).h5'],
    ['/a/x\\..\\y:$(z)\u202e\0.keras', '../../etc', 'x_.._y___z___ (.._.._etc).keras'],
    ['/a/kept.txt.exe', 'v1', 'kept.txt.exe (v1)'],
  ])('on disk takes nothing dangerous from %j at %j', (path, ref, name) => {
    expect(copyName(git(path, ref))).toBe(name);
  });

  it('on disk fits every file system', () => {
    const name = copyName(git(`/a/${'漢'.repeat(300)}.keras`, '漢'.repeat(300)));
    expect(Buffer.byteLength(name)).toBeLessThan(256);
    expect(name).toMatch(/\.keras$/);
  });
});

describe('an old revision', () => {
  let storage: string;
  let revisions: Revisions;
  let held: Set<string>;
  let released: EventEmitter<string>;
  const start = () =>
    new Revisions(
      Uri.file(storage) as unknown as VsCodeUri,
      {
        close: () => undefined,
        isHeld: (path) => held.has(path),
        onReleased: released.event,
      },
      { debug: () => undefined },
    );
  const there = (uri: VsCodeUri, text: string, size?: number) =>
    virtual.set(uri.toString(), {
      ...(size === undefined ? {} : { size }),
      bytes: async () => Buffer.from(text),
    });
  /** Files below the storage. */
  const left = async () =>
    (await readdir(storage, { recursive: true, withFileTypes: true }).catch(() => []))
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);

  beforeEach(async () => {
    forget();
    storage = await mkdtemp(join(tmpdir(), 'layerglass-revisions-'));
    held = new Set();
    released = new EventEmitter<string>();
    revisions = start();
  });
  afterEach(async () => {
    revisions.dispose();
    await rm(storage, { recursive: true, force: true });
  });

  it('is copied to a private place once, and deleted with its editor', async () => {
    there(HEAD, 'old bytes');
    const source = revisions.open(HEAD);
    expect(source.name).toBe('cats.keras (HEAD)');
    expect(source.notice).toContain('Revision: HEAD.');
    expect(await Promise.all([source.prepare(), source.prepare()])).toMatchObject([
      { ok: true },
      { ok: true },
    ]);
    expect(await readFile(source.path, 'utf8')).toBe('old bytes');
    expect(relative(storage, source.path)).not.toMatch(/^\.\./);
    expect(basename(source.path)).toBe('cats (HEAD).keras');
    if (process.platform !== 'win32') {
      expect(statSync(dirname(source.path)).mode & 0o77).toBe(0);
      expect(statSync(source.path).mode & 0o77).toBe(0);
    }
    source.dispose();
    await expect.poll(left).toEqual([]);
  });

  it('stays while a page shows it', async () => {
    there(HEAD, 'old bytes');
    const source = revisions.open(HEAD);
    await source.prepare();
    held.add(source.path);
    source.dispose();
    expect(existsSync(source.path)).toBe(true);
    held.clear();
    released.fire(source.path);
    await expect.poll(left).toEqual([]);
    expect(revisions.isGone(source.path)).toBe(true);
  });

  it('goes with its window, and at the next start after a crash', async () => {
    there(HEAD, 'old bytes');
    await revisions.open(HEAD).prepare();
    revisions.dispose();
    expect(await left()).toEqual([]);
    // The id of no process, that of one that lives, and what is not ours.
    for (const folder of [`999999999-${'a'.repeat(16)}`, `${process.ppid}-${'b'.repeat(16)}`, 'kept']) {
      await mkdir(join(storage, 'revisions', folder), { recursive: true });
      await writeFile(join(storage, 'revisions', folder, `${folder[0]}.h5`), '');
    }
    revisions = start();
    await revisions.removeLeftovers();
    expect((await left()).sort()).toEqual([`${`${process.ppid}`[0]}.h5`, 'k.h5'].sort());
  });

  it('is what its URI means while it is open; other schemes are refused in a sentence', async () => {
    there(HEAD, 'old bytes');
    const before = await toResult(() => revisions.pathOf(HEAD));
    expect(before).toMatchObject({
      error: { kind: 'file-unreadable', message: 'cats.keras is on "git", not on a file system.' },
    });
    const source = revisions.open(HEAD);
    expect(await revisions.pathOf(HEAD)).toBe(source.path);
    expect(existsSync(source.path)).toBe(true);
    expect(revisions.provideFileDecoration(HEAD)).toMatchObject({
      badge: 'R',
      tooltip: expect.stringContaining('HEAD'),
    });
    expect(revisions.provideFileDecoration(git('/work/cats.keras', 'v1'))).toBeUndefined();
    expect(revisions.originOf(source.path)).toBe('/work/cats.keras');
    expect(revisions.originOf('/work/dogs.keras')).toBe('/work/dogs.keras');
  });

  it('of any scheme that VS Code reads is opened', async () => {
    const uri = Uri.from({ scheme: 'memfs', path: '/x/net.h5' }) as unknown as VsCodeUri;
    there(uri, 'bytes');
    const source = revisions.open(uri);
    expect(source.name).toBe('net.h5 (memfs)');
    expect((await source.prepare()).ok).toBe(true);
    expect(await readFile(source.path, 'utf8')).toBe('bytes');
  });

  it('of the disk is the file itself', async () => {
    const file = Uri.file('/work/cats.keras') as unknown as VsCodeUri;
    const source = revisions.open(file);
    expect(source).toMatchObject({ path: '/work/cats.keras', name: 'cats.keras', notice: undefined });
    expect((await source.prepare()).ok).toBe(true);
    expect(await left()).toEqual([]);
  });

  it('that is too large is not read', async () => {
    let reads = 0;
    virtual.set(HEAD.toString(), {
      size: MAX_REVISION_BYTES + 1,
      bytes: async () => {
        reads += 1;
        return new Uint8Array();
      },
    });
    const result = await revisions.open(HEAD).prepare();
    expect(result).toMatchObject({ ok: false, error: { kind: 'too-large' } });
    expect(reads).toBe(0);
  });

  it('that cannot be read says why, and is tried again', async () => {
    const source = revisions.open(HEAD);
    expect(await source.prepare()).toMatchObject({
      error: { kind: 'file-not-found', message: expect.stringContaining('cats.keras (HEAD) was not found') },
    });
    virtual.set(HEAD.toString(), {
      bytes: async () => {
        throw new FileSystemError('the network is down', 'Unavailable');
      },
    });
    expect(await source.prepare()).toMatchObject({
      error: {
        kind: 'file-unreadable',
        message: 'cats.keras (HEAD) cannot be read: the network is down.',
      },
    });
    there(HEAD, 'version https://git-lfs.github.com/spec/v1\noid sha256:0\n');
    expect(await source.prepare()).toMatchObject({
      error: { kind: 'file-unreadable', message: expect.stringContaining('Git LFS pointer') },
    });
    there(HEAD, 'old bytes');
    expect(await source.prepare()).toMatchObject({ ok: true });
  });

  it('whose editor is closed while it is read leaves nothing', async () => {
    let answer = (_: Uint8Array) => {};
    virtual.set(HEAD.toString(), {
      bytes: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    });
    const source = revisions.open(HEAD);
    const preparing = source.prepare();
    await new Promise((resolve) => setImmediate(resolve));
    source.dispose();
    answer(Buffer.from('old bytes'));
    expect(await preparing).toMatchObject({ ok: false, error: { kind: 'cancelled' } });
    expect(await left()).toEqual([]);
  });
});
