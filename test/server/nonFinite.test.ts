import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ExplanationHeader } from '../../src/shared/explanation';
import type { InputSource } from '../../src/shared/inputs';
import * as protocol from '../../src/shared/protocol';
import { json, layerglass, sample } from './cliProcess';
import { type ServerProcess, startServer } from './serverProcess';

/** A copy of a sample whose last weight, the bias of the output layer, is NaN. */
let folder = '';
let model = '';
let server: ServerProcess;
const DIGIT = sample('3-binary/digit.png');
const SENTENCE = 'Layer "dense" is the first to give NaN: its weights hold NaN.';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-nan-'));
  model = join(folder, 'model.json');
  copyFileSync(sample('3-binary/spot/model.json'), model);
  const weights = readFileSync(sample('3-binary/spot/group1-shard1of1.bin'));
  weights.writeFloatLE(Number.NaN, weights.length - 4);
  writeFileSync(join(folder, 'group1-shard1of1.bin'), weights);
  server = await startServer(resolve(import.meta.dirname, '../../dist/server.js'), { backend: 'wasm' });
}, 60_000);
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('the server returns NaN as NaN', async () => {
  const opened = await server.request(protocol.openModel, { path: model });
  if (!opened.ok) throw new Error(opened.error.message);
  const run = {
    modelId: opened.value.modelId,
    inputs: [{ kind: 'file', path: DIGIT }] satisfies InputSource[],
    preprocessing: { name: '0..1' } as const,
  };
  const target = { index: 'auto' } as const;
  const explained = await server.request(protocol.explain, {
    ...run,
    method: 'grad-cam',
    layer: 'auto',
    target,
  });
  if (!explained.ok) throw new Error(explained.error.message);
  expect(explained.value.notices).toEqual(['The score is NaN: nothing is predicted.', SENTENCE]);
  expect(explained.value.predictions[0]).toMatchObject({ logit: Number.NaN, probability: Number.NaN });
  expect(explained.value.sentence).toContain('p = NaN');
  const values = await server.request(protocol.layerValues, { ...run, layer: 'dense' });
  if (!values.ok) throw new Error(values.error.message);
  expect(values.value.notices[0]).toBe(SENTENCE);
  expect(values.value.post).toMatchObject({ nan: 1, min: Number.NaN, mean: Number.NaN });
  expect(values.value.check?.agrees).toBe(true);
});

test('the command line writes NaN as the string "NaN" in JSON, and as NaN in text', async () => {
  const args = ['explain', model, '--input', DIGIT, '--backend', 'wasm'];
  const header = await json<ExplanationHeader>(args);
  expect(header.target.value).toBe('NaN');
  expect(header.notices).toContain(SENTENCE);
  const { stdout } = await layerglass(args);
  expect(stdout).toContain(`Note: ${SENTENCE}`);
  expect(stdout).toMatch(/logit NaN {2}p NaN/);
  expect(stdout).not.toContain('No positive evidence');
});
