import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ExplanationHeader } from '../../../src/shared/explanation';
import { json, refusal, sample } from '../cliProcess';

const REVIEW = [sample('6-text/review.keras')];
const WASM = ['--backend', 'wasm'];

test('a typed text is explained as the same text in a file', async () => {
  const file = sample('6-text/not-good.txt');
  const text = readFileSync(file, 'utf8').trimEnd();
  const typed = await json<ExplanationHeader>(['explain', ...REVIEW, '--text', text, ...WASM]);
  const read = await json<ExplanationHeader>(['explain', ...REVIEW, '--input', file, ...WASM]);
  expect(typed.target.label).toBe('negative');
  expect(typed.target.value).toBe(read.target.value);
});

test('files and texts are inputs in their order', async () => {
  const plates = ['explain', sample('9-two-inputs/plates.keras'), ...WASM];
  const refused = await refusal([...plates, '--input', sample('9-two-inputs/whole.png'), '--text', '1 2 3']);
  expect(refused).toMatch(/The text holds 3 numbers, and input "[^"]+" takes \(None, /);
  const first = await refusal([...plates, '--text', '1 2 3', '--input', sample('9-two-inputs/calm.csv')]);
  expect(first).not.toEqual(refused);
  expect(await refusal([...plates, '--text', '1 2 3'])).toMatch(
    /takes 2 inputs .*, not 1\. Missing: "[^"]+" \(None, .*\)\./,
  );
});
