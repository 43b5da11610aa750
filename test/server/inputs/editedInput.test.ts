import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeImage } from '../../../src/server/inputs/images/decodeImage';
import { encodePng } from '../../../src/server/render/png';
import type { InputEdit } from '../../../src/shared/edits/inputEdit';
import type { InputSource } from '../../../src/shared/inputs';
import * as protocol from '../../../src/shared/protocol';
import { json, layerglass, refusal, sample } from '../cliProcess';
import { errorOf, type ServerProcess, startServer, value } from '../serverProcess';

/** Edits of an input, from the client's request to the prediction, compared with files that really have these values. */

const CAT = sample('4-cat-or-dog/cat-or-dog.keras');
const PICTURE = sample('4-cat-or-dog/cat.png');
const SIDE = 96;

/** The middle of the picture in one grey, and a corner as it is. */
const painted: InputEdit = {
  kind: 'paint',
  size: [SIDE, SIDE],
  runs: Array.from({ length: 48 }, (_, row) => (row === 0 ? [8 * SIDE + 8, 48] : [48, 48])).flat(),
  fill: { kind: 'colour', rgb: [90, 110, 130] },
};
const erased: InputEdit = {
  kind: 'paint',
  size: [SIDE, SIDE],
  runs: [8 * SIDE + 8, 4],
  fill: { kind: 'original' },
};

let server: ServerProcess;
let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-edited-'));
  server = await startServer(resolve(import.meta.dirname, '../../../dist/server.js'), { backend: 'wasm' });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function params(model: string, source: InputSource): Promise<protocol.ExplainParams> {
  const opened = value(await server.request(protocol.openModel, { path: model }));
  return {
    modelId: opened.modelId,
    inputs: [source],
    preprocessing: opened.defaultPreprocessing,
    method: 'saliency',
    layer: 'auto',
    target: { index: 'auto' },
  };
}

/** `cat.png` with the pixels of `painted` and `erased`, made here. */
async function reallyPainted(): Promise<string> {
  const { rgba, width, height } = await decodeImage(readFileSync(PICTURE), PICTURE);
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const isPainted = x >= 8 && x < 56 && y >= 8 && y < 56 && !(y === 8 && x < 12);
    rgb.set(isPainted ? [90, 110, 130] : rgba.subarray(pixel * 4, pixel * 4 + 3), pixel * 3);
  }
  const path = join(folder, 'painted.png');
  writeFileSync(path, encodePng(rgb, width, height));
  return path;
}

test('a painted picture is predicted exactly as a file with these pixels, and says that it is edited', async () => {
  const edited = await params(CAT, { kind: 'file', path: PICTURE, edits: [painted, erased] });
  const shown = value(await server.request(protocol.explain, edited));
  const real = value(
    await server.request(protocol.explain, await params(CAT, { kind: 'file', path: await reallyPainted() })),
  );
  expect(shown.predictions).toEqual(real.predictions);
  expect(shown.rawMap).toEqual(real.rawMap);
  expect(shown.inputImage).toEqual(real.inputImage);
  expect(shown.sentence).toBe(`${real.sentence}, of the edited input`);
  const plain = value(
    await server.request(protocol.explain, await params(CAT, { kind: 'file', path: PICTURE })),
  );
  expect(plain.predictions[0]?.logit).not.toBe(shown.predictions[0]?.logit);
  expect(plain.inputKey).not.toBe(shown.inputKey);
});

