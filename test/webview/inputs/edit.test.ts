import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { horizontalOverflow, savedState, screenshot, visibleText } from '../pageHarness';
import { useSamples } from '../sampleHost';
import { THEME_NAMES } from '../themes';
import { usePages } from '../usePages';

const openPage = usePages();
const sampleHost = useSamples();
const CAT = { model: 'samples/4-cat-or-dog/cat-or-dog.keras', inputs: ['samples/4-cat-or-dog/cat.png'] };
const SIDE = 96;

const sentence = (page: Page) => visibleText(page.locator('.sentence'));
const settled = (page: Page) => page.locator('.content[aria-busy=false]').waitFor();
const eventually = <T>(ask: () => T | Promise<T>) => expect.poll(ask, { timeout: 8000 });
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const canvas = (page: Page) => page.locator('.paint-canvas');

async function openEditor(page: Page): Promise<void> {
  await settled(page);
  await press(page, 'Edit the Input');
  await page.locator('.input-editor .edit-body > :not(p)').first().waitFor();
}

/** Red, green and blue of a pixel of the picture. */
const pixel = (page: Page, x: number, y: number): Promise<number[]> =>
  canvas(page).evaluate(
    (one, at) => {
      const context = one instanceof HTMLCanvasElement ? one.getContext('2d') : null;
      return [...(context?.getImageData(at.x, at.y, 1, 1).data ?? [])].slice(0, 3);
    },
    { x, y },
  );

/** Presses the mouse at the first place of the picture, as shares of its sides, and releases it at the last one. */
async function drag(page: Page, ...places: readonly (readonly [number, number])[]): Promise<void> {
  await page.locator('.paint-stage').scrollIntoViewIfNeeded();
  const box = await canvas(page).boundingBox();
  if (box === null) throw new Error('The picture is not shown.');
  for (const [i, [x, y]] of places.entries()) {
    await page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 4 });
    if (i === 0) await page.mouse.down();
  }
  await page.mouse.up();
}

const choose = (page: Page, tool: string) => page.locator('.paint-tools label', { hasText: tool }).click();
const turned = (page: Page): Locator => page.locator('.edit-outcome-sentence');

describe('a picture', () => {
  it.each(THEME_NAMES)('is painted over, and prediction and map follow (%s)', async (theme) => {
    const { page, calls } = await openPage('explain', await sampleHost(CAT), {
      theme,
      width: 1440,
      height: 1000,
    });
    await openEditor(page);
    const before = await sentence(page);
    expect(before).toMatch(/^Grad-CAM of class 0 \(cat\)/);
    const old = await pixel(page, 48, 48);
    await choose(page, 'Rectangle');
    await page.getByLabel('Fill').selectOption('Black');
    await drag(page, [0.1, 0.1], [0.9, 0.9]);
    expect(await pixel(page, 48, 48)).toEqual([0, 0, 0]);
    await eventually(() => sentence(page)).toContain('of the edited input');
    await settled(page);
    expect(await visibleText(turned(page))).toMatch(/cat/);
    expect(await visibleText(page.locator('.toolbar'))).toContain('cat.png, edited');
    expect(await savedState(page)).toMatchObject({
      inputs: [{ edits: [{ kind: 'paint', size: [SIDE, SIDE] }] }],
    });
    await screenshot(page, `explain-edit-${theme}`);

    await press(page, 'Undo');
    expect(await pixel(page, 48, 48)).toEqual(old);
    await eventually(() => sentence(page)).toBe(before);
    await press(page, 'Redo');
    expect(await pixel(page, 48, 48)).toEqual([0, 0, 0]);
    await eventually(() => sentence(page)).toContain('of the edited input');
    expect(calls.filter(({ name }) => name === 'editInput')).toHaveLength(3);
    expect(await horizontalOverflow(page)).toBe(0);
  });

  it('is there with its edits after a reload, and as it was after they are discarded', async () => {
    const { page } = await openPage('explain', await sampleHost(CAT), { width: 520 });
    await openEditor(page);
    const before = await sentence(page);
    const old = await pixel(page, 48, 48);
    await drag(page, [0.3, 0.5], [0.5, 0.5], [0.7, 0.5]);
    const grey = [128, 128, 128];
    expect(await pixel(page, 48, 48)).toEqual(grey);
    expect(await pixel(page, 34, 48)).toEqual(grey);
    await eventually(() => sentence(page)).toContain('of the edited input');
    await settled(page);
    await page.reload();
    await settled(page);
    await eventually(() => pixel(page, 48, 48)).toEqual(grey);
    expect(await sentence(page)).toContain('of the edited input');
    await eventually(() => turned(page).isVisible()).toBe(true);
    expect(await horizontalOverflow(page)).toBe(0);
    await screenshot(page, 'explain-edit-narrow');
    // The eraser gives a part of it back.
    await choose(page, 'Eraser');
    await drag(page, [0.5, 0.5], [0.51, 0.5]);
    expect(await pixel(page, 48, 48)).toEqual(old);
    expect(await pixel(page, 30, 48)).toEqual(grey);
    await settled(page);
    await press(page, 'Discard the Edits');
    await eventually(() => sentence(page)).toBe(before);
    expect(await pixel(page, 30, 48)).not.toEqual(grey);
    expect(await page.getByRole('button', { name: 'Discard the Edits' }).isVisible()).toBe(false);
  });

  it('is painted by keyboard: pixel by pixel, and a rectangle between two corners', async () => {
    const { page, calls } = await openPage('explain', await sampleHost(CAT));
    await openEditor(page);
    const stage = page.locator('.paint-stage');
    await stage.focus();
    // The cursor begins in the middle, at 48, 48.
    for (let i = 0; i < 60; i += 1) await stage.press('-');
    await stage.press('ArrowRight');
    await stage.press('ArrowUp');
    await stage.press('Enter');
    expect(await pixel(page, 49, 47)).toEqual([128, 128, 128]);
    expect(await pixel(page, 48, 47)).not.toEqual([128, 128, 128]);
    expect(await visibleText(page.locator('.paint-said'))).toBe('Painted 1 pixel.');
    await choose(page, 'Rectangle');
    await stage.focus();
    await stage.press('Enter');
    await stage.press('ArrowRight');
    await stage.press('ArrowDown');
    await stage.press('Enter');
    expect(await visibleText(page.locator('.paint-said'))).toBe('Painted 4 pixels.');
    await stage.press('Enter');
    await stage.press('ArrowDown');
    await stage.press('Escape');
    expect(await pixel(page, 50, 49)).not.toEqual([128, 128, 128]);
    await stage.press('Control+z');
    expect(await pixel(page, 50, 48)).not.toEqual([128, 128, 128]);
    await stage.press('Control+y');
    expect(await pixel(page, 50, 48)).toEqual([128, 128, 128]);
    await stage.press('Meta+z');
    expect(await pixel(page, 50, 48)).not.toEqual([128, 128, 128]);
    await stage.press('Meta+Shift+z');
    expect(await pixel(page, 50, 48)).toEqual([128, 128, 128]);
    await eventually(() => calls.filter(({ name }) => name === 'editInput').at(-1)?.args).toEqual([
      0,
      [
        expect.objectContaining({ runs: [47 * SIDE + 49, 1] }),
        expect.objectContaining({ runs: [47 * SIDE + 49, 2, SIDE - 2, 2] }),
      ],
    ]);
  });
});

