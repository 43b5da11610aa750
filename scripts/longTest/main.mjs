/**
 * Tests in a real VS Code for longer than `npm test` has time for.
 * `npm run test:kills [-- N]`: kills the analysis server N times (100 by default) while a user goes on working; every time it has to come
 * back, and one server has to live in the end. Takes some ten minutes.
 * `npm run test:walk [-- --steps N] [--seed S]`: clicks and types at random (1000 steps, seed 1 by default); no log may have an error, and
 * the memory has to return. What was done is in test-results/walk-<seed>.txt.
 */
import { parseArgs } from 'node:util';
import { build } from '../build.mjs';
import { setUpCodeServer } from '../codeServer.mjs';
import { inProject, main, root, start, Trouble } from '../lib.mjs';
import { setUpBrowser, setUpNodeModules } from '../setup.mjs';

/** A whole number of at least one. */
function count(text, what) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Trouble(`${text} is not a number of ${what}.`);
  return String(number);
}

const TESTS = {
  kills([times = '100']) {
    return { file: 'test/vscode/kills.test.ts', env: { LAYERGLASS_KILLS: count(times, 'kills') } };
  },
  walk(args) {
    const options = { steps: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' } };
    const { values } = parseArgs({ args, options });
    const env = {
      LAYERGLASS_WALK_STEPS: count(values.steps, 'steps'),
      LAYERGLASS_WALK_SEED: count(values.seed, 'seeds'),
    };
    return { file: 'test/vscode/walk/randomWalk.test.ts', env };
  },
};

await main(async () => {
  const [name = '', ...args] = process.argv.slice(2);
  const read = TESTS[name];
  if (read === undefined) throw new Trouble(`Name one of ${Object.keys(TESTS).join(', ')}.`);
  const { file, env } = read(args);
  setUpNodeModules();
  setUpBrowser();
  await build();
  await setUpCodeServer();
  const child = start(
    process.execPath,
    [inProject('node_modules/vitest/vitest.mjs'), 'run', '--project', 'vscode', file],
    { cwd: root, detached: false, stdio: 'inherit', env: { ...process.env, ...env } },
  );
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
});
