/**
 * `npm run package [-- --target TARGET | --all] [--out PATH]`: makes the VSIX of a platform (this machine's by default), or all of
 * them, from one production build, and says how big each is; one above its limit is an error. PATH is a file, with `--all` a folder.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { sizeLine } from './bundle/limits.mjs';
import { checkTarget, putOnnxRuntime, TARGETS, targetHere, UNIVERSAL } from './bundle/onnxRuntime.mjs';
import { inProject, isThere, main, root, run, Trouble } from './lib.mjs';
import { setUpNodeModules } from './setup.mjs';

/** Beside the bundles; .vscodeignore travels to the stage so that vsce applies it. */
const PARTS = [
  'package.json',
  'package.nls.json',
  'package.nls.de.json',
  'package.nls.zh-cn.json',
  'l10n',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'media',
  'samples',
  '.vscodeignore',
];

/** What the command line asks for. */
function request() {
  let values;
  try {
    ({ values } = parseArgs({
      options: { target: { type: 'string' }, all: { type: 'boolean' }, out: { type: 'string' } },
    }));
  } catch (thrown) {
    throw new Trouble(thrown.message);
  }
  const { target = targetHere(), all = false, out } = values;
  if (all && values.target !== undefined) throw new Trouble('--all makes every target: leave out --target.');
  checkTarget(target);
  return { targets: all ? TARGETS : [target], all, out };
}

await main(async () => {
  const { targets, all, out } = request();
  setUpNodeModules();
  const { build } = await import('./build.mjs');
  const { name, version, repository } = JSON.parse(readFileSync(inProject('package.json'), 'utf8'));
  const folder = resolve(root, all && out !== undefined ? out : '.');
  mkdirSync(folder, { recursive: true });
  // Made on a stage of its own: what somebody runs from dist/ stays as it is.
  const stage = mkdtempSync(join(tmpdir(), 'layerglass-package-'));
  try {
    for (const part of PARTS) {
      if (isThere(inProject(part))) cpSync(inProject(part), join(stage, part), { recursive: true });
    }
    const dist = join(stage, 'dist');
    await build({ production: true, dist, target: UNIVERSAL });
    const vsce = inProject('node_modules/@vscode/vsce/vsce');
    // Without a repository vsce knows no address for the README's images and refuses to guess one.
    const links = repository === undefined ? ['--no-rewrite-relative-links'] : [];
    for (const target of targets) {
      // The bundles are the same for all platforms.
      putOnnxRuntime(dist, target);
      const file =
        all || out === undefined ? join(folder, `${name}-${target}-${version}.vsix`) : resolve(root, out);
      // An editor gets the VSIX of its platform, or the one without a target where there is none.
      const platform = target === UNIVERSAL ? [] : ['--target', target];
      // Everything is in the bundles: no package travels along.
      run(process.execPath, [vsce, 'package', '--no-dependencies', ...platform, ...links, '--out', file], {
        cwd: stage,
      });
      process.stdout.write(sizeLine('vsix', target, file));
    }
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
});
