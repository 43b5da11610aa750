/**
 * `node scripts/commands.mjs`: many command lines of `layerglass` in one process (test/fixtures/commands.ts says how), for
 * scripts that compare hundreds of models with Keras. Builds what it runs.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { copyWasm, nodeBundle } from './build.mjs';
import { inProject, main } from './lib.mjs';

await main(async () => {
  const folder = inProject('.cache', 'commands');
  copyWasm(folder);
  const outfile = join(folder, 'commands.js');
  await build({ ...nodeBundle(folder), entryPoints: ['test/fixtures/commands.ts'], outfile });
  createRequire(outfile)(outfile);
});
