/**
 * `node scripts/build.mjs [--production] [--watch]`: bundles extension, server, command line and pages into `dist/`
 * and puts the WebAssembly files, this platform's libraries of ONNX Runtime beside them.
 */
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { context } from 'esbuild';
import { writeNotices } from './bundle/notices.mjs';
import { putOnnxRuntime, targetHere } from './bundle/onnxRuntime.mjs';
import { wasmOfH5wasm } from './bundle/wasmOfH5wasm.mjs';
import { inProject, isThere, main, say, Trouble } from './lib.mjs';

/** WebAssembly files by the package folder that ships them; the server loads them from `dist/wasm`. */
const WASM_FOLDERS = [
  '@tensorflow/tfjs-backend-wasm/dist',
  '@jsquash/jpeg/codec/dec',
  '@jsquash/webp/codec/dec',
];

/** What is only loaded when it is needed, by its name in `import()`: bundles of their own, which those that import them share. */
const SHARED = {
  './commandLine': { entry: 'src/cli/commandLine.ts', file: 'commandLine.js' },
  './analysis': { entry: 'src/server/analysis.ts', file: 'analysis.js' },
  './tensorflow': { entry: 'src/server/run/backends/tensorflow.ts', file: 'tensorflow.js' },
  './esModule': { entry: 'src/server/kinds/esModule.ts', file: 'esModule.js' },
  './h5wasm': { entry: 'src/server/formats/hdf5/h5wasm.ts', file: 'h5wasm.js' },
};

/**
 * An esbuild plugin that leaves shared bundles to Node. They are required: Node's own `import()` of a CommonJS file first
 * searches all of it for the names that it exports.
 */
