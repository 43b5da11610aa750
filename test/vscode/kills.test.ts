import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ExplainPage } from './explainPage';
import { VsCode } from './harness';
import { reloadBetweenTries } from './tries';

/** `npm run test:kills` sets a hundred. */
const KILLS = Number(process.env.LAYERGLASS_KILLS ?? 5);
const MODEL = '4-cat-or-dog/cat-or-dog.keras';

const eventually = <T>(ask: () => T | Promise<T>) => expect.poll(ask, { timeout: 60_000, interval: 100 });

let vscode: VsCode;
let page: ExplainPage;

beforeAll(async () => {
  vscode = await VsCode.open({ theme: 'light' });
  await vscode.page.getByRole('tab', { name: /^Layerglass/ }).waitFor();
  page = new ExplainPage(vscode);
});
afterAll(() => vscode?.close());
reloadBetweenTries(() => vscode);

/** Waits until a class is explained; clicks "Try Again" whenever the page offers it. */
async function waitUntilExplained(name: string): Promise<void> {
  const again = page.frame.getByRole('button', { name: 'Try Again' });
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
    // The button disappears when the page repeats the request automatically.
    if (await again.isVisible()) await again.click({ timeout: 1000 }).catch(() => undefined);
    const busy = await page.frame.locator('.content[aria-busy=true]').count();
    if (busy === 0 && !(await again.isVisible()) && (await page.explanation()).includes(`(${name})`)) return;
    await vscode.page.waitForTimeout(100);
  }
  const image = await vscode.screenshot('kills-not-explained');
  throw new Error(`The page did not explain ${name}: ${await page.explanation()}. See ${image}.`);
}

/** A page of its own for each test, which explains an image of a cat. */
beforeEach(() => page.open(MODEL, 'cat.png'));

test(`the page recovers from ${KILLS} kills of the server, and one server is left`, {
  timeout: KILLS * 30_000 + 120_000,
  retry: 0,
}, async () => {
  const seen = new Set(vscode.analysisServers());
  for (let kill = 0; kill < KILLS; kill++) {
    const name = kill % 2 === 0 ? 'dog' : 'cat';
    await page.predictions.filter({ hasText: name }).click();
    // At the start of a computation, during it, or after it.
    await vscode.page.waitForTimeout((kill * 137) % 900);
    const servers = vscode.analysisServers();
    expect(servers.length).toBeLessThanOrEqual(1);
    for (const pid of servers) process.kill(pid, 'SIGKILL');
    await eventually(() => vscode.analysisServers().filter((pid) => !servers.includes(pid)).length).toBe(1);
    for (const pid of vscode.analysisServers()) seen.add(pid);
    await waitUntilExplained(name);
  }
  expect(seen.size).toBeGreaterThan(KILLS);
  expect(vscode.analysisServers().length).toBe(1);
  expect(await vscode.log()).not.toMatch(/not restarted automatically/);
});

test(`the page recovers from ${KILLS} kills of the compute process, and the server survives them`, {
  timeout: KILLS * 30_000 + 120_000,
  retry: 0,
}, async () => {
  const servers = vscode.analysisServers();
  for (let kill = 0; kill < KILLS; kill++) {
    const name = kill % 2 === 0 ? 'dog' : 'cat';
    await page.predictions.filter({ hasText: name }).click();
    await vscode.page.waitForTimeout((kill * 137) % 900);
    for (const pid of vscode.computeProcesses()) process.kill(pid, 'SIGKILL');
    await waitUntilExplained(name);
  }
  expect(vscode.analysisServers()).toEqual(servers);
  await eventually(() => vscode.computeProcesses().length).toBe(1);
});

test('restarting twice kills a hanging server and starts only one new server', async () => {
  const [hanging] = vscode.analysisServers();
  if (hanging === undefined) throw new Error('no analysis server runs');
  process.kill(hanging, 'SIGSTOP');
  await vscode.command('Layerglass: Restart Server');
  await vscode.command('Layerglass: Restart Server');
  await eventually(() => vscode.analysisServers().includes(hanging)).toBe(false);
  await waitUntilExplained('cat');
  await page.predictions.filter({ hasText: 'dog' }).click();
  await waitUntilExplained('dog');
  expect(vscode.analysisServers().length).toBe(1);
});
