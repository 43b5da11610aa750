/** `node scripts/conformance.mjs`: plays every case on each backend and writes docs/conformance.md from what was measured. */
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
    // The backends' tests leave their errors in the folder, the table's test writes the page from them.
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