describe('values, letters and words', () => {
  it.each(THEME_NAMES)(
    'of a row of a table are set, and wrong ones are refused in place (%s)',
    async (theme) => {
      const { page, calls } = await openPage(
        'explain',
        await sampleHost({ model: 'samples/7-table/prices.keras', inputs: ['samples/7-table/houses.csv'] }),
        { theme },
      );
      await openEditor(page);
      const first = page.locator('.edit-values input').first();
      await first.fill('many');
      await first.press('Tab');
      await page.getByRole('alert').filter({ hasText: '"many" is not a number.' }).waitFor();
      expect(calls.some(({ name }) => name === 'editInput')).toBe(false);
      await first.fill('250.5');
      await first.press('Enter');
      await eventually(() => sentence(page)).toContain('of the edited input');
      await settled(page);
      expect(calls.filter(({ name }) => name === 'editInput').map(({ args }) => args)).toEqual([
        [0, [{ kind: 'values', at: [0], to: [250.5] }]],
      ]);
      expect(await first.getAttribute('title')).toMatch(/^It was /);
      expect(await visibleText(turned(page))).toMatch(/^-?[\d.]+ → -?[\d.]+$/);
      await screenshot(page, `explain-edit-values-${theme}`);
      await press(page, 'Reset');
      await eventually(() => sentence(page)).not.toContain('edited');
      expect(await first.inputValue()).not.toBe('250.5');
    },
  );

  it('of a text: one word is replaced by another', async () => {
    const { page } = await openPage(
      'explain',
      await sampleHost({ model: 'samples/6-text/review.keras', inputs: ['samples/6-text/good.txt'] }),
    );
    await openEditor(page);
    const text = await page.getByLabel('Text of the input').inputValue();
    const word = page.getByLabel('Word 2', { exact: true });
    const old = await word.inputValue();
    await word.fill('terrible');
    await word.press('Tab');
    expect(await page.getByLabel('Text of the input').inputValue()).toBe(text.replace(old, 'terrible'));
    await eventually(() => sentence(page)).toContain('of the edited input');
    await eventually(() => visibleText(page.locator('.word-flow'))).toContain('terrible');
    await screenshot(page, 'explain-edit-text');
  });

  it('of a sequence: a letter that is typed replaces the one there', async () => {
    const sequence = {
      model: 'samples/1-sequence/motif.keras',
      inputs: ['samples/1-sequence/with-motif.fasta'],
    };
    const { page, calls } = await openPage('explain', await sampleHost(sequence), { width: 520 });
    await openEditor(page);
    const third = page.getByLabel('Letter at position 2', { exact: true });
    const old = await third.inputValue();
    const letter = old === 'A' ? 'C' : 'A';
    await third.focus();
    await page.keyboard.type(letter);
    await eventually(() => sentence(page)).toContain('of the edited input');
    expect(calls.filter(({ name }) => name === 'editInput').map(({ args }) => args)).toEqual([
      [0, [{ kind: 'letters', at: [2], to: [letter] }]],
    ]);
    expect(await third.inputValue()).toBe(letter);
    expect(await horizontalOverflow(page)).toBe(0);
    await screenshot(page, 'explain-edit-letters');
  });
});

it("names the keys of a Mac on a Mac's keyboard", async () => {
  const { page } = await openPage('explain', await sampleHost(CAT));
  const titles = async () => {
    await openEditor(page);
    const title = (name: string) =>
      page.locator('.edit-actions vscode-button', { hasText: name }).getAttribute('title');
    return [await title('Undo'), await title('Redo')];
  };
  expect(await titles()).toEqual(['Ctrl+Z', 'Ctrl+Y']);
  await page.addInitScript(() => {
    const userAgent = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)';
    Object.defineProperty(navigator, 'userAgent', { value: userAgent });
  });
  await page.reload();
  expect(await titles()).toEqual(['Cmd+Z', 'Cmd+Shift+Z']);
});
