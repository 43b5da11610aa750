import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectDir, VsCode } from '../harness';
import { reloadBetweenTries } from '../tries';

/** Waits as long as servers and pages may take to start. */
const eventually = <T>(ask: () => T | Promise<T>) => expect.poll(ask, { timeout: 60_000, interval: 200 });

const fixture = (name: string): string => join(projectDir, 'test/fixtures/compare', name);
let folder: string;
let vscode: VsCode;

/** A repository in which a model was committed and then trained further. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'layerglass-compare-'));
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: 'pipe' });
  for (const name of ['base.h5', 'wrong-scale.keras', 'input.npy'])
    await cp(fixture(name), join(folder, name));
  await cp(fixture('base.keras'), join(folder, 'net.keras'));
  await writeFile(join(folder, 'notes.txt'), 'epoch 1');
  git('init', '--initial-branch', 'main');
  git('add', '.');
  git('-c', 'user.name=Test', '-c', 'user.email=test@localhost', 'commit', '--message', 'first epoch');
  await writeFile(join(folder, 'notes.txt'), 'epoch 2');
  git('add', 'notes.txt');
  await cp(fixture('changed-weight.keras'), join(folder, 'net.keras'));
  vscode = await VsCode.open({ folder });
});
afterAll(async () => {
  await vscode?.close();
  await rm(folder, { recursive: true, force: true });
});
reloadBetweenTries(() => vscode);

const verdict = () => vscode.webview().locator('.verdict');
async function showView(name: RegExp): Promise<void> {
  const tab = vscode.page.getByRole('tab', { name });
  if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
  // The tab's tooltip would cover the list.
  await vscode.page.mouse.move(800, 500);
}
const settled = () => vscode.webview().locator('.content[aria-busy=false]').waitFor({ timeout: 60_000 });

test('two models of the Explorer are compared, with an input as well', async () => {
  const { page } = vscode;
  await showView(/^Explorer/);
  // Once the extension is known.
  await eventually(async () => vscode.contextMenuItems(await vscode.explorerRow('base.h5'))).toContain(
    'Select Model for Compare',
  );
  await vscode.contextMenu(await vscode.explorerRow('base.h5'), 'Select Model for Compare');
  await eventually(async () =>
    vscode.contextMenuItems(await vscode.explorerRow('wrong-scale.keras')),
  ).toContain('Compare Model with Selected');
  await vscode.contextMenu(await vscode.explorerRow('wrong-scale.keras'), 'Compare Model with Selected');
  await page.getByRole('tab', { name: /base\.h5 ↔ wrong-scale\.keras/ }).waitFor({ timeout: 60_000 });
  await settled();
  await eventually(() => verdict().textContent()).toContain('The first difference is scale.');

  await vscode.webview().getByRole('button', { name: 'Input: choose' }).click();
  await vscode.pick('input.npy');
  await eventually(() => verdict().textContent()).toContain('Values part first in scale.');
  await vscode.webview().getByRole('table', { name: 'Predictions of output classes' }).waitFor();
  await vscode.screenshot('compare');
  await verdict().getByRole('button', { name: 'Show Layer' }).click();
  await vscode.webview().getByRole('button', { name: 'Show in B' }).click();
  await page.getByRole('tab', { name: /^scale/ }).waitFor({ timeout: 60_000 });
  await vscode.command('View: Close All Editors');
});

test('a changed model of Source Control is compared with its last commit; the copy goes with the page', async () => {
  const { page } = vscode;
  await showView(/^Source Control/);
  const changed = page.locator('.scm-view .monaco-list-row').filter({ hasText: 'net.keras' }).first();
  await changed.waitFor();
  await eventually(async () => vscode.contextMenuItems(changed)).toContain('Compare Model with HEAD');
  // A group without a changed model has no entry for one.
  const notes = page.locator('.scm-view .monaco-list-row').filter({ hasText: 'notes.txt' }).first();
  expect(await vscode.contextMenuItems(notes)).not.toContain('Compare Model with HEAD');
  await vscode.contextMenu(changed, 'Compare Model with HEAD');
  await page.getByRole('tab', { name: /net\.keras \(HEAD\) ↔ net\.keras/ }).waitFor({ timeout: 60_000 });
  await settled();
  await eventually(() => verdict().textContent()).toContain('The first difference is hidden.');
  await vscode.screenshot('compare-head');
  expect(await vscode.copies('revisions')).toContain('net (HEAD).keras');
  await vscode.command('View: Close All Editors');
  await eventually(() => vscode.copies('revisions')).toEqual([]);
});

test('two revisions are chosen by their commits', async () => {
  const { page } = vscode;
  await showView(/^Explorer/);
  await vscode.contextMenu(await vscode.explorerRow('net.keras'), 'Compare Revisions of a Model…');
  await vscode.pick('first epoch');
  await vscode.pick('net.keras');
  await page
    .getByRole('tab', { name: /net\.keras \([0-9a-f]{7}\) ↔ net\.keras/ })
    .waitFor({ timeout: 60_000 });
  await settled();
  await eventually(() => verdict().textContent()).toContain('hidden');
  await vscode.command('View: Close All Editors');
});

test('a commit of the Timeline is compared with the file', async () => {
  await showView(/^Explorer/);
  await vscode.openFile('net.keras');
  await vscode.webview().getByRole('button', { name: 'Show Graph' }).waitFor({ timeout: 60_000 });
  const timeline = vscode.page.locator('.pane-header[aria-label^="Timeline"]');
  if ((await timeline.getAttribute('aria-expanded')) !== 'true') await timeline.click();
  const commit = vscode.viewRows('Timeline').filter({ hasText: 'first epoch' });
  await commit.waitFor({ timeout: 60_000 });
  await vscode.contextMenu(commit, 'Compare Revisions of a Model…');
  await vscode.pick('net.keras');
  await vscode.page
    .getByRole('tab', { name: /net\.keras \([0-9a-f]{7}\) ↔ net\.keras/ })
    .waitFor({ timeout: 60_000 });
  await settled();
  await eventually(() => verdict().textContent()).toContain('The first difference is hidden.');
  await timeline.click();
  await vscode.command('View: Close All Editors');
});

test('the palette asks for both models, and a reload of the window brings the page back', async () => {
  await vscode.command('Layerglass: Compare Two Models…');
  await vscode.pick('base.h5');
  await vscode.quickInput().fill('wrong-scale');
  await vscode.pick('wrong-scale.keras');
  await settled();
  await eventually(() => verdict().textContent()).toContain('first');
  const said = await verdict().textContent();
  // As a user does it: the window keeps its state.
  const loaded = vscode.page.waitForEvent('load');
  await vscode.command('Developer: Reload Window');
  await loaded;
  await settled();
  await eventually(() => verdict().textContent()).toBe(said);
  await vscode.command('View: Close All Editors');
});
