import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExplainPage } from './explainPage';
import { projectDir, VsCode } from './harness';
import { reloadBetweenTries } from './tries';

const samples = join(projectDir, 'samples');
const LIMIT_MS = 60_000;

let folder: string;
let vscode: VsCode;

/** Makes a repository in which a committed model has been replaced by another one. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'layerglass-repository-'));
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: 'pipe' });
  await mkdir(join(folder, 'models'));
  await cp(join(samples, '1-sequence', 'motif.keras'), join(folder, 'models', 'net.keras'));
  await cp(join(samples, '1-sequence', 'with-motif.npy'), join(folder, 'with-motif.npy'));
  git('init', '--initial-branch', 'main');
  git('add', '.');
  git('-c', 'user.name=Test', '-c', 'user.email=test@localhost', 'commit', '--message', 'first');
  await cp(join(samples, '5-sigmoid', 'scores.keras'), join(folder, 'models', 'net.keras'));
  vscode = await VsCode.open({ folder, settings: { 'diffEditor.renderSideBySide': true } });
});
afterAll(async () => {
  await vscode?.close();
  await rm(folder, { recursive: true, force: true });
});
reloadBetweenTries(() => vscode);

/** The text of all visible summary pages. */
async function summaries(): Promise<string> {
  const pages = vscode.page.locator('iframe.webview.ready').filter({ visible: true });
  const texts: string[] = [];
  for (let nth = 0; nth < (await pages.count()); nth++) {
    const main = vscode.webview(nth).locator('main');
    if ((await main.count()) > 0) texts.push((await main.textContent()) ?? '');
  }
  return texts.join('\n----\n');
}

async function showSourceControl(): Promise<void> {
  const tab = vscode.page.getByRole('tab', { name: /^Source Control/ });
  if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
  // The tab's tooltip would cover the list of changes.
  await vscode.page.mouse.move(800, 500);
  await changedFile().waitFor();
}

const changedFile = () =>
  vscode.page.locator('.scm-view .monaco-list-row').filter({ hasText: 'net.keras' }).first();

test('a changed model opened from Source Control shows the revision beside the file', async () => {
  // Of a try before, which a reload restores: a click on the row would only show them again.
  await vscode.command('View: Close All Editors');
  await showSourceControl();
  await changedFile().click();
  // The layers of motif.keras, which is only in the repository, and those of the file.
  await expect.poll(summaries, { timeout: LIMIT_MS }).toMatch(/conv1d/);
  await expect.poll(summaries, { timeout: LIMIT_MS }).toMatch(/measurements/);
  await vscode.screenshot('revision-beside-file');
  const text = await summaries();
  expect(text).toContain('net.keras (HEAD or index)');
  expect(text).toContain('Revision: HEAD or index. The file in the workspace may differ.');
  await vscode.command('View: Close All Editors');
});

test('the committed model can be opened and explained on its own', async () => {
  await showSourceControl();
  await vscode.contextMenu(changedFile(), /^Open File \(HEAD\)/);
  await expect.poll(summaries, { timeout: LIMIT_MS }).toMatch(/conv1d/);
  expect(await summaries()).toContain('net.keras (HEAD or index)');
  expect(await vscode.copies('revisions')).toContain('net (HEAD or index).keras');
  await vscode.screenshot('revision');
  await vscode.webview().getByRole('button', { name: 'Explain Prediction' }).first().click();
  await vscode.pick('with-motif.npy');
  const sentence = /^Grad-CAM of class 1, p = 0\.996, at conv1d, 1802 positions$/;
  expect(await new ExplainPage(vscode).settled()).toMatch(sentence);
  await vscode.screenshot('revision-explained');
});

test('the copies are deleted with their editors', async () => {
  await showSourceControl();
  await vscode.contextMenu(changedFile(), /^Open File \(HEAD\)/);
  await expect
    .poll(() => vscode.copies('revisions'), { timeout: LIMIT_MS })
    .toContain('net (HEAD or index).keras');
  await vscode.command('View: Close All Editors');
  await expect.poll(() => vscode.copies('revisions'), { timeout: LIMIT_MS }).toEqual([]);
});
