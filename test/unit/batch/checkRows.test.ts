import { expect, test } from 'vitest';
import { checkRows } from '../../../src/server/batch/checkRows';
import { junitXml } from '../../../src/server/batch/junit';
import type { BatchRow } from '../../../src/shared/batch/batchRow';

const row = (truth: number | null, correct: boolean | null, changed: Partial<BatchRow> = {}): BatchRow => ({
  at: 0,
  name: 'x',
  kind: 'class',
  predictions: [],
  margin: null,
  truth,
  correct,
  nonFinite: 0,
  picture: null,
  text: null,
  maps: [],
  seconds: 0,
  content: null,
  error: null,
  ...changed,
});

test('a labelled input that cannot be read counts as wrong', () => {
  const rows = [row(0, true), row(0, null, { kind: null, error: 'broken' })];
  expect(checkRows(rows, { minAccuracy: 0.6, maxNan: null })).toMatchObject({ passed: false, accuracy: 0.5 });
});

test('without a labelled input no accuracy is reached', () => {
  expect(checkRows([row(null, null)], { minAccuracy: 0, maxNan: null }).passed).toBe(false);
});

test('inputs that give NaN are counted', () => {
  const rows = [row(0, true, { nonFinite: 3 }), row(0, true)];
  expect(checkRows(rows, { minAccuracy: null, maxNan: 0 }).passed).toBe(false);
  expect(checkRows(rows, { minAccuracy: null, maxNan: 1 }).passed).toBe(true);
});

test('JUnit XML holds no character that XML does not', () => {
  const xml = junitXml('a & b', [
    { name: '<x>\u0000"\ud800', seconds: 1, outcome: 'failed', message: 'no\u0001' },
  ]);
  expect(xml).toContain('<testsuite name="a &amp; b"');
  expect(xml).toContain('name="&lt;x&gt;\ufffd&quot;\ufffd"');
  expect(xml).toContain('message="no\ufffd"');
});
