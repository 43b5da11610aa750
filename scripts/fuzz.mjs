/**
 * `npm run fuzz -- --seed S --count N [--backend wasm|native|cpu]`: opens, runs and explains mutated models, inputs and settings
 * against one server, and keeps what breaks a promise in test-results/fuzz (test/fuzz/fuzzer.ts says which).
 */
import { build as bundle } from 'esbuild';
import { build, nodeBundle } from './build.mjs';
import { inProject, main, root, start } from './lib.mjs';
import { setUpNodeModules } from './setup.mjs';

await main(async () => {
  setUpNodeModules();
  await build();
  const outfile = inProject('.cache', 'fuzz', 'fuzz.js');
  await bundle({ ...nodeBundle(inProject('.cache', 'fuzz')), entryPoints: ['test/fuzz/main.ts'], outfile });
  const child = start(process.execPath, [outfile, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
});
