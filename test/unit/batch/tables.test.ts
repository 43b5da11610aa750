import { parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import { csvOf, parquetOf, timesOf } from '../../../src/server/batch/tables';
import type { BatchRow } from '../../../src/shared/batch/batchRow';

const row: BatchRow = {
  at: 0,
  name: '=cmd|calc,"x".png',
  kind: 'class',
  predictions: [
    { index: 1, label: 'dog', logit: 1.23456789, probability: 0.987654321 },
    { index: 0, label: 'cat', logit: Number.NaN, probability: null },
  ],
  margin: 0.5,
  truth: 0,
  correct: false,
  nonFinite: 1,
  picture: null,
  text: null,
  maps: [
    {
      method: 'grad-cam',
      overlays: [],
      heatMaps: [],
      evidence: [0, 0, 0, 0, 0, 0, 1, 0, 0],
      trust: null,
      error: null,
    },
    { method: 'saliency', overlays: [], heatMaps: [], evidence: null, trust: null, error: 'No gradient.' },
  ],
  seconds: 0.123456,
  content: null,
  error: null,
};
const labels = ['cat', 'dog'];
const methods = ['grad-cam', 'saliency'] as const;

test('a CSV file quotes what needs quotes, and nothing in it is a formula', () => {
  const [head, line, end] = csvOf([row], methods, labels).split('\n');
  expect(head).toBe(
    'name,class,label,confidence,value,margin,second_class,second_label,second_confidence,second_value,third_class,third_label,third_confidence,third_value,true_class,true_label,correct,non_finite,evidence_grad-cam,evidence_saliency,error',
  );
  expect(line).toBe(
    `"'=cmd|calc,""x"".png",1,dog,0.987654,1.23457,0.5,0,cat,,nan,,,,,0,cat,false,1,lower left corner,,Gradient saliency: No gradient.`,
  );
  expect(end).toBe('');
});

test('negative numbers stay numbers', () => {
  const negative = {
    ...row,
    name: 'a.png',
    predictions: [{ index: 0, label: null, logit: -2.5, probability: null }],
  };
  expect(csvOf([negative], [], []).split('\n')[1]).toMatch(/^a\.png,0,,,-2\.5,/);
});

test('a Parquet file holds the same with all digits and types', async () => {
  const bytes = parquetOf([row, { ...row, name: 'b.png', truth: null, correct: null }], methods, labels);
  const rows = await parquetReadObjects({ file: Uint8Array.from(bytes).buffer });
  expect(rows).toHaveLength(2);
  expect(rows[0]).toMatchObject({
    name: '=cmd|calc,"x".png',
    class: 1,
    label: 'dog',
    confidence: 0.987654321,
    value: 1.23456789,
    correct: false,
    'evidence_grad-cam': 'lower left corner',
  });
  expect(rows[1]).toMatchObject({ true_class: null, correct: null });
});

test('times are in a table of their own', () => {
  expect(timesOf([{ ...row, name: 'a.png' }])).toBe('name,seconds\na.png,0.1235\n');
});
