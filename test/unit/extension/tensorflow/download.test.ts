import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import lock from '../../../../package-lock.json';
import {
  type Archive,
  archivesFrom,
  HOSTS,
  TFJS_VERSION,
  whyUnavailable,
} from '../../../../src/extension/tensorflow/archives';
import { download } from '../../../../src/extension/tensorflow/download';
import { Installation } from '../../../../src/extension/tensorflow/installation';
import { PACKAGES } from '../../../../src/extension/tensorflow/packages';
import { unpack } from '../../../../src/extension/tensorflow/unpack';
import { startNative } from '../../../../src/server/run/backends/native';
import type { ErrorKind } from '../../../../src/shared/errors';
import { archiveAt, type LocalHost, startHost, tarball } from './localHost';

let folder: string;
let host: LocalHost | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-tensorflow-'));
});
afterEach(() => {
  host?.close();
  host = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const never = new AbortController().signal;
const failing = (kind: ErrorKind, message: RegExp) => ({
  error: expect.objectContaining({ kind, message: expect.stringMatching(message) }),
});
const serve = async (answer: RequestListener) => {
  host = await startHost(answer);
  return host.origin;
};

const anArchive = (url: string, more: Partial<Archive> = {}): Archive => ({
  ...{ name: 'thing 1.0', url, digest: undefined, maxBytes: 1000, maxUnpackedBytes: 1000 },
  ...{ folder: 'thing', strip: 0, wanted: /./ },
  ...more,
});

describe('what is downloaded', () => {
  it('is for Linux on x64 with glibc, for which alone there are binaries', () => {
    expect(whyUnavailable('linux', 'x64', '2.36')).toBeUndefined();
    expect(whyUnavailable('linux', 'x64', undefined)).toContain('glibc');
    for (const [platform, arch] of [
      ['linux', 'arm64'],
      ['darwin', 'arm64'],
      ['win32', 'x64'],
    ] as const)
      expect(whyUnavailable(platform, arch, undefined)).toContain(`for ${platform}-${arch}`);
  });

  it('comes from where npm and the install script of the package fetch it', () => {
    const urls = archivesFrom(HOSTS).map(({ url }) => url);
    expect(urls).toContain(
      'https://storage.googleapis.com/tf-builds/pre-built-binary/napi-v8/4.22.0/CPU-linux-4.22.0.tar.gz',
    );
    expect(urls).toContain(
      'https://storage.googleapis.com/tensorflow/libtensorflow/libtensorflow-cpu-linux-x86_64-2.9.1.tar.gz',
    );
    expect(urls).toContain('https://registry.npmjs.org/@tensorflow/tfjs-node/-/tfjs-node-4.22.0.tgz');
    expect(urls).toContain('https://registry.npmjs.org/semver/-/semver-7.8.6.tgz');
  });

  it('has the digests of this project’s own lock file and the version of its TF.js', () => {
    const locked = Object.entries<{ version?: string; integrity?: string }>(lock.packages);
    const compared = PACKAGES.filter(([name, version, sha512]) => {
      const same = locked.find(
        ([path, entry]) => path.endsWith(`node_modules/${name}`) && entry.version === version,
      );
      if (same !== undefined) expect(same[1].integrity, name).toBe(`sha512-${sha512}`);
      if (name.startsWith('@tensorflow/')) expect(version).toBe(TFJS_VERSION);
      return same !== undefined;
    });
    expect(compared.length).toBeGreaterThan(20);
    expect(lock.packages['node_modules/@tensorflow/tfjs-core'].version).toBe(TFJS_VERSION);
  });
});

describe('a download', () => {
  const file = () => join(folder, 'file');

  it('is written and reported', async () => {
    const url = await serve((_, response) => response.setHeader('content-length', 5).end('hello'));
    const reports: unknown[] = [];
    const sha256 = await download(anArchive(url), file(), {
      signal: never,
      progress: (...report) => reports.push(report),
    });
    expect(readFileSync(file(), 'utf8')).toBe('hello');
    expect(sha256).toBe(createHash('sha256').update('hello').digest('hex'));
    expect(reports.at(-1)).toEqual([5, 5]);
  });

  it.each<[string, ErrorKind, RegExp, RequestListener, Partial<Archive>?]>([
    [
      'another digest',
      'download-failed',
      /127\.0\.0\.1 sent is not thing 1\.0: its SHA512/,
      (_, response) => response.end('hello'),
      { digest: { algorithm: 'sha512', encoding: 'base64', value: 'AAAA' } },
    ],
    [
      'another sum than the storage states',
      'download-failed',
      /its MD5/,
      (_, response) => response.setHeader('x-goog-hash', ['crc32c=AA==', 'md5=AAAA']).end('hello'),
    ],
    [
      'a missing file',
      'download-failed',
      /not there \(status 404\)/,
      (_, response) => response.writeHead(404).end(),
    ],
    ['a portal', 'download-failed', /status 302/, (_, response) => response.writeHead(302).end()],
    ['too much', 'too-large', /larger than 0.001 MB/, (_, response) => response.end('x'.repeat(1001))],
    [
      'half of it',
      'download-failed',
      /could not be reached/,
      (_, response) => {
        response.writeHead(200, { 'content-length': 10 }).write('half');
        setTimeout(() => response.destroy(), 20);
      },
    ],
  ])('of %s fails, and says from where and why', async (_, kind, message, answer, more) => {
    const url = await serve(answer);
    await expect(download(anArchive(url, more), file(), { signal: never })).rejects.toMatchObject(
      failing(kind, message),
    );
  });

  it('names the proxy and the cause when nobody answers', async () => {
    const url = await serve(() => {});
    host?.close();
    const options = { signal: never, proxy: 'proxy.example:3128' };
    await expect(download(anArchive(url), file(), options)).rejects.toMatchObject({
      error: {
        kind: 'download-failed',
        message:
          '127.0.0.1 could not be reached through the proxy proxy.example:3128: the connection was refused (ECONNREFUSED).',
        remedy: expect.stringContaining('http.proxy'),
      },
    });
  });

  it('gives up a server that is silent', async () => {
    const url = await serve((_, response) => response.write('a'));
    await expect(download(anArchive(url), file(), { signal: never, silenceMs: 100 })).rejects.toMatchObject(
      failing('download-failed', /nothing was received for 0\.1 s/),
    );
  });

  it('stops when it is cancelled', async () => {
    const cancel = new AbortController();
    const url = await serve((_, response) => {
      response.write('a');
      setTimeout(() => cancel.abort(), 20);
    });
    await expect(download(anArchive(url), file(), { signal: cancel.signal })).rejects.toMatchObject(
      failing('cancelled', /./),
    );
  });
});

describe('an archive', () => {
  const unpacked = async (entries: Parameters<typeof tarball>[0], more: Partial<Archive> = {}) => {
    const file = join(folder, 'archive.tar.gz');
    writeFileSync(file, tarball(entries));
    await unpack(anArchive('', more), file, join(folder, 'inner', 'target'), never);
  };

  it.each<[string, Parameters<typeof tarball>[0]]>([
    ['a path out of the folder', [{ path: '../../out.js', content: 'x' }]],
    ['an absolute path', [{ path: '/tmp/layerglass-out.js', content: 'x' }]],
    ['a link out of the folder', [{ path: 'a', type: 'SymbolicLink', linkpath: '../../out.js' }]],
    ['an absolute link', [{ path: 'a', type: 'SymbolicLink', linkpath: '/etc/passwd' }]],
    ['a link to its parent', [{ path: 'a', type: 'SymbolicLink', linkpath: '..' }]],
    ['a hard link', [{ path: 'a', type: 'Link', linkpath: '/etc/passwd' }]],
    ['a device', [{ path: 'a', type: 'CharacterDevice' }]],
    ['more than it should', [{ path: 'a', content: 'x'.repeat(1001) }]],
  ])('with %s is refused', async (_, entries) => {
    await expect(unpacked(entries)).rejects.toMatchObject(failing('download-failed', /^thing 1\.0 /));
    expect(readdirSync(folder).sort()).toEqual(['archive.tar.gz', 'inner']);
    expect(readdirSync(join(folder, 'inner'))).toEqual(['target']);
    expect(existsSync('/tmp/layerglass-out.js')).toBe(false);
  });

  it.each<[string, Buffer]>([
    ['is a page of a portal', Buffer.from('<html>Please sign in</html>'.repeat(100))],
    ['is cut off', tarball([{ path: 'a', content: 'hello' }]).subarray(0, -12)],
  ])('that %s is refused', async (_, bytes) => {
    const file = join(folder, 'archive.tar.gz');
    writeFileSync(file, bytes);
    await expect(unpack(anArchive(''), file, join(folder, 'target'), never)).rejects.toMatchObject(
      failing('download-failed', /cannot be unpacked/),
    );
  });
});

describe('an installation', () => {
  const local = (origin: string): readonly Archive[] =>
    archivesFrom({ npm: origin, storage: origin }).map((archive) => ({ ...archive, digest: undefined }));
  const quiet = { report: () => {}, log: () => {} };

  it('has the layout that the server expects, and nothing else is left', async () => {
    const origin = await serve(({ url = '' }, response) => response.end(archiveAt(url)));
    const installation = new Installation(folder);
    const reports: string[] = [];
    const options = { signal: never, log: () => {}, report: (text: string) => void reports.push(text) };
    expect(await installation.install(local(origin), options)).toBe('2.9.1');
    expect(host?.requested).toHaveLength(PACKAGES.length + 2);
    expect(reports).toContainEqual(
      expect.stringMatching(/^39 of 39, libtensorflow 2\.9\.1: \d+ B of \d+ B$/),
    );

    const place = join(installation.folder, 'node_modules/@tensorflow/tfjs-node');
    expect(readFileSync(join(place, 'deps/lib/libtensorflow.so'), 'utf8')).toBe('library');
    expect(lstatSync(join(place, 'deps/lib/libtensorflow.so')).isSymbolicLink()).toBe(true);
    expect(readdirSync(join(place, 'deps')).sort()).toEqual(['LICENSE', 'lib']);
    expect(readdirSync(join(installation.folder, 'node_modules/semver'))).toEqual(['package.json']);
    expect(readdirSync(join(folder, 'tensorflow'))).toEqual([TFJS_VERSION]);

    const tf = await startNative({ nativePath: installation.folder });
    expect(tf.getBackend()).toBe('tensorflow');

    expect(await installation.remove()).toBe(true);
    expect(readdirSync(join(folder, 'tensorflow'))).toEqual([]);
    expect(await installation.remove()).toBe(false);
  });

  it.each([
    [
      'wrong numbers',
      /does not work on this machine: Error: its self-test/,
      'exports.tensor2d = () => 0; exports.matMul = () => ({ dataSync: () => [1, 2] });',
    ],
    ['an abort', /lacks AVX/, 'console.error("needs AVX instructions"); process.abort()'],
  ])('that is tried with %s leaves nothing', async (_, message, main) => {
    const origin = await serve(({ url = '' }, response) => response.end(archiveAt(url, main)));
    const installation = new Installation(folder);
    await expect(installation.install(local(origin), { signal: never, ...quiet })).rejects.toMatchObject(
      failing('backend', message),
    );
    expect(readdirSync(join(folder, 'tensorflow'))).toEqual([]);
    expect(installation.isThere).toBe(false);
  });

  it('deletes what a killed window left, and nothing that another one downloads', async () => {
    const [dead, own, other] = [2 ** 22 + 1, process.pid, process.ppid].map(
      (pid) => `${pid}-0123456789abcdef`,
    );
    for (const name of [dead, own, other, '4.21.0'])
      mkdirSync(join(folder, 'tensorflow', name ?? '', 'content'), { recursive: true });
    const installation = new Installation(folder);
    await installation.removeLeftovers();
    expect(readdirSync(join(folder, 'tensorflow')).sort()).toEqual(['4.21.0', other].sort());
    await installation.remove();
    expect(readdirSync(join(folder, 'tensorflow'))).toEqual([other]);
  });

  it('that is cancelled leaves nothing, and keeps what was there', async () => {
    const cancel = new AbortController();
    const origin = await serve(({ url = '' }, response) => {
      if (url.includes('semver')) cancel.abort();
      response.end(archiveAt(url));
    });
    const installation = new Installation(folder);
    await installation.install(
      local(origin).filter(({ url }) => !url.includes('semver')),
      {
        signal: never,
        ...quiet,
      },
    );
    await expect(
      installation.install(local(origin), { signal: cancel.signal, ...quiet }),
    ).rejects.toMatchObject(failing('cancelled', /./));
    expect(readdirSync(join(folder, 'tensorflow'))).toEqual([TFJS_VERSION]);
  });
});
