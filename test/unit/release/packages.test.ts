import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkLicence } from '../../../scripts/bundle/licences.mjs';
import { LIMITS_MB, sizeLine } from '../../../scripts/bundle/limits.mjs';
import { TARGETS } from '../../../scripts/bundle/onnxRuntime.mjs';
import { CHECKSUMS, checksums } from '../../../scripts/release/checksums.mjs';
import { unfilled } from '../../../scripts/release/unfilled.mjs';

const folder = mkdtempSync(join(tmpdir(), 'layerglass-release-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A file of so many bytes, which take no space on the disk. */
function fileOf(name: string, bytes: number): string {
  const file = join(folder, name);
  writeFileSync(file, '');
  truncateSync(file, bytes);
  return file;
}

describe.each(['vsix', 'npm'] as const)('a package of the kind %s', (kind) => {
  test.each(TARGETS)('for %s has a limit, above which its build fails', (target) => {
    const limit = LIMITS_MB[kind][target] ?? 0;
    expect(limit).toBeGreaterThan(0);
    const file = fileOf(`${kind}-${target}`, limit * 1e6);
    expect(sizeLine(kind, target, file)).toBe(`${file}: ${limit.toFixed(2)} MB of ${limit} MB\n`);
    truncateSync(file, limit * 1e6 + 1);
    expect(() => sizeLine(kind, target, file)).toThrow(`${kind}-${target} has`);
  });
});

test('only permissive licences may travel along', () => {
  for (const license of ['MIT', 'Apache-2.0', 'BSD-3-Clause', 'ISC'])
    expect(() => checkLicence({ name: 'some', license })).not.toThrow();
  for (const license of ['GPL-3.0-only', 'LGPL-2.1', 'MPL-2.0', 'UNLICENSED', '(MIT AND GPL-2.0)', ['MIT']])
    expect(() => checkLicence({ name: 'some', license })).toThrow('The package some is in a bundle and has');
  expect(() => checkLicence({ name: 'some' })).toThrow('names no licence');
});

test('a licence that was read holds for its package alone, as long as the package says the same', () => {
  const license = 'SEE LICENSE IN LICENSE.txt';
  expect(() => checkLicence({ name: 'h5wasm', license })).not.toThrow();
  expect(() => checkLicence({ name: 'some', license })).toThrow('some');
  expect(() => checkLicence({ name: 'h5wasm', license: 'GPL-3.0-only' })).toThrow('h5wasm');
});

test('checksums are in the form of sha256sum, without their own file', () => {
  const files = join(folder, 'files');
  mkdirSync(files);
  writeFileSync(join(files, 'b.txt'), 'abc');
  writeFileSync(join(files, 'a.txt'), '');
  writeFileSync(join(files, CHECKSUMS), checksums(files));
  const expected = [
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a.txt',
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  b.txt',
  ];
  expect(checksums(files)).toBe(`${expected.join('\n')}\n`);
  if (process.platform === 'linux')
    expect(execFileSync('sha256sum', ['--check', CHECKSUMS], { cwd: files, encoding: 'utf8' })).toContain(
      'b.txt: OK',
    );
});

describe('what a publisher has to fill in', () => {
  const changelog = '# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-11-27\n';
  const repository = { url: 'git+https://github.com/some/one.git' };
  const bugs = { email: 'bugs@layerglass.dev' };
  const full = { version: '1.2.3', repository, bugs };

  test('is named, each in a sentence, where it is not there', () => {
    expect(unfilled(full, changelog)).toEqual([]);
    const found = unfilled({ version: '1.2' }, changelog);
    expect(found).toHaveLength(3);
    for (const [at, word] of ['"repository"', '"bugs"', '## [1.2]'].entries())
      expect(found[at]).toContain(word);
  });

  test.each(['https://github.com/<owner>/<name>', 'https://example.com/a/b'])(
    'is not filled in by the placeholder %s',
    (url) => {
      expect(unfilled({ ...full, repository: { url } }, changelog)[0]).toContain(url);
    },
  );

  test('on GitHub is the repository that publishes', () => {
    const by = (GITHUB_REPOSITORY: string, address: string | { url: string }) =>
      unfilled({ ...full, repository: address }, changelog, { GITHUB_REPOSITORY });
    for (const spelling of [
      repository,
      'github:some/one',
      'https://github.com/Some/one',
      'git@github.com:some/one.git',
    ])
      expect(by('some/one', spelling)).toEqual([]);
    expect(by('some/other', repository)).toEqual([expect.stringContaining('some/other publishes')]);
    expect(by('some/one', 'https://gitlab.com/some/one')).toHaveLength(1);
  });
});
