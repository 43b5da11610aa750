import { expect, test } from 'vitest';
import { withOldRows } from '../../../bench/report.mjs';

const section = (...lines: string[]): string => lines.join('\n');

test('what was not measured again stays: dated lines, rows and tables', () => {
  const before = section(
    ...['- 2026-01-01, first', '- ours: 1.', '', '### A', '', 'old size', ''],
    ...['|  | Keras | ours |', '| --- | --- | --- |', '| one | 1 | 2 |', '| two | 3 | 4 |', ''],
    ...['### B', '', '|  | Keras |', '| --- | --- |', '| one | 5 |'],
  );
  const text = section(
    ...['- 2026-02-01, second', '- ours: 2.', '', '### A', '', 'new size', ''],
    ...['|  | Keras | ours |', '| --- | --- | --- |', '| two | 33 | 44 |', '| three | 6 | 7 |'],
  );
  expect(withOldRows(before, text)).toBe(
    section(
      ...['- 2026-01-01, first', '- 2026-02-01, second', '- ours: 2.', '', '### A', '', 'new size', ''],
      ...[
        '|  | Keras | ours |',
        '| --- | --- | --- |',
        '| one | 1 | 2 |',
        '| two | 33 | 44 |',
        '| three | 6 | 7 |',
      ],
      ...['', '### B', '', '|  | Keras |', '| --- | --- |', '| one | 5 |'],
    ),
  );
});

test('a table of other columns is replaced', () => {
  const before = section('|  | Keras |', '| --- | --- |', '| one | 1 |');
  const text = section('|  | Keras | ours |', '| --- | --- | --- |', '| two | 1 | 2 |');
  expect(withOldRows(before, text)).toBe(text);
});

test('the runs of one commit on one day are one line', () => {
  const run = (time: string, commit: string, load: string) =>
    `- 2026-01-01 ${time}, commit ${commit}, 5 rounds: A machine, 2 cores; load average ${load}; Node 20, Keras 3.`;
  const before = section(run('10:00 to 11:00', 'a', '0.5 to 2'), run('12:00', 'b', '1'));
  const text = section(run('11:30', 'a-dirty', '0.4, 3.1'));
  expect(withOldRows(before, text)).toBe(
    section(run('10:00 to 11:30', 'a', '0.4 to 3.1'), run('12:00', 'b', '1')),
  );
});
