/** `npm run check`: texts and their translations, types of both halves, lint and format, and the dependency rules; all are run, then the verdict. */
import { inProject, main, root, say, start } from './lib.mjs';

const CHECKS = [
  ['texts', '../scripts/l10n/texts.mjs', ['--check']],
  ['types', 'typescript7/bin/tsc', ['--noEmit', '-p', '.']],
  ['types of the pages', 'typescript7/bin/tsc', ['--noEmit', '-p', 'src/webview']],
  ['lint and format', '@biomejs/biome/bin/biome', ['check', '--error-on-warnings']],
  ['dependency rules', 'dependency-cruiser/bin/dependency-cruise.mjs', ['src', '--output-type', 'err']],
];

function check([, script, args]) {
  const child = start(process.execPath, [inProject('node_modules', script), ...args], {
    cwd: root,
    detached: false,
    stdio: 'inherit',
  });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code === 0)));
}

await main(async () => {
  const failed = [];
  for (const one of CHECKS) {
    say(`checking ${one[0]}`);
    if (!(await check(one))) failed.push(one[0]);
  }
  say(failed.length === 0 ? 'all checks passed' : `failed: ${failed.join(', ')}`);
  return failed.length === 0 ? 0 : 1;
});
