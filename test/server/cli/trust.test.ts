import { expect, test } from 'vitest';
import type { Trust } from '../../../src/shared/results/trust';
import { json, layerglass, sample } from '../cliProcess';

const cat = [
  'explain',
  sample('4-cat-or-dog/cat-or-dog.keras'),
  '--input',
  sample('4-cat-or-dog/cat-and-dog.png'),
  '--backend',
  'wasm',
  '--trust',
];

test('an explanation of the sample is believed, with every figure that applies', async () => {
  const { trust } = await json<{ readonly trust: Trust }>(cat);
  expect(trust).toEqual({
    verdict: 'believe',
    reasons: expect.arrayContaining([expect.stringMatching(/^The positions that it marks matter more/)]),
    notes: expect.arrayContaining([expect.stringMatching(/^What is taken from the input is blurred/)]),
    insertionAuc: expect.any(Number),
    deletionAuc: expect.any(Number),
    randomInsertionAuc: expect.any(Number),
    randomDeletionAuc: expect.any(Number),
    randomisation: expect.any(Number),
    randomisationStages: [1, expect.any(Number), expect.any(Number)].map((layers) => ({
      layers,
      correlation: expect.any(Number),
    })),
    otherClass: null,
    sensitivity: expect.any(Number),
    certainty: expect.any(Number),
    steadiness: expect.any(Number),
    completeness: null,
  });
  expect(trust.insertionAuc).toBeGreaterThan(trust.randomInsertionAuc ?? Number.NaN);
  expect(trust.deletionAuc).toBeLessThan(trust.randomDeletionAuc ?? Number.NaN);
});

test('the verdict is text without --json', async () => {
  const { stdout, code } = await layerglass(cat);
  expect(code).toBe(0);
  expect(stdout).toContain('Trust: Believe.\n');
  expect(stdout).toMatch(/\n {2}insertion AUC +0\.\d{3}\n {4}of random maps +0\.\d{3}\n/);
});

test('without --trust there is none', async () => {
  const without = cat.filter((argument) => argument !== '--trust');
  expect(await json<object>(without)).not.toHaveProperty('trust');
});
