import { readFileSync } from 'node:fs';
import { copyFile, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_COLOUR_MAP } from '../../src/shared/maps/colourMaps';
import { ExplainPage } from './explainPage';
import { projectDir, VsCode } from './harness';
import { reloadBetweenTries } from './tries';

/** One entry of test/fixtures/samples/index.json, written beside the samples by their script. */
interface Sample {
  readonly model: string;
  readonly input: string;
  readonly expectedClass: number;
  /** Bounding box of the object in pixels of the input: x0, y0, x1, y1. */
  readonly box: readonly [number, number, number, number];
}

const samples: readonly Sample[] = JSON.parse(
  readFileSync(join(projectDir, 'test/fixtures/samples/index.json'), 'utf8'),
);
const cat = sampleOf('4-cat-or-dog/cat-or-dog.keras', 0);
const spot = sampleOf('3-binary/spot/model.json', 1);

function sampleOf(model: string, expectedClass: number): Sample {
  const sample = samples.find((one) => one.model === model && one.expectedClass === expectedClass);
  if (sample === undefined) throw new Error(`index.json has no input of class ${expectedClass} for ${model}`);
  return sample;
}

/** Waits as long as servers and pages may take to start. */
const eventually = <T>(ask: () => T | Promise<T>) => expect.poll(ask, { timeout: 40_000, interval: 200 });

let vscode: VsCode;
let page: ExplainPage;

beforeAll(async () => {
  vscode = await VsCode.open({ theme: 'light' });
  await vscode.page.getByRole('tab', { name: /^Layerglass/ }).waitFor();
  page = new ExplainPage(vscode);
});
afterAll(() => vscode?.close());
reloadBetweenTries(() => vscode);

/** Every test opens what it needs: none relies on what another one left. */
beforeEach(async () => {
  await vscode.command('View: Close All Editors');
  await vscode.command('Notifications: Clear All Notifications');
  await vscode.command('View: Show Explorer');
  await vscode.command('Collapse Folders in Explorer');
});

const explain = ({ model, input }: Sample): Promise<string> => page.open(model, basename(input));

/** Expands the cat's model in the Layers view. Returns the row of a convolution in its base. */
async function layerRow(): Promise<Locator> {
  await vscode.page.getByRole('tab', { name: /^Layerglass/ }).click();
  const rows = vscode.page.locator('.pane-body .monaco-list-row');
  const base = rows.filter({ hasText: 'vgg16' }).first();
  await base.waitFor();
  if ((await base.getAttribute('aria-expanded')) !== 'true') {
    await base.click();
    await vscode.page.keyboard.press('ArrowRight');
  }
  const layer = rows.filter({ hasText: 'block4_conv3' }).first();
  await layer.waitFor();
  return layer;
}

/** Exports all files of the page's map to `base`, as far as the confirmation to overwrite. */
async function exportTo(base: string): Promise<void> {
  await vscode.command('Layerglass: Export Heat Map');
  await vscode.quickRows().filter({ hasText: 'Raw map' }).waitFor();
  await vscode.page.keyboard.press('Enter');
  await eventually(() => vscode.quickInput().inputValue()).toMatch(/-grad-cam$/);
  await vscode.enter(base);
}

const MAP_FILES = ['map.png', 'overlay.png', 'side-by-side.png', 'svg', 'npy'] as const;

