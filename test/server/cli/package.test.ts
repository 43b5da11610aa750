import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { sample } from '../cliProcess';

const run = promisify(execFile);
const project = resolve(import.meta.dirname, '../../..');
const LIMIT_MS = 300_000;

const folder = mkdtempSync(join(tmpdir(), 'layerglass-cli-package-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test(
  'the package of the command line runs in an empty folder, without a clone',
  async () => {
    await run(process.execPath, [join(project, 'scripts/packageCli.mjs'), '--out', folder]);
    const [archive = ''] = readdirSync(folder);
    expect(archive).toBe(`layerglass-${manifest.version}.tgz`);
    const home = mkdtempSync(join(folder, 'home-'));
    writeFileSync(join(home, 'package.json'), '{ "private": true }');
    // Everything is in the package: no registry is asked.
    // npm is a script on Windows.
    const shell = process.platform === 'win32';
    await run('npm', ['install', '--offline', '--no-audit', '--no-fund', join(folder, archive)], {
      cwd: home,
      shell,
    });
    expect(readdirSync(join(home, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
      'layerglass',
    ]);
    const layerglass = async (...args: string[]): Promise<string> => {
      const bin = join(home, 'node_modules/layerglass/dist/cli.js');
      const { stdout, stderr } = await run(process.execPath, [bin, ...args], { cwd: home });
      expect(stderr).toBe('');
      return stdout;
    };
    expect(existsSync(join(home, 'node_modules/.bin/layerglass'))).toBe(process.platform !== 'win32');
    expect((await layerglass('--version')).trim()).toBe(manifest.version);
    const model = sample('4-cat-or-dog/cat-or-dog.keras');
    expect(await layerglass('inspect', model)).toContain('Total params: 122,953');
    const input = ['--input', sample('4-cat-or-dog/cat.png')];
    const explained = JSON.parse(await layerglass('explain', model, ...input, '--out', 'map.png', '--json'));
    expect(explained).toMatchObject({
      backend: 'wasm',
      predictions: [{ label: 'cat', logit: expect.closeTo(9.85465, 3) }, { label: 'dog' }],
    });
    expect(existsSync(join(home, 'map.png'))).toBe(true);
    expect(await layerglass('completion', 'zsh')).toContain('#compdef layerglass');
  },
  LIMIT_MS,
);
