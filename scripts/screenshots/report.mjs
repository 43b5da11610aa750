/** The picture of the report that `layerglass batch` writes, in a browser's two schemes: it has no themes of an editor. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inProject, run } from '../lib.mjs';
import { pageHarness } from '../vscodeHarness.mjs';

const GALLERY = 'test/fixtures/gallery';

/** @param shoot takes a page and a name below docs/images */
export async function drawReport(size, shoot) {
  const { launchChromium } = await pageHarness();
  const folder = mkdtempSync(join(tmpdir(), 'layerglass-report-'));
  const browser = await launchChromium();
  try {
    run(process.execPath, [
      inProject('dist/cli.js'),
      'batch',
      `${GALLERY}/shapes.keras`,
      ...['--input', `${GALLERY}/images`, '--out', folder, '--backend', 'wasm'],
    ]);
    for (const colorScheme of ['light', 'dark']) {
      const page = await browser.newPage({ colorScheme, viewport: size });
      await page.goto(pathToFileURL(join(folder, 'report.html')).href);
      await page.locator('.tile img').first().waitFor();
      await shoot(page, `pages/report-${colorScheme}`);
      await page.close();
    }
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
