/**
 * `node scripts/screenshots.mjs [methods]`: draws the images of docs/walkthrough.md and README.md from a real VS Code on the samples, and those
 * of docs/methods.md, one per method, with the command line; with `methods` only the latter.
 */
import { mkdirSync } from 'node:fs';
import { inProject, main, run, say, Trouble } from './lib.mjs';
import { setUpNodeModules } from './setup.mjs';
import { harness } from './vscodeHarness.mjs';

const MODEL = '4-cat-or-dog/cat-or-dog.keras';
const IMAGE = 'cat.png';
const JSON_MODEL = '3-binary/spot/model.json';
const SIZE = { width: 1280, height: 800 };
const SETTLE_MS = 1500;
const PAGE_LIMIT_MS = 30_000;

/** CAM needs global average pooling before the output. */
const CAM_SAMPLE = ['samples/3-binary/spot/model.json', '--input', 'samples/3-binary/digit.png'];
const METHOD_SAMPLE = [
  `samples/${MODEL}`,
  '--input',
  'samples/4-cat-or-dog/cat-and-dog.png',
  '--target',
  'cat',
];

/** A sentence through two attention layers; no sample has one. Words are drawn in an SVG only. */
const ATTENTION_SAMPLE = [
  'test/fixtures/attention/text.keras',
  '--input',
  'test/fixtures/attention/text.txt',
];

/** One image per method. */
function drawMethods() {
  const cli = (...args) => run(process.execPath, ['dist/cli.js', ...args]);
  const folder = 'docs/images/methods';
  mkdirSync(inProject(folder), { recursive: true });
  for (const { id } of JSON.parse(cli('methods', '--json'))) {
    const isAttention = id.startsWith('attention');
    const sample = isAttention ? ATTENTION_SAMPLE : id === 'cam' ? CAM_SAMPLE : METHOD_SAMPLE;
    const file = `${folder}/${id}.${isAttention ? 'svg' : 'png'}`;
    cli('explain', ...sample, '--method', id, '--costly', '--backend', 'wasm', '--out', file);
    say(`drew ${file}`);
  }
}

await main(async () => {
  setUpNodeModules();
  const { build } = await import('./build.mjs');
  const { setUpCodeServer } = await import('./codeServer.mjs');
  await build();
  drawMethods();
  if (process.argv[2] === 'methods') return;
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
    await VsCode.endBrowser();
  }
});
