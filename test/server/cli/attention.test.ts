import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseNpy } from '../../../src/server/inputs/arrays/npy';
import type { ExplanationHeader } from '../../../src/shared/explanation';
import { fixture, json, refusal, sample } from '../cliProcess';

const folder = mkdtempSync(join(tmpdir(), 'layerglass-attention-'));
afterAll(() => rmSync(folder, { recursive: true }));

const asked = (name: string, input = `${name}.npy`): string[] => [
  'explain',
  fixture('attention', `${name}.keras`),
  '--input',
  fixture('attention', input),
];

const rawOf = async (args: readonly string[]): Promise<readonly number[]> => {
  const raw = join(folder, 'raw.npy');
  await json([...args, '--raw', raw]);
  return [...parseNpy(readFileSync(raw), raw).values];
};
const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 6));

// The suite of attention has them on every backend.
test('the reference cases of rollout and of fused heads', async () => {
  expect(await rawOf([...asked('rollout'), '--method', 'attention-rollout'])).toEqual(
    close([0.51, 0.49, 0.1725, 0.8275]),
  );
  const heads = { mean: [0.2, 0.8, 0.3, 0.7], max: [0.3, 0.9, 0.4, 0.8], min: [0.1, 0.7, 0.2, 0.6] };
  for (const [head, values] of Object.entries(heads)) {
    const args = [...asked('fuse'), '--method', 'attention', '--option', `head=${head}`];
    expect(await rawOf(args)).toEqual(close(values));
  }
});

test('attention of a text is written with its words, a query and a head can be chosen', async () => {
  const svg = join(folder, 'text.svg');
  const args = [...asked('text', 'text.txt'), '--method', 'attention', '--backend', 'cpu'];
  const header = await json<ExplanationHeader>([
    ...args,
    '--out',
    svg,
    '--option',
    'head=1',
    '--option',
    'query=0',
  ]);
  expect(header).toMatchObject({
    layer: 'heads1',
    options: { head: 1, query: 0 },
    map: { shape: [8] },
    raw: { shape: [8, 8] },
    onInput: true,
  });
  expect(readFileSync(svg, 'utf8')).toMatch(/the[\s\S]*film[\s\S]*was[\s\S]*not[\s\S]*good/);
  expect(await refusal([...args, '--option', 'head=first'])).toMatch(
    /Give mean, max, min or a number from 0 to 4095\./,
  );
  expect(await refusal([...args, '--option', 'head=2'])).toMatch(/Layer "heads1" has no head 2\./);
  expect(await refusal([...args, '--layer', 'heads0', '--layer', 'heads1'])).toMatch(
    /Attention explains at one layer: the maps of several cannot be fused\./,
  );
});

test('a model without attention says what it has instead', async () => {
  const args = [
    'explain',
    sample('6-text/review.keras'),
    '--input',
    sample('6-text/good.txt'),
    '--backend',
    'cpu',
  ];
  for (const method of ['attention', 'attention-rollout'])
    expect(await refusal([...args, '--method', method])).toMatch(
      /The model has no attention layer, only TextVectorization, Embedding, Conv1D, GlobalMaxPooling1D and Dense\./,
    );
});
