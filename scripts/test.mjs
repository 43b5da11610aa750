/**
 * `npm test [-- LAYER...] [FILE...]`: sets up what is missing, builds, and runs the layers of tests
 * (unit, conformance, server, webview, vscode; all by default). Its last line is `N passed, N failed, N skipped`.
 */
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { inProject, isThere, isWindows, main, root, say, start, stop, Trouble } from './lib.mjs';
import { setUpBrowser, setUpClusterEngines, setUpNodeModules } from './setup.mjs';

const LAYERS = ['unit', 'conformance', 'server', 'webview', 'vscode'];
/** Layers that need the bundles, the native backend and a browser. */
const NEEDS_BUILD = new Set(['server', 'webview', 'vscode']);
const NEEDS_NATIVE = new Set(['unit', 'conformance', 'server', 'vscode']);
const NEEDS_BROWSER = new Set(['webview', 'vscode']);

/** One after the other, beside the other layers: `vscode` runs one file at a time, on about one core. */
const IN_BROWSER = ['vscode', 'webview'];

/** A layer that hangs must not keep the others from their verdict. */
const LAYER_LIMIT_MS = 40 * 60_000;

function hasTests(layer) {
  const folder = inProject('test', layer);
  return (
    isThere(folder) && readdirSync(folder, { recursive: true }).some((name) => name.endsWith('.test.ts'))
  );
}

/** A test of a backend or an engine that this machine lacks is skipped under this title (test/conformance/backends.ts, test/server/cluster/). */
const NOT_THERE = /^(\S+) is not available: (.*)/;

/**
 * Runs the vitest projects of one layer, `conformance-wasm` among those of `conformance`, and returns their counts and what
 * failed; a file that could not even start counts as one failure.
 * @param {Map<string, string>} missing takes the backends and engines that are not there, and why
 * @param {boolean} isAtOnce whether its output appears at once, rather than in one piece when it has ended
 */
async function runLayer(layer, filters, folder, missing, isAtOnce) {
  const report = join(folder, `${layer}.json`);
  const log = join(folder, `${layer}.log`);
  const output = isAtOnce ? null : openSync(log, 'w');
  const child = start(
    process.execPath,
    [
      inProject('node_modules/vitest/vitest.mjs'),
      ...[
        'run',
        '--project',
        `${layer}*`,
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
        // Projects and layers share what Vite made of the sources, for this run only.
        '--experimental.fsModuleCache',
        `--experimental.fsModuleCachePath=${join(folder, 'modules')}`,
      ],
      ...filters,
      ...(filters.length > 0 ? ['--passWithNoTests'] : []),
    ],
    { cwd: root, stdio: ['ignore', output ?? 'inherit', output ?? 'inherit'] },
  );
  const forward = () => stop(child);
  process.once('SIGINT', forward).once('SIGTERM', forward);
  const timer = setTimeout(() => {
    say(`the layer ${layer} did not end within ${LAYER_LIMIT_MS / 60_000} minutes and was stopped`);
    stop(child);
  }, LAYER_LIMIT_MS);
  const code = await new Promise((resolve) => child.once('exit', (exit) => resolve(exit ?? 1)));
  clearTimeout(timer);
  if (output !== null) {
    closeSync(output);
    process.stdout.write(readFileSync(log));
  }
  process.off('SIGINT', forward).off('SIGTERM', forward);

  const counts = { passed: 0, failed: 0, skipped: 0 };
  /** What failed, a line each: CI keeps only the end of what a run prints. */
  const failures = [];
  if (isThere(report)) {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    counts.passed = result.numPassedTests;
    counts.failed = result.numFailedTests;
    counts.skipped = result.numPendingTests + (result.numTodoTests ?? 0);
    for (const { title } of result.testResults.flatMap((file) => file.assertionResults)) {
      const [, backend, why] = NOT_THERE.exec(title) ?? [];
      if (backend !== undefined && !missing.has(backend)) missing.set(backend, why);
    }
    for (const file of result.testResults) {
      const name = relative(root, file.name);
      const tests = file.assertionResults.filter((test) => test.status === 'failed');
      failures.push(
        ...tests.map((test) => `${name}: ${test.fullName}: ${inOneLine(test.failureMessages.join(' '))}`),
      );
      if (file.status !== 'failed' || tests.length > 0) continue;
      counts.failed++;
      failures.push(`${name}: ${inOneLine(file.message ?? 'did not start')}`);
    }
  }
  if (code !== 0 && counts.failed === 0) {
    counts.failed = 1;
    failures.push(`the layer ${layer} ended with exit code ${code}`);
  }
  return { counts, failures };
}

