/**
 * `npm run test:kills [-- N]`: kills the analysis server of a real VS Code N times (100 by default) while a user goes on
 * working; every time it has to come back, and one server has to live in the end. Takes some ten minutes.
 */
import { build } from './build.mjs';
import { setUpCodeServer } from './codeServer.mjs';
import { inProject, main, root, start, Trouble } from './lib.mjs';
import { setUpBrowser, setUpNodeModules } from './setup.mjs';

await main(async () => {
  const kills = Number(process.argv[2] ?? 100);
  if (!Number.isInteger(kills) || kills < 1)
    throw new Trouble(`${process.argv[2]} is not a number of kills.`);
  setUpNodeModules();
  setUpBrowser();
  await build();
  await setUpCodeServer();
  const child = start(
    process.execPath,
    [inProject('node_modules/vitest/vitest.mjs'), 'run', '--project', 'vscode', 'test/vscode/kills.test.ts'],
    {
      cwd: root,
      detached: false,
      stdio: 'inherit',
      env: { ...process.env, LAYERGLASS_KILLS: String(kills) },
    },
  );
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
});
