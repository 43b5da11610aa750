/**
 * `node scripts/languageModelTools.mjs`: writes the tools of `src/server/tools/` into `contributes.languageModelTools` of package.json, whose
 * texts for people are in package.nls.*.json.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { nodeBundle } from './build.mjs';
import { inProject, main, root, run } from './lib.mjs';

await main(async () => {
  const folder = mkdtempSync(join(root, 'dist-tools-'));
  try {
    const outfile = join(folder, 'contributed.js');
    const options = { ...nodeBundle(folder), metafile: false, sourcemap: false };
    await build({ ...options, entryPoints: [inProject('src/server/tools/contributed.ts')], outfile });
    const { contributedTools } = createRequire(import.meta.url)(outfile);
    const path = inProject('package.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8'));
    manifest.contributes.languageModelTools = contributedTools();
    writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
    run(process.execPath, [inProject('node_modules/@biomejs/biome/bin/biome'), 'format', '--write', path]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