test('the picture is sent to be edited with the prediction before, and saved with its edits', async () => {
  const source = { kind: 'file', path: PICTURE } as const;
  const asked = await params(CAT, source);
  const { modelId, preprocessing, inputs } = asked;
  const plain = value(await server.request(protocol.explain, asked));
  const found = value(
    await server.request(protocol.editableInput, { modelId, preprocessing, inputs, input: 0 }),
  );
  expect(found.editable).toEqual({ kind: 'picture', pixels: plain.inputImage });
  expect(found.before).toEqual(plain.predictions);
  expect(found.formats).toEqual(['png', 'npy']);

  const edited = { ...source, edits: [painted] };
  const shown = value(await server.request(protocol.explain, { ...asked, inputs: [edited] }));
  for (const format of found.formats) {
    const path = join(folder, `saved.${format}`);
    const saved = { modelId, preprocessing, inputs: [edited], input: 0, path, format };
    expect(value(await server.request(protocol.saveInput, saved))).toEqual({ path });
    // An array is taken as it is: it has the values after preprocessing.
    const again = value(await server.request(protocol.explain, await params(CAT, { kind: 'file', path })));
    expect(again.predictions).toEqual(shown.predictions);
  }
  const path = join(folder, 'saved.csv');
  const refused = await server.request(protocol.saveInput, {
    ...{ modelId, preprocessing, inputs, input: 0, path, format: 'csv' as const },
  });
  expect(errorOf(refused)).toMatchObject({
    kind: 'not-applicable',
    remedy: 'Save it as .png or .npy.',
  });
});

test('a row, a sequence and a text are edited and saved as files that give the same prediction', async () => {
  const cases = [
    [
      sample('7-table/prices.keras'),
      { kind: 'file', path: sample('7-table/houses.csv'), member: '2' },
      { kind: 'values', at: [0], to: [1234.5] },
      'csv',
    ],
    [
      sample('6-text/review.keras'),
      { kind: 'file', path: sample('6-text/good.txt') },
      { kind: 'text', at: 0, to: 'The acting was not good' },
      'txt',
    ],
  ] as const;
  for (const [model, source, edit, format] of cases) {
    const asked = await params(model, { ...source, edits: [edit] });
    const { modelId, preprocessing, inputs } = asked;
    const shown = value(await server.request(protocol.explain, { ...asked, method: 'occlusion' }));
    const path = join(folder, `saved-${edit.kind}.${format}`);
    value(
      await server.request(protocol.saveInput, { modelId, preprocessing, inputs, input: 0, path, format }),
    );
    const again = await params(model, { kind: 'file', path });
    const read = value(await server.request(protocol.explain, { ...again, method: 'occlusion' }));
    expect(read.predictions).toEqual(shown.predictions);
    const before = value(
      await server.request(protocol.editableInput, {
        ...{ modelId, preprocessing, inputs: [source], input: 0 },
      }),
    );
    expect(before.before[0]?.logit).not.toBe(shown.predictions[0]?.logit);
    expect(before.editable.kind).toBe(edit.kind);
  }
});

test('edits that do not fit are refused with a way out, and so are damaged ones', async () => {
  const small = { ...painted, size: [8, 8] } as const;
  const asked = await params(CAT, { kind: 'file', path: PICTURE, edits: [small] });
  const error = errorOf(await server.request(protocol.explain, asked));
  expect(error.message).toBe('A picture of 8 x 8 pixels was painted, and input "picture" has 96 x 96 now.');
  expect(error.remedy).toBe('Reset the edits, or choose the input that they were made for.');
  const damaged = [{ ...painted, runs: [-1] }] as const;
  const sent = await server.request(protocol.explain, {
    ...asked,
    inputs: [{ kind: 'file', path: PICTURE, edits: damaged }],
  });
  expect(errorOf(sent).kind).toBe('bad-input');
});

test('--edit changes the input before it', async () => {
  const file = join(folder, 'edits.json');
  writeFileSync(file, JSON.stringify([painted, erased]));
  const args = ['explain', CAT, '--backend', 'wasm', '--input'];
  const edited = await json<protocol.ExportedFiles['header']>([...args, PICTURE, '--edit', file]);
  const real = await json<protocol.ExportedFiles['header']>([...args, await reallyPainted()]);
  expect(edited.predictions).toEqual(real.predictions);
  expect(edited.sentence).toBe(`${real.sentence}, of the edited input`);
  const stats = await layerglass(['stats', CAT, '--input', PICTURE, '--edit', file]);
  expect(stats.code).toBe(0);

  writeFileSync(file, JSON.stringify([{ ...painted, fill: { kind: 'gold' } }]));
  expect(await refusal([...args, PICTURE, '--edit', file])).toContain('edits.json is no list of edits');
  const alone = await layerglass(['explain', CAT, '--edit', file, '--input', PICTURE]);
  expect(alone.stderr).toContain('Give it after the --input that it changes.');
});
