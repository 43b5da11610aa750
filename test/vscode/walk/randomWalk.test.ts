import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { projectDir, VsCode } from '../harness';
import { Walker } from './walker';

/** `npm run test:walk` sets others. */
const STEPS = Number(process.env.LAYERGLASS_WALK_STEPS ?? 120);
const SEED = Number(process.env.LAYERGLASS_WALK_SEED ?? 1);
/** How much more than before may be kept: 10 %. */
const MOST = 1.1;
/** A model that nothing shows stays open for ten seconds. */
const LINGER_MS = 12_000;
/** Where a console message is from: a page or its script, not VS Code itself, which looks for galleries on the network. */
const OF_A_PAGE = /vscode-resource|\/webview\/browser\/pre\//;
/** The toolkit's one inline style; files of a page that is closed while it loads, for which VS Code's worker no longer answers. */
const KNOWN_REPORT = /Applying inline style|ERR_NAME_NOT_RESOLVED/;
const STEP_LIMIT_MS = 5_000;

let vscode: VsCode;
/** Exceptions and errors on the console. */
const pageErrors: string[] = [];

// Each try has an editor of its own: a second walk would begin in what the first one left.
beforeEach(async () => {
  pageErrors.length = 0;
  const collectGarbage = join(import.meta.dirname, 'collectGarbage.cjs');
  vscode = await VsCode.open({ theme: 'dark', env: { NODE_OPTIONS: `--require ${collectGarbage}` } });
  vscode.page.on('pageerror', (error) => pageErrors.push(error.stack ?? error.message));
  vscode.page.on('console', (message) => {
    if (message.type() !== 'error' || !OF_A_PAGE.test(message.location().url)) return;
    if (!KNOWN_REPORT.test(message.text())) pageErrors.push(`${message.text()} (${message.location().url})`);
  });
  await vscode.page.getByRole('tab', { name: /^Layerglass/ }).waitFor();
});
afterEach(() => vscode?.close());

/** What was done, for a person who wants to know how an error came about. */
const DIARY = join(projectDir, 'test-results', `walk-${SEED}.txt`);
function note(text: string): void {
  appendFileSync(DIARY, `${text}\n`);
}

/** MiB that the server and its compute process keep, after they collected their garbage. */
async function keptMemory(): Promise<number> {
  const pids = [...vscode.analysisServers(), ...vscode.computeProcesses()];
  for (const pid of pids) process.kill(pid, 'SIGUSR2');
  await vscode.page.waitForTimeout(500);
  const rows = execFileSync('ps', ['-o', 'rss=', '-p', pids.join(',')], { encoding: 'utf8' })
    .trim()
    .split('\n');
  return Math.round(rows.reduce((sum, row) => sum + Number(row), 0) / 1024);
}

async function closePages(): Promise<void> {
  await vscode.page.keyboard.press('Escape');
  // What was clicked last may still open a page.
  await expect
    .poll(
      async () => {
        await vscode.command('View: Close All Editors');
        return vscode.page.locator('.tabs-container .tab').count();
      },
      { timeout: 30_000, interval: 1000 },
    )
    .toBe(0);
}

/** Errors in the log of Layerglass, which has those of the server and of the compute process too. */
const loggedErrors = async (): Promise<string[]> =>
  (await vscode.log()).split('\n').filter((line) => /\[error\]|Unhandled|\bat .*\.js:\d+/.test(line));
const hostErrors = async (): Promise<string[]> =>
  (await vscode.log('remoteexthost')).split('\n').filter((line) => /\[error\].*layerglass/i.test(line));

test(`${STEPS} random clicks and keys leave no error and no memory (seed ${SEED})`, {
  timeout: STEPS * STEP_LIMIT_MS + 120_000,
}, async () => {
  mkdirSync(dirname(DIARY), { recursive: true });
  rmSync(DIARY, { force: true });
  const walker = new Walker(vscode, SEED);
  await walker.openEverything();
  await vscode.page.waitForTimeout(LINGER_MS);
  const servers = vscode.analysisServers();
  expect(servers).toHaveLength(1);
  // The baseline: everything was opened and closed once, and nothing is open.
  const before = await keptMemory();

  note(`${before} MiB before`);
  for (let i = 0; i < STEPS; i++) note(`${i} ${Math.round(performance.now())} ${await walker.step()}`);
  await closePages();
  expect(pageErrors).toEqual([]);
  expect(await loggedErrors()).toEqual([]);
  expect(await hostErrors()).toEqual([]);
  expect(vscode.analysisServers()).toEqual(servers);
  note(`${await keptMemory()} MiB at the end`);
  await expect
    .poll(keptMemory, { timeout: 2 * LINGER_MS, interval: 1000, message: `MiB, after ${before} before` })
    .toBeLessThanOrEqual(MOST * before);
});
