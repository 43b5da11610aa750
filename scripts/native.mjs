/**
 * `npm run native [-- --try]`: sets @tensorflow/tfjs-node up in `.native/`, where the server finds it.
 * It is built once per machine under the cache folder; `.native` of each clone is a link to that.
 * First tfjs-node's own download of libtensorflow is tried, then the library inside a tensorflow-cpu wheel.
 */
import { createWriteStream, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { cached, linkTo } from './cached.mjs';
import {
  addonEnv,
  cacheDir,
  inProject,
  isThere,
  isWindows,
  main,
  npm,
  run,
  say,
  Trouble,
  which,
} from './lib.mjs';

const VERSION = '4.22.0';
/** TensorFlow that the binding was tried with. */
const WHEEL = 'tensorflow-cpu==2.21.0';
/** tfjs-node's own download is about 130 MB; a host that answers not at all fails much sooner. */
const DOWNLOAD_LIMIT_MS = 240_000;

const NAME = `tfjs-node-${VERSION}-${process.platform}-${process.arch}`;
const link = inProject('.native');
const packageIn = (folder) => join(folder, 'node_modules', '@tensorflow', 'tfjs-node');

/** Runs in a process of its own, because a binding that does not fit can end the process that loads it. */
const SELF_TEST = `
const tf = require(process.argv[1]);
const product = tf.matMul(tf.tensor2d([[1, 2], [3, 4]]), tf.tensor2d([[5], [6]])).arraySync();
const conv = tf.conv2d(tf.ones([1, 4, 4, 1]), tf.ones([3, 3, 1, 2]), 1, 'valid').arraySync();
if (product[0][0] !== 17 || product[1][0] !== 39 || conv[0][1][1][1] !== 9) throw new Error('wrong numbers');
console.log('SELF-TEST ' + tf.version.tfjs + ' ' + tf.backend().binding.TF_Version);
`;

/** Loads the package in a fresh process and computes two small things. Returns TensorFlow's version. */
function selfTest(packageFolder) {
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3', CUDA_VISIBLE_DEVICES: '-1' };
  const output = run(process.execPath, ['-e', SELF_TEST, packageFolder], { env, timeout: 60_000 });
  const line = /SELF-TEST (\S+) (\S+)/.exec(output);
  if (!line) throw new Trouble(`The native backend in ${packageFolder} did not finish its self-test.`);
  return line[2];
}

function works(packageFolder) {
  try {
    return isThere(packageFolder) ? selfTest(packageFolder) : null;
  } catch {
    return null;
  }
}

/** npm puts the programs of the package's dependencies here; its install script calls them by bare name. */
function buildEnv(folder) {
  const separator = isWindows ? ';' : ':';
  return addonEnv({ PATH: `${join(folder, 'node_modules', '.bin')}${separator}${process.env.PATH}` });
}

/** tfjs-node's own way: its install script downloads libtensorflow and a finished binding, or builds one. */
function downloadOwn(folder) {
  const cwd = packageIn(folder);
  run(process.execPath, ['scripts/install.js'], { cwd, env: buildEnv(folder), timeout: DOWNLOAD_LIMIT_MS });
  return 'tfjs-node’s own download';
}

/** A command line that runs pip: of a Python on the PATH, or of a fresh venv where Python comes without pip. */
function findPip(folder) {
  const pythons = ['python3.11', 'python3', 'python'].map(which).filter((path) => path !== null);
  for (const python of pythons) {
    try {
      run(python, ['-m', 'pip', '--version']);
      return python;
    } catch {
      // This Python has no pip.
    }
  }
  for (const python of pythons) {
    const venv = join(folder, 'venv');
    try {
      run(python, ['-m', 'venv', venv]);
      return join(venv, isWindows ? 'Scripts/python.exe' : 'bin/python');
    } catch {
      // Nor can it make a venv.
    }
  }
  throw new Trouble('no Python with pip was found (python3.11, python3, python)');
}

/** Unpacks only what is wanted of a wheel, `wanted(name)` giving the place of an entry or null. */
async function unpackSome(file, wanted) {
  const { openPromise } = await import('yauzl');
  const zip = await openPromise(file);
  for await (const entry of zip.eachEntry()) {
    const target = entry.fileName.endsWith('/') ? null : wanted(entry.fileName);
    if (target === null) continue;
    mkdirSync(dirname(target), { recursive: true });
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target));
  }
  zip.close();
}

