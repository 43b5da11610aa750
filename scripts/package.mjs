/** `npm run package [-- --out FILE]`: makes the VSIX from a production build and says how big it is. */
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { inProject, isThere, main, root, run } from './lib.mjs';
import { setUpNodeModules } from './setup.mjs';

/** Beside the bundles; .vscodeignore travels to the stage so that vsce applies it. */
const PARTS = ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', 'media', '.vscodeignore'];

await main(async () => {
  setUpNodeModules();
  const { build } = await import('./build.mjs');
  const { name, version, repository } = JSON.parse(readFileSync(inProject('package.json'), 'utf8'));
  const at = process.argv.indexOf('--out');
  const file = resolve(root, (at > 0 && process.argv[at + 1]) || `${name}-${version}.vsix`);
  // Made on a stage of its own: what somebody runs from dist/ stays as it is.
  const stage = mkdtempSync(join(tmpdir(), 'layerglass-package-'));
  try {
    for (const part of PARTS) {
      if (isThere(inProject(part))) cpSync(inProject(part), join(stage, part), { recursive: true });
    }
    await build({ production: true, dist: join(stage, 'dist') });
    const vsce = inProject('node_modules/@vscode/vsce/vsce');
    // Without a repository vsce knows no address for the README's images and refuses to guess one.
    const links = repository === undefined ? ['--no-rewrite-relative-links'] : [];
    // Everything is in the bundles: no package travels along.
    run(process.execPath, [vsce, 'package', '--no-dependencies', ...links, '--out', file], { cwd: stage });
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
  process.stdout.write(`${file}: ${(statSync(file).size / 1e6).toFixed(2)} MB\n`);
});
