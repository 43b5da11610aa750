/** `node scripts/screenshots.mjs`: draws the images of docs/walkthrough.md anew, from a real VS Code on the samples. */
import { mkdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { inProject, main, say, Trouble } from './lib.mjs';
import { setUpNodeModules } from './setup.mjs';

const MODEL = '4-cat-or-dog/cat-or-dog.keras';
const IMAGE = 'cat.png';
const JSON_MODEL = '3-binary/spot/model.json';
const SIZE = { width: 1280, height: 800 };
const SETTLE_MS = 1500;
const PAGE_LIMIT_MS = 30_000;

/** The harness of the tests is TypeScript: it is bundled beside its other work files and loaded from there. */
async function harness() {
  const { build } = await import('esbuild');
  const outfile = inProject('.vscode-test', 'screenshots', 'harness.mjs');
  await build({
    absWorkingDir: inProject(),
    entryPoints: ['test/vscode/harness.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    external: ['../../scripts/*'],
    logLevel: 'warning',
  });
  return import(pathToFileURL(outfile).href);
}

await main(async () => {
  setUpNodeModules();
  const { build } = await import('./build.mjs');
  const { setUpCodeServer } = await import('./codeServer.mjs');
  await build();
  await setUpCodeServer();
  const { VsCode } = await harness();
  const folder = inProject('docs', 'images');
  mkdirSync(folder, { recursive: true });

  const vscode = await VsCode.open({ theme: 'light' });
  const { page } = vscode;
  const shoot = async (name) => {
    await page.waitForTimeout(SETTLE_MS);
    await page.screenshot({ path: `${folder}/${name}.png` });
    say(`drew docs/images/${name}.png`);
  };
  /** Waits until one of the pages that show has the words; a hidden page may still be fading out. */
  const says = async (words) => {
    const pages = page.locator('iframe.webview.ready').filter({ visible: true });
    for (const end = Date.now() + PAGE_LIMIT_MS; Date.now() < end; await page.waitForTimeout(200)) {
      for (let nth = 0; nth < (await pages.count()); nth++) {
        const main = vscode.webview(nth).locator('main');
        if ((await main.count()) > 0 && (await main.textContent())?.includes(words)) return;
      }
    }
    throw new Trouble(`No page came up that says "${words}".`);
  };
  try {
    await page.setViewportSize(SIZE);
    await page.getByRole('tab', { name: /^Layerglass/ }).waitFor();
    await vscode.command('Notifications: Clear All Notifications');

    const row = await vscode.explorerRow(MODEL);
    await row.click({ button: 'right' });
    const entry = page.getByRole('menuitem', { name: 'Explain Prediction' }).first();
    await entry.hover();
    await shoot('right-click');
    await entry.click({ delay: 150 });
    await vscode.quickInput().waitFor();
    await vscode.pick(IMAGE);
    const explain = vscode.webview();
    await explain.locator('header [role=status]', { hasText: 'Grad-CAM' }).first().waitFor();
    await explain.locator('.content[aria-busy=false]').waitFor();
    await shoot('explain');

    await page.getByRole('tab', { name: /^Layerglass/ }).click();
    const rows = page.locator('.pane-body .monaco-list-row');
    await rows.filter({ hasText: 'vgg16' }).first().click();
    await page.keyboard.press('ArrowRight');
    const layer = rows.filter({ hasText: 'block4_conv3' }).first();
    await vscode.contextMenu(layer, 'Show Layer Values');
    await page.getByRole('tab', { name: /block4_conv3/ }).waitFor();
    await says('Inference mode');
    await shoot('layer');

    await vscode.command('View: Close All Editors');
    await page.getByRole('tab', { name: /^Explorer/ }).click();
    await vscode.openFile(MODEL);
    await says('vgg16');
    await shoot('summary');

    await vscode.openFile(JSON_MODEL);
    await vscode.hover('conv2d');
    await shoot('hover');
  } finally {
    await vscode.close();
  }
});
