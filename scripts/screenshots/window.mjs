/** A real VS Code, used as a person does to bring up each page. */
import { basename } from 'node:path';
import { Trouble } from '../lib.mjs';

const PAGE_LIMIT_MS = 40_000;

/** @param vscode a `VsCode` of test/vscode/harness.ts */
export function pageWindow(vscode) {
  const { page } = vscode;
  const rows = page.locator('.sidebar .pane-body .monaco-list-row');

  /** The content of the visible page that has the words. */
  async function shown(words) {
    const frames = page.locator('iframe.webview.ready').filter({ visible: true });
    for (const end = Date.now() + PAGE_LIMIT_MS; Date.now() < end; await page.waitForTimeout(200)) {
      for (let nth = 0; nth < (await frames.count()); nth++) {
        const found = vscode.webview(nth);
        const main = found.locator('main');
        if ((await main.count()) > 0 && (await main.textContent())?.includes(words)) return found;
      }
    }
    throw new Trouble(`No page came up that says "${words}".`);
  }

  async function closeAll() {
    await vscode.command('View: Close All Editors');
    const tabs = page.locator('.tabs-container .tab');
    for (const end = Date.now() + PAGE_LIMIT_MS; (await tabs.count()) > 0; await page.waitForTimeout(100))
      if (Date.now() > end) throw new Trouble('The pages do not close.');
  }

  async function explain(model, input) {
    await vscode.command('View: Show Explorer');
    // A row below the end of the list is not there to be clicked.
    await vscode.command('Collapse Folders in Explorer');
    await vscode.contextMenu(await vscode.explorerRow(model), 'Explain Prediction');
    const tab = page.getByRole('tab', { name: `Explain ${basename(model)}` });
    await vscode.quickInput().or(tab).first().waitFor();
    // The input is asked for once; then the model's last one is taken.
    if (await vscode.quickInput().isVisible()) await vscode.pick(input);
    const explained = vscode.webview();
    await explained.locator('.content[aria-busy=false]').waitFor({ timeout: PAGE_LIMIT_MS });
    return explained;
  }

  async function openLayers() {
    const tab = page.getByRole('tab', { name: /^Layerglass/ }).first();
    if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
    await rows.first().waitFor();
  }

  const row = (name) =>
    rows.filter({ has: page.locator('.label-name', { hasText: new RegExp(`^${name}$`) }) }).first();

  /** The page of a layer of the model that was explained last, alone. */
  async function openLayer(path, words) {
    await closeAll();
    await openLayers();
    const names = path.split('/');
    for (const name of names.slice(0, -1)) {
      const group = row(name);
      if ((await group.getAttribute('aria-expanded')) !== 'true')
        await group.locator('.monaco-tl-twistie').click();
    }
    await row(names.at(-1)).click();
    return shown(words);
  }

  async function chooseTab(name) {
    const layer = vscode.webview();
    await layer.getByRole('tab', { name }).click();
    // Until its answer has come, a tab is empty.
    await layer.getByRole('tabpanel', { name }).locator(':visible').first().waitFor();
  }

  return { vscode, page, shown, closeAll, explain, openLayers, openLayer, chooseTab };
}
