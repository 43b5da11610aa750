import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodePng } from '../../../src/server/render/png';
import { layerglass, refusal, sample } from '../cliProcess';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-evaluate-'));
  for (const name of ['digit.png', 'no-digit.png'])
    copyFileSync(sample('3-binary', name), join(folder, name));
  writeFileSync(join(folder, 'broken.png'), 'not an image');
  writeFileSync(join(folder, 'notes.md'), 'not an input');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const model = sample('3-binary/spot/model.json');
const command = (...more: string[]): string[] => ['evaluate', model, '--backend', 'wasm', ...more];

test('methods are measured over a folder, above a random map; a broken file is a row with a reason', async () => {
  const { code, stdout, stderr } = await layerglass(
    command('--input', folder, '--method', 'saliency,grad-cam', '--json'),
  );
  expect(code, stderr).toBe(0);
  const figures = (isRandom: boolean) => ({
    insertionAuc: expect.any(Number),
    deletionAuc: expect.any(Number),
    averageDrop: expect.any(Number),
    increase: expect.any(Number),
    faithfulness: expect.any(Number),
    sensitivity: isRandom ? null : expect.any(Number),
    randomisation: isRandom ? null : expect.any(Number),
    seconds: expect.any(Number),
  });
  const result = JSON.parse(stdout);
  expect(result).toEqual({
    n: 2,
    methods: [
      { method: 'grad-cam', ...figures(false) },
      { method: 'saliency', ...figures(false) },
      { method: 'random', ...figures(true) },
    ],
    failures: [
      {
        input: 'broken.png',
        method: null,
        reason: 'broken.png is in no format that Layerglass reads.',
      },
    ],
  });
  expect(result.methods[0].insertionAuc).toBeGreaterThan(result.methods[2].insertionAuc);
  expect(stderr).toContain('2 of 3: digit.png, grad-cam\n');
});

test('--resize is how each image gets the size of the model', async () => {
  const stripes = mkdtempSync(join(tmpdir(), 'layerglass-evaluate-resize-'));
  try {
    const rgb = Uint8Array.from({ length: 90 * 61 * 3 }, (_, i) => (i * 37 + (i % 7) * 20) % 256);
    writeFileSync(join(stripes, 'stripes.png'), encodePng(rgb, 90, 61));
    const args = ['--input', stripes, '--method', 'saliency', '--json'];
    const evaluated = async (...resize: string[]): Promise<unknown> => {
      const { code, stdout, stderr } = await layerglass(command(...args, ...resize));
      expect(code, stderr).toBe(0);
      const { insertionAuc, deletionAuc, faithfulness } = JSON.parse(stdout).methods[0];
      return { insertionAuc, deletionAuc, faithfulness };
    };
    const usual = await evaluated();
    expect(await evaluated('--resize', 'bilinear')).toEqual(usual);
    expect(await evaluated('--resize', 'pil-nearest')).not.toEqual(usual);
  } finally {
    rmSync(stripes, { recursive: true, force: true });
  }
});

test('an array of an .npz file is chosen by name', async () => {
  const text = await layerglass([
    'evaluate',
    sample('5-sigmoid/scores.keras'),
    '--input',
    sample('5-sigmoid/patients.npz#malignant'),
    '--method',
    'saliency',
    '--limit',
    '1',
    '--backend',
    'wasm',
  ]);
  expect(text.code, text.stderr).toBe(0);
  expect(text.stdout).toMatch(/^1 input\nmethod +insertionAuc/);
});

test('what cannot be evaluated is refused by name', async () => {
  const unreadable = join(folder, 'unreadable');
  mkdirSync(unreadable);
  writeFileSync(join(unreadable, 'empty.png'), '');
  expect(await refusal([...command('--method', 'saliency', '--input', unreadable)])).toMatch(
    /No input of unreadable can be run: empty\.png is empty/,
  );
  const none = await refusal(command('--input', join(folder, 'nowhere'), '--method', 'saliency'));
  expect(none).toContain('nowhere does not exist.');
  const { code, stderr } = await layerglass(command('--input', folder, '--method', 'magic'));
  expect(code).toBe(2);
  expect(stderr).toContain('There is no method "magic".');
});
