import { basename } from 'node:path';
import type { FrameLocator, Locator } from 'playwright-core';
import { expect } from 'vitest';
import { type ColourMapName, colourTable } from '../../src/shared/maps/colourMaps';
import type { VsCode } from './harness';

interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly pixels: number[];
}

/** The parts of the browser's objects that are used here: these tests are checked without the types of the DOM. */
interface Canvas {
  readonly width: number;
  readonly height: number;
  getContext(kind: '2d'): {
    getImageData(x: number, y: number, width: number, height: number): { readonly data: Iterable<number> };
  };
}
interface Window {
  getComputedStyle(element: unknown): { readonly backgroundColor: string };
}

/** More rows than the maps that are read cell by cell have. */
const MAX_CELLS = 64;

/** "Position x 3, y 4  Map 0.92 (53 % of the largest)  Cell 1, 2 of 6 x 6". */
function readingOf(text: string) {
  const value = Number(/Map ([-+.\de]+)/.exec(text)?.[1]);
  const cell = /Cell (?:about )?(\d+), (\d+) of (\d+) x (\d+)/.exec(text)?.slice(1).map(Number);
  const [column = -1, row = -1, columns = 0, rows = 0] = cell ?? [];
  return { value, column, row, columns, rows };
}

/** The explain page, read and used as by a user. */
export class ExplainPage {
  readonly frame: FrameLocator;

  constructor(private readonly vscode: VsCode) {
    this.frame = vscode.webview();
  }

  /** Opens the page of a model with an input, and closes all others. Returns the sentence that states what is explained. */
  async open(model: string, input: string): Promise<string> {
    const { vscode } = this;
    await vscode.command('View: Close All Editors');
    await vscode.command('View: Show Explorer');
    // Rows below the end of the list are not there to be clicked.
    await vscode.command('Collapse Folders in Explorer');
    await vscode.contextMenu(await vscode.explorerRow(model), 'Explain Prediction');
    const tab = vscode.page.getByRole('tab', { name: `Explain ${basename(model)}` });
    await vscode.quickInput().or(tab).first().waitFor();
    const details = this.frame.locator('.details', { hasText: basename(input) });
    if (!(await vscode.quickInput().isVisible())) {
      // The input is asked for once; then the model's last one is taken.
      const sentence = await this.settled();
      if (await details.isVisible()) return sentence;
      await this.frame.getByRole('button', { name: /^Input: / }).click();
    }
    await vscode.pick(basename(input));
    await details.waitFor();
    return this.settled();
  }

  /** "Grad-CAM of class 0 (cat), ..." */
  get sentence(): Locator {
    return this.frame.locator('header [role=status]').first();
  }

  get canvas(): Locator {
    return this.frame.locator('canvas.map-canvas').first();
  }

  /** Rows of the predictions; the explained one has aria-current. */
  get predictions(): Locator {
    return this.frame.locator('table.predictions tbody tr');
  }

  /** Waits until an explanation is shown and nothing is being computed. */
  async settled(): Promise<string> {
    await this.frame.locator('.content[aria-busy=false]').waitFor();
    await expect.poll(() => this.explanation(), { timeout: 20_000 }).not.toBe('');
    return this.explanation();
  }

  /** The sentence that states what is explained; empty while there is none. */
  async explanation(): Promise<string> {
    return (await this.sentence.textContent()) ?? '';
  }

  /** Shows the map alone (1) or the input alone (0). */
  async setOpacity(opacity: 0 | 1): Promise<void> {
    await this.frame.locator('input[type=range]').press(opacity === 1 ? 'End' : 'Home');
  }

  /** The position of the maximum of the drawn map in pixels of the input: the mean of all pixels with the highest colour. */
  async hottest(colourMap: ColourMapName): Promise<{ x: number; y: number }> {
    await this.setOpacity(1);
    const { width, pixels } = await this.pixels();
    const table = colourTable(colourMap);
    let best = -1;
    let at: { x: number; y: number }[] = [];
    for (let i = 0; i * 4 < pixels.length; i++) {
      const heat = nearest(table, pixels.slice(i * 4, i * 4 + 3));
      if (heat > best) at = [];
      if (heat >= best) at.push({ x: i % width, y: Math.floor(i / width) });
      best = Math.max(best, heat);
    }
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    return { x: mean(at.map(({ x }) => x)), y: mean(at.map(({ y }) => y)) };
  }

  /** The values of the raw map of the nth figure row by row, read cell by cell with the arrow keys: four digits each. */
  async cells(nth = 0): Promise<number[]> {
    const figure = this.frame.locator('.map-figure').nth(nth);
    const stage = figure.locator('.stage');
    await stage.focus();
    const found: number[] = [];
    let [columns, rows] = [1, 1];
    for (const first of ['Home', ...Array<string>(MAX_CELLS).fill('Shift+ArrowUp')]) {
      await stage.press(first);
      const { row } = readingOf((await figure.locator('.readout').textContent()) ?? '');
      if (first !== 'Home' && row === 0) break;
    }
    for (let y = 0; y < rows; y++) {
      await stage.press('Home');
      for (let x = 0; x < columns; x++) {
        const reading = readingOf((await figure.locator('.readout').textContent()) ?? '');
        if (reading.column !== x || reading.row !== y)
          throw new Error(`The keys lead to cell ${reading.column}, ${reading.row}, not to ${x}, ${y}.`);
        ({ columns, rows } = reading);
        found.push(reading.value);
        await stage.press('Shift+ArrowRight');
      }
      await stage.press('Shift+ArrowDown');
    }
    await stage.press('Escape');
    return found;
  }

  /** The value of the nth figure's map under the pointer at a pixel of the input. */
  async valueAt(nth: number, [x, y]: readonly [number, number]): Promise<number> {
    const figure = this.frame.locator('.map-figure').nth(nth);
    const stage = figure.locator('.stage');
    await stage.scrollIntoViewIfNeeded();
    const box = await stage.boundingBox();
    const size = await figure.locator('canvas.map-canvas').first().getAttribute('width');
    const scale = (box?.width ?? 0) / Number(size);
    await stage.hover({ position: { x: (x + 0.5) * scale, y: (y + 0.5) * scale } });
    return readingOf((await figure.locator('.readout').textContent()) ?? '').value;
  }

  /** The pixels of the canvas row by row, four bytes per pixel. */
  async pixels(): Promise<Pixels> {
    return this.canvas.evaluate((element) => {
      const canvas = element as unknown as Canvas;
      const { width, height } = canvas;
      return { width, height, pixels: [...canvas.getContext('2d').getImageData(0, 0, width, height).data] };
    });
  }

  /** The page's background as the browser computes it, e.g. `rgb(0, 0, 0)`. */
  async background(): Promise<string> {
    return this.frame.locator('body').evaluate((body) => {
      const { getComputedStyle } = globalThis as unknown as Window;
      return getComputedStyle(body).backgroundColor;
    });
  }
}

/** Index, 0 to 255, of the colour of the table that is nearest to `rgb`. */
function nearest(table: Uint8Array, rgb: readonly number[]): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 256; i++) {
    const distance = rgb.reduce((sum, value, k) => sum + (value - (table[i * 3 + k] ?? 0)) ** 2, 0);
    if (distance < least) [best, least] = [i, distance];
  }
  return best;
}
