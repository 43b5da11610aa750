import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

test.each(['explain', 'layer', 'summary'])(
  'the page "%s" contains of the toolkit only the controls that it uses',
  async (page) => {
    const { metafile } = await build({
      absWorkingDir: ROOT,
      entryPoints: [`src/webview/${page}/main.ts`],
      outdir: 'dist/webview',
      bundle: true,
      write: false,
      metafile: true,
      format: 'iife',
      tsconfig: 'src/webview/tsconfig.json',
      logLevel: 'error',
    });
    const parts = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
    const toolkit = parts.filter(
      ([path, { bytesInOutput }]) => path.includes('/fast-foundation/') && bytesInOutput > 0,
    );
    const names = toolkit.map(([path]) => path.replace(/.*\//, ''));
    expect(names).toContain('button.js');
    // With a `type` in package.json, esbuild takes a page for a CommonJS module and keeps all of the toolkit.
    expect(names).not.toContain('data-grid.js');
  },
);