describe('explaining an image of a cat', () => {
  test('only model files offer Explain Prediction', async () => {
    const items = async (path: string) => vscode.contextMenuItems(await vscode.explorerRow(path));
    expect(await items('README.md')).not.toContain('Explain Prediction');
    expect(await items(cat.model)).toContain('Explain Prediction');
    expect(await items(spot.model)).toContain('Explain Prediction');
    expect(await items(cat.input)).not.toContain('Explain Prediction');
  });

  test('the page explains class 0 of the single sigmoid', async () => {
    expect(await explain(cat)).toMatch(/Grad-CAM of class 0 \(cat\), 1 - p = 0?\.\d+, at .*block5_conv3/);
    await vscode.screenshot('explain-light');
  });

  test('the map is hottest on the cat', async () => {
    await explain(cat);
    const { x, y } = await page.hottest(DEFAULT_COLOUR_MAP);
    const [x0, y0, x1, y1] = cat.box;
    expect({ x, inside: x >= x0 && x < x1 }).toEqual({ x, inside: true });
    expect({ y, inside: y >= y0 && y < y1 }).toEqual({ y, inside: true });
  });

  test('another class has a different map', async () => {
    await explain(cat);
    const before = await page.pixels();
    await page.predictions.filter({ hasText: 'dog' }).click();
    await eventually(() => page.explanation()).toMatch(/class 1 \(dog\)/);
    await page.settled();
    expect((await page.pixels()).pixels).not.toEqual(before.pixels);
    await page.predictions.filter({ hasText: 'cat' }).click();
    await eventually(() => page.explanation()).toMatch(/class 0 \(cat\)/);
    await page.settled();
    expect((await page.pixels()).pixels).toEqual(before.pixels);
  });

  test('a command exports what the page shows', async () => {
    await explain(cat);
    const target = join(vscode.folder, dirname(cat.input), 'exported');
    await exportTo(target);
    await vscode.notifications().filter({ hasText: 'Exported' }).waitFor();
    for (const end of MAP_FILES) expect((await stat(`${target}.${end}`)).size).toBeGreaterThan(100);
    expect(await readFile(`${target}.svg`, 'utf8')).toContain('cat');
    expect((await readFile(`${target}.npy`)).subarray(1, 6).toString()).toBe('NUMPY');
  });

  test('files are overwritten only after a confirmation', async () => {
    await explain(cat);
    const target = join(vscode.folder, dirname(cat.input), 'kept');
    for (const end of MAP_FILES) await writeFile(`${target}.${end}`, 'kept');
    await exportTo(target);
    const dialog = vscode.page.locator('.monaco-dialog-box', { hasText: '5 of the files already exist' });
    await dialog.waitFor();
    await vscode.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    for (const end of MAP_FILES) expect(await readFile(`${target}.${end}`, 'utf8')).toBe('kept');
  });

  test('the Layers view lists the layers and offers their commands', async () => {
    await explain(cat);
    const layer = await layerRow();
    expect(await layer.textContent()).toMatch(/Conv2D · \(None, \d+, \d+, \d+\) · [\d,]+/);
    await eventually(() => vscode.tooltip(layer)).toMatch(/before[\s\S]*after/);
    await vscode.screenshot('tree-tooltip');

    await vscode.contextMenu(layer, 'Explain Here');
    await eventually(() => page.explanation()).toMatch(/at .*block4_conv3/);
  });

  test('a layer opens in its own page', async () => {
    await explain(cat);
    await vscode.contextMenu(await layerRow(), 'Show Layer Values');
    await vscode.page.getByRole('tab', { name: /block4_conv3/ }).waitFor();
    await eventually(() => pageText(vscode, 'Inference mode')).toMatch(/relu/i);
    await eventually(() => drawnTiles(vscode)).toBeGreaterThan(8);
    await vscode.screenshot('layer-light');
  });

  test('a layer page beside follows the class that is explained', async () => {
    await explain(cat);
    await vscode.contextMenu(await layerRow(), 'Show Layer Values');
    await vscode.page.getByRole('tab', { name: /block4_conv3/ }).waitFor();
    const channels = vscode.webview(1).getByRole('region', { name: 'Channels' });
    await channels.getByLabel('Sort by').selectOption('attribution');
    await channels.getByText('Sorted by gradient x activation for class 0 (cat)').waitFor();
    await page.predictions.filter({ hasText: 'dog' }).click();
    await channels
      .getByText('Sorted by gradient x activation for class 1 (dog)')
      .waitFor({ timeout: 40_000 });
  });

  test('a command saves the settings beside the model', async () => {
    await explain(cat);
    await vscode.command('Layerglass: Save Settings Beside the Model');
    const sidecar = `${cat.model}.layerglass.json`;
    await vscode
      .notifications()
      .filter({ hasText: basename(sidecar) })
      .waitFor();
    const saved: unknown = JSON.parse(await readFile(join(vscode.folder, sidecar), 'utf8'));
    expect(saved).toMatchObject({
      labels: ['cat', 'dog'],
      lastInputs: [{ kind: 'file', path: relative(dirname(cat.model), cat.input) }],
    });
  });

  test('a killed server restarts, and the page recovers', async () => {
    const sentence = await explain(cat);
    const [before] = vscode.analysisServers();
    if (before === undefined) throw new Error('no analysis server runs');
    process.kill(before, 'SIGKILL');
    await eventually(() => vscode.analysisServers().some((pid) => pid !== before)).toBe(true);
    await eventually(() => page.frame.locator('[role=alert]:visible').count()).toBe(0);
    expect(await page.settled()).toBe(sentence);
    await page.predictions.filter({ hasText: 'dog' }).click();
    await eventually(() => page.explanation()).toMatch(/class 1 \(dog\)/);
  });

  test('a reloaded window restores the page', async () => {
    const sentence = await explain(cat);
    // Nothing else activates the extension then, as the Layers view would.
    await vscode.command('View: Show Explorer');
    const loaded = vscode.page.waitForEvent('load');
    await vscode.command('Developer: Reload Window');
    await loaded;
    await eventually(() => page.explanation()).toBe(sentence);
  });

  test.each(['dark', 'high-contrast', 'light'] as const)(
    'the page uses the colours of the %s theme',
    async (theme) => {
      await explain(cat);
      await vscode.setTheme(theme);
      const colour = () => page.background();
      const expected = {
        dark: 'rgb(31, 31, 31)',
        'high-contrast': 'rgb(0, 0, 0)',
        light: 'rgb(255, 255, 255)',
      }[theme];
      await eventually(colour).toBe(expected);
      await vscode.screenshot(`explain-${theme}`);
    },
  );
});

