import type { FrameLocator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VsCode } from './harness';
import { reloadBetweenTries } from './tries';

/** Waits as long as servers and pages may take to start. */
const eventually = <T>(ask: () => T | Promise<T>) => expect.poll(ask, { timeout: 40_000, interval: 200 });

let vscode: VsCode;
beforeAll(async () => {
  vscode = await VsCode.open({ theme: 'dark' });
  await vscode.page.getByRole('tab', { name: /^Layerglass/ }).waitFor();
});
afterAll(() => vscode?.close());
reloadBetweenTries(() => vscode);

describe('the graph page', () => {
  test('opens from the summary page; graph, tree and layer page follow one another', async () => {
    const { page } = vscode;
    await vscode.openFile('2-triplet/triplet.h5');
    await vscode.webview().getByRole('button', { name: 'Show Graph' }).click();
    const tab = page.getByRole('tab', { name: /^Graph · triplet\.h5/ });
    await tab.waitFor();
    const graph: FrameLocator = vscode.webview();
    const marked = () => graph.locator('.nodes tr[aria-current]').getAttribute('data-path');
    await graph.locator('.nodes tr[data-path="embedding@2/conv1_conv"]').waitFor({ timeout: 40_000 });
    await graph.locator('.stage').focus();
    await vscode.screenshot('graph-dark');

    // From the tree to the graph.
    await page.getByRole('tab', { name: /^Layerglass/ }).click();
    const tree = page.locator('.pane-body .monaco-list-row');
    await tree.filter({ hasText: 'concatenate' }).first().click();
    await eventually(marked).toBe('concatenate');

    // From the graph to the tree: the row inside a nested model is selected.
    const search = graph.getByLabel('Search the graph');
    await search.fill('embedding@2 BatchNormalization');
    await search.press('Enter');
    await eventually(marked).toMatch(/^embedding@2\//);
    const selected = page.locator('.pane-body .monaco-list-row.selected');
    await eventually(() => selected.first().getAttribute('aria-label')).toContain('embedding@2/');
    await vscode.screenshot('graph-tree-dark');
  });
});
