import { expect, test } from 'vitest';
import { TimeLine } from '../../../src/extension/timeLine';
import { now } from '../../../src/shared/timeLine';

test('what all processes reach before the first map is one list in order of time', () => {
  const logged: string[] = [];
  const timeLine = new TimeLine({ debug: (text: string) => logged.push(text) });
  const start = now();
  timeLine.add({ name: 'compute: explained', at: start + 900 });
  timeLine.reach('Explain Prediction');
  timeLine.finish([
    { name: 'page: painted', at: start + 1000.25 },
    { name: 'page: document', at: start + 500 },
  ]);
  const [head, ...rows] = logged[0]?.split('\n') ?? [];
  expect(head).toMatch(/^Time line, in ms from \d{4}-\d\d-\d\dT[\d:.]+Z:$/);
  expect(rows.map((row) => row.slice(12))).toEqual([
    'extension: Explain Prediction',
    'page: document',
    'compute: explained',
    'page: painted',
  ]);
  expect(rows[0]).toMatch(/^ +0\.0 {2}/);

  timeLine.reach('Explain Prediction');
  timeLine.finish([]);
  expect(logged[1]?.split('\n')).toHaveLength(2);
});