describe('models and text', () => {
  test('a .keras file opens as a table of its layers', async () => {
    await vscode.openFile(cat.model);
    await vscode.page.getByRole('tab', { name: basename(cat.model), exact: true }).waitFor();
    await eventually(() => pageText(vscode, 'Parameters')).toMatch(/vgg16[\s\S]*Dense/);
    await vscode.screenshot('summary-light');
  });

  test('a hover shows the shape of a layer, in model.json and in Python', async () => {
    await vscode.openFile(spot.model);
    const text = await readFile(join(vscode.folder, spot.model), 'utf8');
    const name = /"(conv2d[^"/]*)"/.exec(text)?.[1];
    if (name === undefined) throw new Error('the sample has no convolution');
    await eventually(() => vscode.hover(name)).toMatch(/Conv2D[\s\S]*\(None, \d+, \d+, 20\)/);
    await vscode.screenshot('hover-json');

    const code = `model = load_model("3-binary/spot/model.json")\nlayer = model.get_layer("${name}")\n`;
    await writeFile(join(vscode.folder, 'look.py'), code);
    await vscode.openFile('look.py');
    await eventually(() => vscode.hover(name, 'get_layer')).toMatch(/Conv2D[\s\S]*\(None, \d+, \d+, 20\)/);
  });

  test('a model*.json that is not a model is refused with a message', async () => {
    await writeFile(join(vscode.folder, 'model-list.json'), '{"models": ["a", "b"]}');
    await vscode.contextMenu(await vscode.explorerRow('model-list.json'), 'Explain Prediction');
    const message = vscode.notifications().filter({ hasText: 'model-list.json' });
    await message.waitFor();
    expect(await message.textContent()).not.toMatch(/\bat .*\.js:\d+|undefined|Error:/);
    await vscode.screenshot('not-a-model');
  });

  test('a notification reports that an open model was deleted', async () => {
    await copyFile(join(vscode.folder, '1-sequence/motif.keras'), join(vscode.folder, 'deleted.keras'));
    await vscode.openFile('deleted.keras');
    await vscode.page.getByRole('tab', { name: 'deleted.keras', exact: true }).waitFor();
    await eventually(() => pageText(vscode, 'Parameters')).toMatch(/Conv1D/);
    await rm(join(vscode.folder, 'deleted.keras'));
    const notice = 'deleted.keras was deleted';
    await vscode.notifications().filter({ hasText: notice }).waitFor();
  });

  test("pages violate the content security policy only by the toolkit's known inline style", async () => {
    await explain(cat);
    const reports = vscode.consoleErrors.filter((text) => /Content Security Policy/.test(text));
    expect(reports.filter((text) => !/Applying inline style/.test(text))).toEqual([]);
  });
});

/** Text of the visible page that contains `word`; several pages may be visible. */
async function pageText(window: VsCode, word: string): Promise<string> {
  const count = await window.page.locator('iframe.webview.ready').filter({ visible: true }).count();
  for (let nth = 0; nth < count; nth++) {
    const text = await window.webview(nth).locator('main').textContent();
    if (text?.includes(word)) return text;
  }
  return '';
}

/** How many channels of a layer page are drawn with more than one pixel. */
async function drawnTiles(window: VsCode): Promise<number> {
  let drawn = 0;
  const count = await window.page.locator('iframe.webview.ready').filter({ visible: true }).count();
  for (let nth = 0; nth < count; nth++) {
    const sizes = await window
      .webview(nth)
      .locator('.tile canvas')
      .evaluateAll((all) => all.map((canvas) => Number(canvas.getAttribute('width'))));
    drawn += sizes.filter((width) => width > 1).length;
  }
  return drawn;
}
