/** Bundles the tests that run inside VS Code's extension host. */
import { build } from 'esbuild';
import { inProject } from './lib.mjs';

/**
 * Bundles `test/vscode/suite`; mocha stays outside, it loads its own parts by name.
 * @returns {Promise<string>} path of the module whose `run` VS Code calls
 */
export async function buildSuite() {
  const outfile = inProject('.vscode-test', 'suite', 'index.js');
  await build({
    absWorkingDir: inProject(),
    entryPoints: ['test/vscode/suite/index.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: 'inline',
    external: ['vscode', 'mocha'],
    logLevel: 'warning',
  });
  return outfile;
}
