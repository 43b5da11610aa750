import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BackendName } from '../../src/shared/model';
import { CLI, fixture, layerglass } from './cliProcess';

// test/fixtures/make_foreign_models.py: TensorFlow itself copies secret.txt to written.txt when it runs this model.
const model = fixture('foreign/writes_files');
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-foreign-'));
  writeFileSync(join(folder, 'secret.txt'), 'secret');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.each<BackendName>(['native', 'wasm'])('a SavedModel that writes files, on %s', (backend) => {
  test.each([
    ['explain', '--out', 'map.png'],
    ['run', '--out', 'values'],
  ])('writes none during %s', async (command, ...more) => {
    const args = [command, model, '--input', 'random', '--backend', backend, ...more];
    const { code, stderr } = await layerglass(args, CLI, folder);
    expect(existsSync(join(folder, 'written.txt'))).toBe(false);
    expect(code).toBe(1);
    // Where native is not there, nothing was run at all.
    expect(stderr).toMatch(backend === 'native' ? /unknown because of|native/ : /unknown because of/);
  });
});
