/** What a fresh clone lacks, installed once: node_modules and Chromium. Quick when nothing is missing. */

import { lstatSync, readFileSync } from 'node:fs';
import { inProject, isThere, npm, run, say, Trouble, which } from './lib.mjs';

const BROWSERS = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'msedge',
];
const BROWSER_PLACES = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  ],
};

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** Whether node_modules holds what package-lock.json says; optional packages may be missing. */
function nodeModulesFresh() {
  const installed = inProject('node_modules', '.package-lock.json');
  if (!isThere(installed)) return false;
  const have = readJson(installed).packages ?? {};
  return Object.entries(readJson(inProject('package-lock.json')).packages).every(
    ([path, { version, optional }]) => path === '' || (optional ?? have[path]?.version === version),
  );
}

/** Installs the packages of package-lock.json when node_modules is missing or holds others. */
export function setUpNodeModules() {
  if (nodeModulesFresh()) return;
  if (lstatSync(inProject('node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) {
    // npm would empty the folder of whoever shares it.
    throw new Trouble(
      'node_modules is a link to packages of another version: remove the link, then try again.',
    );
  }
  say('installing the packages of package-lock.json');
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  try {
    npm(['ci', ...quiet]);
  } catch (thrown) {
    // npm refuses a lock file that was written where some platform's optional package could not be seen.
    say(`npm ci did not work, trying npm install. ${thrown.message.split('\n')[0]}`);
    npm(['install', '--no-save', ...quiet]);
  }
}

/** @returns {string | null} a browser that Playwright can drive: LAYERGLASS_CHROMIUM, the PATH, the usual places */
export function findBrowser() {
  const named = process.env.LAYERGLASS_CHROMIUM;
  if (named) return isThere(named) ? named : null;
  const onPath = BROWSERS.map(which).find((path) => path !== null);
  return onPath ?? (BROWSER_PLACES[process.platform] ?? []).find(isThere) ?? null;
}

/** @throws {Trouble} */
function aptInstall(packages) {
  say(`installing ${packages.join(', ')} with apt-get`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update', '-qq'], { env });
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env });
}

/**
 * Installs Slurm and GNU parallel where that can be done without a question: as root, with apt, and without a service manager, which would start Slurm.
 * Elsewhere they are used where they are installed.
 */
export function setUpClusterEngines() {
  const packages = { sbatch: 'slurm-wlm', munged: 'munge', parallel: 'parallel' };
  const missing = Object.keys(packages).filter((name) => !which(name) && !isThere(`/usr/sbin/${name}`));
  if (missing.length === 0 || process.platform !== 'linux') return;
  if (!which('apt-get') || process.getuid?.() !== 0 || isThere('/run/systemd/system')) return;
  try {
    aptInstall(missing.map((name) => packages[name]));
  } catch (thrown) {
    say(
      `${missing.join(', ')} could not be installed (${thrown instanceof Error ? thrown.message : thrown})`,
    );
  }
}

/**
 * Finds Chromium or installs it with apt.
 * @returns {string} path of the program
 * @throws {Trouble} saying what to install
 */
export function setUpBrowser() {
  const there = findBrowser();
  if (there) return there;
  const advice = 'install Chromium or Google Chrome, or name one in LAYERGLASS_CHROMIUM';
  if (process.platform !== 'linux' || !which('apt-get') || process.getuid?.() !== 0) {
    throw new Trouble(
      `No Chromium was found: ${advice}${which('apt-get') ? ' (apt-get install chromium)' : ''}.`,
    );
  }
  try {
    aptInstall(['chromium']);
  } catch (thrown) {
    throw new Trouble(`Chromium could not be installed with apt-get: ${advice}. ${thrown.message}`);
  }
  const installed = findBrowser();
  if (!installed) throw new Trouble(`apt-get installed no Chromium: ${advice}.`);
  return installed;
}
