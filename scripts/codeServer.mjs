/**
 * A real VS Code from npm alone: the server half of VS Code out of the package code-server, with the few native
 * add-ons it needs compiled here. Its own install script is not used: it refuses to run as root.
 */
import { copyFileSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cached, linkTo } from './cached.mjs';
import { addonEnv, inProject, isThere, isWindows, npm, run, say, Trouble, which } from './lib.mjs';

/** VS Code 1.100.3, which runs on Node 20. Newer ones want a newer Node. */
const VERSION = '4.100.3';
/** The release of VS Code's ripgrep that comes as finished programs; `findFiles` and searching need one. */
const RIPGREP = '1.18.0';
const NAME = `code-server-${VERSION}-${process.platform}-${process.arch}-node${process.versions.modules}`;

/** Compiled here: `[package, a file that must be there afterwards]`. */
const ADDONS = [
  ['@vscode/spdlog', 'build/Release/spdlog.node'],
  ['native-watchdog', 'build/Release/watchdog.node'],
  ['node-pty', 'build/Release/pty.node'],
];

/** npm brings node-gyp along; calling it directly works whatever npm's version thinks of install scripts. */
function findNodeGyp() {
  const npmProgram = process.env.npm_execpath ?? which('npm');
  if (!npmProgram) throw new Trouble('npm was not found on the PATH.');
  let folder = dirname(realpathSync(npmProgram));
  for (let up = 0; up < 3; up++, folder = dirname(folder)) {
    for (const place of ['node_modules/node-gyp', 'node_modules/npm/node_modules/node-gyp']) {
      const script = join(folder, place, 'bin/node-gyp.js');
      if (isThere(script)) return script;
    }
  }
  throw new Trouble('The node-gyp that belongs to npm was not found; install npm from nodejs.org.');
}

function compileAddons(vscode) {
  const nodeGyp = findNodeGyp();
  for (const [name, product] of ADDONS) {
    const cwd = join(vscode, 'node_modules', name);
    run(process.execPath, [nodeGyp, 'rebuild'], { cwd, env: addonEnv() });
    if (!isThere(join(cwd, product))) throw new Trouble(`Compiling ${name} left no ${product}.`);
  }
}

function addRipgrep(vscode) {
  const name = `@vscode/ripgrep-${process.platform}-${process.arch}`;
  const aside = join(vscode, 'ripgrep');
  mkdirSync(aside);
  writeFileSync(join(aside, 'package.json'), '{ "private": true }\n');
  npm(['install', `${name}@${RIPGREP}`, '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: aside });
  const program = isWindows ? 'rg.exe' : 'rg';
  const bin = join(vscode, 'node_modules/@vscode/ripgrep/bin');
  mkdirSync(bin, { recursive: true });
  copyFileSync(join(aside, 'node_modules', name, 'bin', program), join(bin, program));
}

async function build(folder) {
  say(`installing VS Code (code-server ${VERSION}) for tests, once per machine: one to two minutes`);
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund'];
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  npm(['install', `code-server@${VERSION}`, ...quiet], { cwd: folder });
  const vscode = vscodeIn(folder);
  npm(['install', '--omit=dev', ...quiet], { cwd: vscode });
  compileAddons(vscode);
  addRipgrep(vscode);
  symlinkSync('node_modules', join(vscode, 'node_modules.asar'), isWindows ? 'junction' : 'dir');
  return { version: VERSION };
}

const vscodeIn = (folder) => join(folder, 'node_modules', 'code-server', 'lib', 'vscode');

/**
 * Installs VS Code's server where it is not there yet.
 * @returns {Promise<string>} the script that Node runs to start it
 * @throws {Trouble} saying what is missing, e.g. a compiler
 */
export async function setUpCodeServer() {
  if (isWindows)
    throw new Trouble('VS Code in the browser is not set up on Windows; use npm run test:desktop.');
  for (const tool of ['make', 'g++']) {
    if (!which(tool))
      throw new Trouble(`VS Code's add-ons need ${tool} (Debian: apt-get install build-essential).`);
  }
  const { folder } = await cached(NAME, build);
  const link = inProject('.vscode-test', 'code-server');
  linkTo(folder, link);
  return join(vscodeIn(link), 'out', 'server-main.js');
}
