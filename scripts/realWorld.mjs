/**
 * Models that nobody here made: those inside the npm package nsfwjs (TensorFlow.js layers and graph models, weights of one
 * byte), with what TensorFlow.js's own loaders compute with them. Made once per machine; nothing of it is in this repository.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, linkTo } from './cached.mjs';
import { inProject, npm, run, say } from './lib.mjs';

const NSFWJS = '4.3.0';
const TFJS = '4.22.0';
const NAME = `real-world-nsfwjs-${NSFWJS}-tfjs-${TFJS}`;
const MODELS = ['mobilenet_v2', 'mobilenet_v2_mid', 'inception_v3'];

/** The package wraps each file in a script: a shard as text in base64, a model.json as an object. */
function unwrap(script) {
  const found = {};
  new Function('module', 'exports', 'window', 'global', 'self', script)(
    undefined,
    undefined,
    found,
    found,
    found,
  );
  const [value] = Object.values(found);
  return typeof value === 'string' ? Buffer.from(value, 'base64') : Buffer.from(JSON.stringify(value));
}

function unpackModels(from, to) {
  for (const model of MODELS) {
    mkdirSync(join(to, model), { recursive: true });
    for (const file of readdirSync(join(from, model)).filter((name) => name.endsWith('.min.js'))) {
      const name = file.replace(/\.min\.js$/, '');
      const bytes = unwrap(readFileSync(join(from, model, file), 'utf8'));
      writeFileSync(join(to, model, name === 'model' ? 'model.json' : name), bytes);
    }
  }
}

async function make(folder) {
  say('getting models that others made and what TensorFlow.js computes with them, once per machine');
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const packages = ['core', 'converter', 'layers', 'backend-cpu', 'backend-wasm'];
  npm(
    [
      'install',
      `nsfwjs@${NSFWJS}`,
      ...packages.map((name) => `@tensorflow/tfjs-${name}@${TFJS}`),
      // nsfwjs wants all of @tensorflow/tfjs beside it, which its models do not need.
      ...['--legacy-peer-deps', '--ignore-scripts', '--no-audit', '--no-fund'],
    ],
    { cwd: folder },
  );
  const models = join(folder, 'models');
  unpackModels(join(folder, 'node_modules/nsfwjs/dist/models'), models);
  run(process.execPath, [inProject('scripts/realWorldReference.cjs'), folder, ...MODELS]);
  return { models: MODELS };
}

/** @throws {Trouble} where the registry is out of reach. */
export async function setUpRealWorld() {
  const { folder } = await cached(NAME, make);
  linkTo(folder, inProject('.cache', 'real-world'));
}
