/**
 * `npm run screenshots [-- NAME...]`: draws docs/images/ from a real VS Code on the samples: each page in three themes, the explorer's menu
 * and a hover for docs/walkthrough.md, the report of a batch, and the images of docs/methods.md. With names only these: `methods`, `menu`,
 * `hover`, `report`, or pages.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { decode, encode } from 'fast-png';
import { inProject, main, say } from '../lib.mjs';
import { setUpNodeModules } from '../setup.mjs';
import { harness } from '../vscodeHarness.mjs';
import { drawMethods } from './methods.mjs';
import { EXTRA_FILES, PAGES } from './pages.mjs';
import { drawReport } from './report.mjs';
import { pageWindow } from './window.mjs';

const FOLDER = 'docs/images';
const THEMES = ['light', 'dark', 'high-contrast'];
const SIZE = { width: 1440, height: 900 };
/** Until pictures have faded in and a tooltip has gone. */
const SETTLE_MS = 1500;
/** A place without a tooltip: the title bar. */
const NOWHERE = [SIZE.width / 4, 14];
const MODEL = '4-cat-or-dog/cat-or-dog.keras';
const JSON_MODEL = '3-binary/spot/model.json';

async function shootPage(page, name) {
  await page.waitForTimeout(SETTLE_MS);
  // The browser compresses in a hurry.
  const image = decode(await page.screenshot());
  writeFileSync(inProject(FOLDER, `${name}.png`), encode(image, { zlib: { level: 9 } }));
  say(`drew ${FOLDER}/${name}.png`);
}

/** The explorer's menu on a model file. */
async function drawMenu({ vscode, page }, shoot) {
  await (await vscode.explorerRow(MODEL)).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Explain Prediction' }).first().hover();
  await shoot('right-click');
  await page.keyboard.press('Escape');
}

/** The hover over a layer in model.json. */
async function drawHover({ vscode, closeAll }, shoot) {
  await closeAll();
  await vscode.openFile(JSON_MODEL);
  await vscode.hover('conv2d');
  await shoot('hover');
  await closeAll();
}

await main(async () => {
  const names = process.argv.slice(2);
  const isWanted = (name) => names.length === 0 || names.includes(name);
  setUpNodeModules();
  const { build } = await import('../build.mjs');
  const { setUpCodeServer } = await import('../codeServer.mjs');
  await build();
  if (isWanted('methods')) drawMethods();
  mkdirSync(inProject(FOLDER, 'pages'), { recursive: true });
  if (isWanted('report')) await drawReport(SIZE, shootPage);
  const pages = PAGES.filter(({ name }) => isWanted(name));
  if (pages.length === 0 && !isWanted('menu') && !isWanted('hover')) return;
  await setUpCodeServer();
  const { VsCode } = await harness();
  const extraFiles = Object.fromEntries(
    Object.entries(EXTRA_FILES).map(([place, path]) => [place, inProject(path)]),
  );
  const settings = {
    // As a user has it who has set up nothing.
    'layerglass.backend': 'onnx',
    // The themes are changed in it.
    'files.exclude': { '**/.vscode': true },
  };
  const vscode = await VsCode.open({ theme: 'light', settings, extraFiles });
  const window = pageWindow(vscode);
  const shoot = (name) => shootPage(vscode.page, name);
  try {
    await vscode.page.setViewportSize(SIZE);
    await vscode.page.getByRole('tab', { name: /^Layerglass/ }).waitFor();
    if (isWanted('menu')) await drawMenu(window, shoot);
    if (isWanted('hover')) await drawHover(window, shoot);
    for (const { name, open } of pages) {
      await open(window);
      for (const theme of THEMES) {
        await vscode.setTheme(theme);
        await vscode.page.mouse.move(...NOWHERE);
        await shoot(`pages/${name}-${theme}`);
      }
      await vscode.setTheme('light');
    }
  } finally {
    await vscode.close();
    await VsCode.endBrowser();
  }
});