/** The other way: libtensorflow out of a Python wheel, and the binding compiled against it. */
async function buildFromWheel(folder) {
  if (process.platform !== 'linux') throw new Trouble('the wheel way is for Linux only');
  for (const tool of ['make', 'g++']) {
    if (!which(tool))
      throw new Trouble(`the wheel way needs ${tool} (Debian: apt-get install build-essential)`);
  }
  const python = findPip(folder);
  say(`fetching ${WHEEL} for its libtensorflow`);
  const wheels = join(folder, 'wheel');
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const platforms = ['manylinux_2_27', 'manylinux_2_17', 'manylinux2014'];
  run(python, [
    ...['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--retries', '0'],
    ...['--implementation', 'cp', '--python-version', '3.11', '--abi', 'cp311'],
    ...platforms.flatMap((name) => ['--platform', `${name}_${machine}`]),
    ...['--dest', wheels, WHEEL],
  ]);
  const wheel = readdirSync(wheels).find((name) => name.endsWith('.whl'));
  if (!wheel) throw new Trouble('pip downloaded no wheel');

  const cwd = packageIn(folder);
  const lib = join(cwd, 'deps', 'lib');
  const include = join(cwd, 'deps', 'include');
  rmSync(join(cwd, 'deps'), { recursive: true, force: true });
  const headers = /^tensorflow\/include\/((?:tensorflow|tsl|xla)\/.*\.h)$/;
  await unpackSome(join(wheels, wheel), (name) => {
    const header = headers.exec(name);
    if (header) return join(include, header[1]);
    if (name === 'tensorflow/libtensorflow_cc.so.2') return join(lib, 'libtensorflow_cc.so.2');
    if (name === 'tensorflow/libtensorflow_framework.so.2') return join(lib, 'libtensorflow_framework.so.2');
    return null;
  });
  symlinkSync('libtensorflow_cc.so.2', join(lib, 'libtensorflow.so'));
  symlinkSync('libtensorflow_framework.so.2', join(lib, 'libtensorflow_framework.so'));

  say('compiling the binding (about a minute and a half)');
  run(join(folder, 'node_modules', '.bin', 'node-pre-gyp'), ['configure', 'build', '--build-from-source'], {
    cwd,
    env: buildEnv(folder),
  });
  for (const leftover of readdirSync(cwd).filter((name) => name.startsWith('build'))) {
    rmSync(join(cwd, leftover), { recursive: true });
  }
  rmSync(include, { recursive: true });
  for (const leftover of ['wheel', 'venv']) rmSync(join(folder, leftover), { recursive: true, force: true });
  return `the library of ${WHEEL}`;
}

/** Of a long output the line that says most: the error if there is one, else the first. */
function inOneLine(thrown) {
  const words = thrown instanceof Error ? thrown.message : String(thrown);
  return (/\bError: .*/.exec(words) ?? [words.split('\n')[0]])[0];
}

/** Installs the package into the folder and tries both ways; returns how it went and TensorFlow's version. */
async function build(folder) {
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  say(`installing @tensorflow/tfjs-node ${VERSION} under ${cacheDir} (once per machine)`);
  npm(['install', `@tensorflow/tfjs-node@${VERSION}`, '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
  });
  const reasons = [];
  for (const way of [downloadOwn, buildFromWheel]) {
    try {
      const how = await way(folder);
      return { how, tensorflow: selfTest(packageIn(folder)) };
    } catch (thrown) {
      const reason = inOneLine(thrown);
      reasons.push(reason);
      say(`this way did not work: ${reason}`);
    }
  }
  throw new Trouble(`The native backend could not be set up: ${reasons.join('; ')}.`);
}

/**
 * Sets the native backend up where it is not there yet; quick when it is.
 * @returns {Promise<string>} one sentence on what is there now
 * @throws {Trouble} when neither way works on this machine
 */
export async function setUpNative() {
  const own = inProject('node_modules', '@tensorflow', 'tfjs-node');
  const ownVersion = works(own);
  if (ownVersion) return `native backend ready: ${own} (TensorFlow ${ownVersion})`;
  const { folder, facts } = await cached(NAME, build);
  linkTo(folder, link);
  const version = selfTest(packageIn(link));
  return `native backend ready: .native (TensorFlow ${version}, from ${facts.how})`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main(async () => {
    try {
      say(await setUpNative());
      return 0;
    } catch (thrown) {
      if (!process.argv.includes('--try') || !(thrown instanceof Error)) throw thrown;
      say(`no native backend here, the wasm one serves instead. ${thrown.message}`);
      return 0;
    }
  });
}
