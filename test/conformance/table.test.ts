import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BACKENDS, type BackendName } from '../../src/shared/model';
import { conformanceTable, countsIn, rows } from './table';

const PAGE = join(__dirname, '../../docs/conformance.md');

test('docs/conformance.md states the number of cases of every layer and operation', async () => {
  const folder = process.env.LAYERGLASS_CONFORMANCE;
  if (folder)
    writeFileSync(PAGE, await conformanceTable(measured(folder), new Date().toISOString().slice(0, 10)));
  const { layers, operations } = await rows();
  const expected = [...layers, ...operations].filter(({ cases }) => cases.length > 0);
  // If this fails, run node scripts/conformance.mjs.
  expect(countsIn(readFileSync(PAGE, 'utf8'))).toEqual(
    new Map(expected.map(({ name, cases }) => [name, cases.length])),
  );
});

/** The errors that the tests of each backend wrote into the folder. */
function measured(folder: string): Map<BackendName, Record<string, number>> {
  const available = BACKENDS.filter((backend) => readdirSync(folder).includes(`${backend}.json`));
  return new Map(
    available.map((backend) => [backend, JSON.parse(readFileSync(join(folder, `${backend}.json`), 'utf8'))]),
  );
}
