/** Drives a real VS Code, or a page alone, from a script, as the tests do. */
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inProject } from './lib.mjs';

/** Of a real VS Code. */
export const harness = () => loaded('test/vscode/harness.ts');

/** Of pages in Chromium. */
export const pageHarness = () => loaded('test/webview/pageHarness.ts');

/** A harness of the tests is TypeScript: it is bundled beside its other work files and loaded from there. */
async function loaded(entry) {
  const { build } = await import('esbuild');
  const outfile = inProject('.vscode-test', 'harness', `${basename(entry, '.ts')}.mjs`);
  await build({
    absWorkingDir: inProject(),
    entryPoints: [entry],
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
