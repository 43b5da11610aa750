import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExplainPage } from './explainPage';
import { VsCode } from './harness';
import { reloadBetweenTries } from './tries';

/** `npm run test:kills` asks for a hundred. */
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

/** Explains a class by a click, and where a question ended with its server by another click, until it is explained. */
async function explained(name: string): Promise<void> {
  const again = page.frame.getByRole('button', { name: 'Try Again' });
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
    // It goes away by itself where the page may ask again without a user.
    if (await again.isVisible()) await again.click({ timeout: 1000 }).catch(() => undefined);
    const busy = await page.frame.locator('.content[aria-busy=true]').count();
    if (busy === 0 && !(await again.isVisible()) && (await page.said()).includes(`(${name})`)) return;
    await vscode.page.waitForTimeout(100);
  }
  const image = await vscode.screenshot('kills-not-explained');
  throw new Error(`The page did not come to explain ${name}: ${await page.said()}. See ${image}.`);
}

test('a cat is explained', async () => {
  await vscode.contextMenu(await vscode.explorerRow(MODEL), 'Explain Prediction');
  await vscode.quickInput().waitFor();
  await vscode.pick('cat.png');
  await page.settled();
});

test(`${KILLS} kills under load are ${KILLS} recoveries, and one server lives`, {
  timeout: KILLS * 30_000 + 120_000,
  retry: 0,
}, async () => {
  const seen = new Set(vscode.analysisServers());
  for (let kill = 0; kill < KILLS; kill++) {
    const name = kill % 2 === 0 ? 'dog' : 'cat';
    await page.predictions.filter({ hasText: name }).click();
    // From the first moment of a computation to some way into it, or after it.
    await vscode.page.waitForTimeout((kill * 137) % 900);
    const servers = vscode.analysisServers();
    expect(servers.length).toBeLessThanOrEqual(1);
    for (const pid of servers) process.kill(pid, 'SIGKILL');
    await eventually(() => vscode.analysisServers().filter((pid) => !servers.includes(pid)).length).toBe(1);
    for (const pid of vscode.analysisServers()) seen.add(pid);
    await explained(name);
  }
  expect(seen.size).toBeGreaterThan(KILLS);
  expect(vscode.analysisServers().length).toBe(1);
  expect(await vscode.log()).not.toMatch(/not restarted automatically/);
});

test(`${KILLS} kills of the compute process are ${KILLS} recoveries, and the server lives through all`, {
  timeout: KILLS * 30_000 + 120_000,
  retry: 0,
}, async () => {
  const servers = vscode.analysisServers();
  for (let kill = 0; kill < KILLS; kill++) {
    const name = kill % 2 === 0 ? 'dog' : 'cat';
    await page.predictions.filter({ hasText: name }).click();
    await vscode.page.waitForTimeout((kill * 137) % 900);
    for (const pid of vscode.computeProcesses()) process.kill(pid, 'SIGKILL');
    await explained(name);
  }
  expect(vscode.analysisServers()).toEqual(servers);
  await eventually(() => vscode.computeProcesses().length).toBe(1);
});

test('a server that hangs is killed by a restart, and a second wish for one makes no second server', async () => {
  const [hanging] = vscode.analysisServers();
  if (hanging === undefined) throw new Error('no analysis server runs');
  process.kill(hanging, 'SIGSTOP');
  await vscode.command('Layerglass: Restart Server');
  await vscode.command('Layerglass: Restart Server');
  await eventually(() => vscode.analysisServers().includes(hanging)).toBe(false);
  await explained((await page.said()).includes('(dog)') ? 'dog' : 'cat');
  await page.predictions.filter({ hasText: 'dog' }).click();
  await explained('dog');
  expect(vscode.analysisServers().length).toBe(1);
});