/** The backends that could not be set up, and why; the tests find out for themselves which ones are there. */
async function setUpNative() {
  try {
    const { setUpNative: setUp } = await import('./native.mjs');
    say(await setUp());
    return new Map();
  } catch (thrown) {
    return new Map([['native', thrown instanceof Error ? thrown.message : String(thrown)]]);
  }
}

/** Without the registry these tests are skipped and say why. */
async function setUpModels() {
  try {
    const { setUpRealWorld } = await import('./realWorld.mjs');
    await setUpRealWorld();
  } catch (thrown) {
    say(`models of others are not there (${thrown instanceof Error ? thrown.message : thrown})`);
  }
}

await main(async () => {
  const words = process.argv.slice(2);
  const chosen = words.filter((word) => LAYERS.includes(word));
  const filters = words.filter((word) => !LAYERS.includes(word));
  const layers = chosen.length > 0 ? LAYERS.filter((layer) => chosen.includes(layer)) : LAYERS;
  const needs = (set) => layers.some((layer) => set.has(layer));
  const started = Date.now();
  // The browser's VS Code is not set up there; `npm run test:desktop` runs the in-host suite.
  const withoutVsCode = isWindows;

  setUpNodeModules();
  const missing = needs(NEEDS_NATIVE) ? await setUpNative() : new Map();
  if (needs(NEEDS_BROWSER)) setUpBrowser();
  if (layers.includes('server')) {
    setUpClusterEngines();
    await setUpModels();
  }
  if (needs(NEEDS_BUILD)) {
    const { build } = await import('./build.mjs');
    await build();
  }
  if (layers.includes('vscode') && !withoutVsCode) {
    const { setUpCodeServer } = await import('./codeServer.mjs');
    await setUpCodeServer();
  }

  const total = { passed: 0, failed: 0, skipped: 0 };
  const lines = new Map();
  const failed = [];
  const folder = mkdtempSync(join(tmpdir(), 'layerglass-test-'));
  const runAll = async (some, isAtOnce) => {
    for (const layer of some) {
      say(`running ${layer}`);
      const from = Date.now();
      const { counts, failures } = await runLayer(layer, filters, folder, missing, isAtOnce);
      failed.push(...failures);
      for (const key of Object.keys(total)) total[key] += counts[key];
      lines.set(layer, `${layer}: ${inWords(counts)}, ${Math.round((Date.now() - from) / 1000)} s`);
    }
  };
  try {
    const runnable = layers.filter((layer) => layer !== 'vscode' || !withoutVsCode);
    const empty = runnable.find((layer) => !hasTests(layer));
    if (empty !== undefined) throw new Trouble(`test/${empty} holds no test.`);
    if (runnable.length < layers.length) {
      total.skipped++;
      lines.set('vscode', 'vscode: skipped on Windows, where npm run test:desktop runs the suite');
    }
    await Promise.all([
      runAll(
        IN_BROWSER.filter((layer) => runnable.includes(layer)),
        runnable.length === 1,
      ),
      runAll(
        runnable.filter((layer) => !IN_BROWSER.includes(layer)),
        true,
      ),
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }

  process.stdout.write(`\n${failed.map((line) => `failed: ${line}\n`).join('')}`);
  process.stdout.write(`${layers.map((layer) => lines.get(layer)).join('\n')}\n`);
  process.stdout.write(`all layers together: ${Math.round((Date.now() - started) / 1000)} s\n`);
  const notThere = [...missing].map(([backend, why]) => `${backend} (${why})`).join('; ');
  process.stdout.write(`not there: ${notThere === '' ? 'none' : notThere}\n`);
  process.stdout.write(`${inWords(total)}\n`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
});

function inWords({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** The first 300 characters, without the colours of a terminal. */
function inOneLine(message) {
  return stripVTControlCharacters(message).replaceAll(/\s+/g, ' ').trim().slice(0, 300);
}
