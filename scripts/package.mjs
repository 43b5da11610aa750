/** `npm run package [-- --out FILE]`: makes the VSIX from a production build and says how big it is. */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { inProject, main, root, run, say } from './lib.mjs';
import { setUpNodeModules } from './setup.mjs';

await main(async () => {
  setUpNodeModules();
  const { build } = await import('./build.mjs');
  const { name, version } = JSON.parse(readFileSync(inProject('package.json'), 'utf8'));
  const at = process.argv.indexOf('--out');
  const file = resolve(root, (at > 0 && process.argv[at + 1]) || `${name}-${version}.vsix`);
  await build({ production: true });
  const vsce = inProject('node_modules/@vscode/vsce/vsce');
  // Everything is in the bundles: no package travels along.
  say(run(process.execPath, [vsce, 'package', '--no-dependencies', '--skip-license', '--out', file]).trim());
  process.stdout.write(`${file}: ${(statSync(file).size / 1e6).toFixed(2)} MB\n`);
});
