/** `node scripts/conformance.mjs`: runs every case on each backend and writes the measured errors into docs/conformance.md. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inProject, main, run, say } from './lib.mjs';
import { setUpNodeModules } from './setup.mjs';

await main(async () => {
  setUpNodeModules();
  const folder = mkdtempSync(join(tmpdir(), 'layerglass-conformance-'));
  const env = { ...process.env, LAYERGLASS_CONFORMANCE: folder };
  const vitest = [inProject('node_modules/vitest/vitest.mjs'), 'run', '--project'];
  try {
    // The tests of the backends write their errors into the folder; the test of the table writes the page from them.
    for (const tests of [
      ['conformance-*', 'suites/layers'],
      ['conformance', 'table'],
    ]) {
      run(process.execPath, [...vitest, ...tests], { env, show: true });
    }
    say('docs/conformance.md is written');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
