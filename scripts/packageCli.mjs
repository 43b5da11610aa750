/**
 * `npm run package:cli [-- --target TARGET] [--out FOLDER]`: makes an npm package of the command line alone, which needs no other package. The
 * usual one runs on every platform and computes with WebAssembly; that of a TARGET also contains ONNX Runtime for it.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { sizeLine } from './bundle/limits.mjs';
import { checkTarget, UNIVERSAL } from './bundle/onnxRuntime.mjs';
import { inProject, main, npm, root, Trouble } from './lib.mjs';
import { setUpNodeModules } from './setup.mjs';

/** Taken over from the manifest of the extension, where it has them. */
const SAME = ['name', 'version', 'license', 'repository', 'bugs', 'homepage', 'bin'];
const KEYWORDS = ['keras', 'tensorflow', 'tensorflow.js', 'explainable-ai', 'grad-cam', 'mcp', 'cli'];

/** What the command line asks for. */
function request() {
  try {
    const options = { target: { type: 'string' }, out: { type: 'string' } };
    const { target = UNIVERSAL, out = '.' } = parseArgs({ options }).values;
    checkTarget(target);
    return { target, folder: resolve(root, out) };
  } catch (thrown) {
    throw new Trouble(thrown.message);
  }
}

await main(async () => {
  const { target, folder } = request();
  setUpNodeModules();
  const { build } = await import('./build.mjs');
  const manifest = JSON.parse(readFileSync(inProject('package.json'), 'utf8'));
  const stage = mkdtempSync(join(tmpdir(), 'layerglass-cli-'));
  try {
    const dist = join(stage, 'dist');
    await build({ production: true, dist, target, editor: false });
    const ofPlatform = target === UNIVERSAL ? {} : platformOf(target);
    const cli = {
      ...Object.fromEntries(SAME.filter((key) => key in manifest).map((key) => [key, manifest[key]])),
      description:
        'Looks inside trained Keras and TensorFlow.js models on the command line: layers, values, and heat maps that explain a prediction.',
      keywords: KEYWORDS,
      engines: { node: '>=20' },
      ...ofPlatform,
      files: ['dist'],
    };
    writeFileSync(join(stage, 'package.json'), `${JSON.stringify(cli, null, 2)}\n`);
    copyFileSync(inProject('docs/cli.md'), join(stage, 'README.md'));
    copyFileSync(inProject('LICENSE'), join(stage, 'LICENSE'));
    mkdirSync(folder, { recursive: true });
    npm(['pack', '--pack-destination', folder], { cwd: stage });
    const file = join(folder, `${cli.name}-${cli.version}.tgz`);
    process.stdout.write(sizeLine('npm', target, file));
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
});

/** npm refuses to install the package elsewhere. */
function platformOf(target) {
  const [os, cpu] = target.split('-');
  return { os: [os], cpu: [cpu] };
}
