/** Drives a real VS Code from a script, as the tests do. */
import { pathToFileURL } from 'node:url';
import { inProject } from './lib.mjs';

/** The harness of the tests is TypeScript: it is bundled beside its other work files and loaded from there. */
export async function harness() {
  const { build } = await import('esbuild');
  const outfile = inProject('.vscode-test', 'harness', 'harness.mjs');
  await build({
    absWorkingDir: inProject(),
    entryPoints: ['test/vscode/harness.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    external: ['../../scripts/*'],
    logLevel: 'warning',
  });
  return import(pathToFileURL(outfile).href);
}
