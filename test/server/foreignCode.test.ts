import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BackendName, ModelSummary } from '../../src/shared/model';
import { CLI, fixture, json, layerglass } from './cliProcess';

// Written by test/fixtures/make_foreign_models.py: when TensorFlow runs this model, it copies secret.txt to written.txt.
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
  ])('writes no file during %s', async (command, ...more) => {
    const args = [command, model, '--input', 'random', '--backend', backend, ...more];
    const { stdout, stderr } = await layerglass(args, CLI, folder);
    expect(existsSync(join(folder, 'written.txt'))).toBe(false);
    // Where the native backend is not available, nothing runs at all.
    const expected = backend === 'native' ? /unknown because of|native/ : /unknown because of/;
    expect(stdout + stderr).toMatch(expected);
  });
});

describe('inspect lists foreign code', () => {
  const foreign = async (path: string): Promise<readonly string[]> => {
    const { foreignCode } = await json<ModelSummary>(['inspect', path]);
    expect(foreignCode.every(({ what }) => what.endsWith('; Layerglass never runs it.'))).toBe(true);
    return foreignCode.map(({ path: at, what }) => `${at}: ${what.replace(/ would .*/, '')}`);
  };

  test('file operations in functions, reached through control dependencies', async () => {
    expect(await foreign(model)).toEqual([
      expect.stringMatching(/^__inference_copy_\d+\/ReadFile: In TensorFlow, the operation ReadFile$/),
      expect.stringMatching(/^__inference_copy_\d+\/WriteFile: In TensorFlow, the operation WriteFile$/),
    ]);
  });

  test('operations that call Python', async () => {
    const found = await foreign(fixture('foreign/calls_python'));
    expect(found.map((line) => line.replace(/^.*: /, ''))).toEqual([
      'In TensorFlow, the operation EagerPyFunc',
      'In TensorFlow, the operation PyFunc',
    ]);
  });

  test('byte code and custom classes in Keras files of both formats', async () => {
    for (const path of ['documented.keras', 'documented.h5']) {
      expect(await foreign(fixture('custom', path))).toEqual(
        expect.arrayContaining([
          'attended: In Keras, the class my_package>SqueezeExcite',
          'mean: In Keras, Python byte code in the file',
        ]),
      );
    }
  });

  test('but nothing in files with only classes of Keras', async () => {
    for (const path of [
      'formats/tiny.keras',
      'formats/keras2.h5',
      'saved_models/recurrent',
      'keras_saved_models/functional',
    ]) {
      expect(await foreign(fixture(path))).toEqual([]);
    }
  });

  test('below the table, one sentence each', async () => {
    const { stdout } = await layerglass(['inspect', model]);
    expect(stdout).toContain(
      'Foreign code: 2 parts of the file would run in Keras or TensorFlow; Layerglass never runs any.',
    );
    expect(stdout).toMatch(/WriteFile: In TensorFlow, the operation WriteFile would read or write files;/);
  });
});