const sharedBundles = {
  name: 'shared-bundles',
  setup(build) {
    build.onResolve({ filter: /^\.\// }, ({ path, kind }) =>
      kind === 'dynamic-import' && path in SHARED ? { path, namespace: 'shared' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'shared' }, ({ path }) => ({
      contents: `module.exports = require('./${SHARED[path].file}');`,
    }));
    build.onResolve({ filter: /.*/, namespace: 'shared' }, ({ path }) => ({ path, external: true }));
  },
};

/** As a JavaScript literal. */
const VERSION = JSON.stringify(JSON.parse(readFileSync(inProject('package.json'), 'utf8')).version);

/** Stands in for node-fetch, which TF.js would load models from the web with: nothing here reaches for the web. */
const noFetch = {
  name: 'no-fetch',
  setup(build) {
    build.onResolve({ filter: /^node-fetch$/ }, () => ({ path: 'node-fetch', namespace: 'no-fetch' }));
    build.onLoad({ filter: /.*/, namespace: 'no-fetch' }, () => ({
      contents: "module.exports = () => Promise.reject(new Error('Layerglass does not use the network'));",
    }));
  },
};

/** One bundle a page: its script `main.ts` and, imported by that script, its style sheet. */
function pages() {
  return readdirSync(inProject('src/webview'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && isThere(inProject('src/webview', entry.name, 'main.ts')))
    .map((entry) => ({ in: `src/webview/${entry.name}/main.ts`, out: entry.name }));
}

/** What every bundle is made with. */
const sharedOptions = (production) => ({
  absWorkingDir: inProject(),
  bundle: true,
  minify: production,
  sourcemap: !production,
  logLevel: 'warning',
  metafile: true,
  // The licences are in a file of their own (bundle/notices.mjs).
  legalComments: 'none',
  define: { 'process.env.NODE_ENV': '"production"', 'process.env.LAYERGLASS_VERSION': VERSION },
});

/**
 * esbuild's options for code that runs in Node.
 * @param {string} dist the folder whose `wasm` takes the library for HDF5
 */
export function nodeBundle(dist, production = false) {
  const shared = sharedOptions(production);
  return {
    ...shared,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    // The native backend is no part of a bundle: it is required at run time from where it was set up.
    external: ['vscode', '@tensorflow/tfjs-node'],
    // Its main file hides its own requires from bundlers, and would look for them in node_modules at run time.
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    plugins: [noFetch, wasmOfH5wasm(join(dist, 'wasm'))],
    // Libraries written for ES modules find their own files by this.
    define: { ...shared.define, 'import.meta.url': 'bundleUrl' },
    banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
  };
}

function bundles(production, dist, editor) {
  const shared = sharedOptions(production);
  const alone = nodeBundle(dist, production);
  const node = { ...alone, plugins: [sharedBundles, ...alone.plugins] };
  const ofEditor = [
    { ...node, entryPoints: ['src/extension/main.ts'], outfile: join(dist, 'extension.js') },
    {
      ...shared,
      entryPoints: pages(),
      outdir: join(dist, 'webview'),
      platform: 'browser',
      format: 'iife',
      target: 'chrome122',
      tsconfig: 'src/webview/tsconfig.json',
    },
  ];
  return [
    ...(editor ? ofEditor : []),
    { ...node, entryPoints: ['src/server/main.ts'], outfile: join(dist, 'server.js') },
    { ...node, entryPoints: ['src/server/compute/guard.ts'], outfile: join(dist, 'guard.js') },
    { ...node, entryPoints: ['src/server/compute/wasmThread.ts'], outfile: join(dist, 'wasmThread.js') },
    ...Object.values(SHARED).map(({ entry, file }) => ({
      ...node,
      entryPoints: [entry],
      outfile: join(dist, file),
    })),
    {
      ...node,
      entryPoints: ['src/cli/main.ts'],
      outfile: join(dist, 'cli.js'),
      banner: { js: `#!/usr/bin/env node\n${node.banner.js}` },
    },
    {
      // Script and style are written into each report, which opens in any browser.
      ...shared,
      minify: true,
      sourcemap: false,
      entryPoints: [{ in: 'src/report/main.ts', out: 'report' }],
      outdir: join(dist, 'report'),
      platform: 'browser',
      format: 'iife',
      target: ['chrome111', 'firefox113', 'safari16.4'],
      tsconfig: 'src/webview/tsconfig.json',
    },
  ];
}

/** Puts the WebAssembly files of the libraries into `wasm` inside `dist`. */
export function copyWasm(dist) {
  const target = join(dist, 'wasm');
  mkdirSync(target, { recursive: true });
  for (const folder of WASM_FOLDERS) {
    const source = inProject('node_modules', folder);
    const files = readdirSync(source).filter((name) => name.endsWith('.wasm'));
    if (files.length === 0) throw new Trouble(`No .wasm file lies in node_modules/${folder}.`);
    for (const file of files) copyFileSync(join(source, file), join(target, basename(file)));
  }
}

/**
 * Builds everything once, or goes on building when files change.
 * @param {{ production?: boolean, watch?: boolean, dist?: string, target?: string, editor?: boolean }} [options]
 *   `production`: minified, no source maps, with the licences of packages; `dist`: the folder to fill; `target`: the platform whose libraries of ONNX Runtime
 *   are put there, by default this machine's; `editor`: whether the bundles that only an editor runs are made too
 * @throws {Trouble} when something does not compile; esbuild has printed where
 */
export async function build({
  production = false,
  watch = false,
  dist = inProject('dist'),
  target = targetHere(),
  editor = true,
} = {}) {
  copyWasm(dist);
  putOnnxRuntime(dist, target);
  const contexts = await Promise.all(bundles(production, dist, editor).map((options) => context(options)));
  if (watch) {
    await Promise.all(contexts.map((bundle) => bundle.watch()));
    say('building on every change; Ctrl+C ends it');
    return;
  }
  const results = await Promise.allSettled(contexts.map((bundle) => bundle.rebuild()));
  await Promise.all(contexts.map((bundle) => bundle.dispose()));
  if (results.some((result) => result.status === 'rejected'))
    throw new Trouble('The build failed, see above.');
  if (production) {
    writeNotices(
      dist,
      results.map(({ value }) => value.metafile),
    );
  }
  chmodSync(join(dist, 'cli.js'), 0o755);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const has = (flag) => process.argv.includes(flag);
  await main(() => build({ production: has('--production'), watch: has('--watch') }));
}
