import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BackendName, ModelSummary } from '../../src/shared/model';
import { CLI, fixture, json, layerglass } from './cliProcess';

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
    const { stdout, stderr } = await layerglass(args, CLI, folder);
    expect(existsSync(join(folder, 'written.txt'))).toBe(false);
    // Where native is not there, nothing was run at all.
    const said = backend === 'native' ? /unknown because of|native/ : /unknown because of/;
    expect(stdout + stderr).toMatch(said);
  });
});

describe('inspect lists what would run elsewhere', () => {
  const foreign = async (path: string): Promise<readonly string[]> => {
    const { foreignCode } = await json<ModelSummary>(['inspect', path]);
    expect(foreignCode.every(({ what }) => what.endsWith('; Layerglass never runs it.'))).toBe(true);
    return foreignCode.map(({ path: at, what }) => `${at}: ${what.replace(/ would .*/, '')}`);
  };

  test('operations on files behind control dependencies, in functions', async () => {
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

  test('byte code and classes of Keras files, of both formats', async () => {
    for (const path of ['documented.keras', 'documented.h5']) {
      expect(await foreign(fixture('custom', path))).toEqual(
        expect.arrayContaining([
          'attended: In Keras, the class my_package>SqueezeExcite',
          'mean: In Keras, Python byte code in the file',
        ]),
      );
    }
  });

  test('nothing of what Keras itself saves', async () => {
    for (const path of [
      'formats/tiny.keras',
      'formats/keras2.h5',
      'saved_models/recurrent',
      'keras_saved_models/functional',
    ]) {
      expect(await foreign(fixture(path))).toEqual([]);
    }
  });

  test('in a table with one sentence for each', async () => {
    const { stdout } = await layerglass(['inspect', model]);
    expect(stdout).toContain(
      'Foreign code: 2 parts of the file would run in Keras or TensorFlow; Layerglass never runs any.',
    );
    expect(stdout).toMatch(/WriteFile: In TensorFlow, the operation WriteFile would read or write files;/);
  });
});
