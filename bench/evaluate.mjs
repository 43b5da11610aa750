/**
 * `npm run evaluate [-- --only methods|verdicts] [--sample NAME] [--labels true|shuffled] [--method A,B] [--inputs N] [--verdicts N]
 * [--backend B]`: measures every explanation method and the verdict on held-out inputs whose evidence is known (test/evaluation/), and
 * writes docs/evaluation.md. What is not measured again is that of the last run.
 */
import { build } from 'esbuild';
import { copyWasm, nodeBundle } from '../scripts/build.mjs';
import { inProject, isThere, main, root, run, start } from '../scripts/lib.mjs';
import { setUpNodeModules } from '../scripts/setup.mjs';

await main(async () => {
  setUpNodeModules();
  const folder = inProject('.cache', 'evaluate');
  const outfile = `${folder}/evaluate.js`;
  copyWasm(folder);
  await build({ ...nodeBundle(folder), entryPoints: ['test/evaluation/main.ts'], outfile });
  const commit = run('git', ['describe', '--always', '--dirty']).trim();
  const native = process.env.LAYERGLASS_NATIVE || (isThere(inProject('.native')) ? inProject('.native') : '');
  const given = ['--root', root, '--commit', commit, '--native', native];
  const child = start(process.execPath, [outfile, ...given, ...process.argv.slice(2)], {
    stdio: 'inherit',
    detached: false,
  });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
});
