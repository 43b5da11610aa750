import { describe, expect, it } from 'vitest';
import { ok } from '../../../src/shared/errors';
import type { GalleryContext } from '../../../src/shared/gallery/galleryView';
import {
  type FakeHost,
  type OpenPage,
  type PageOptions,
  savedState,
  screenshot,
  visibleText,
} from '../pageHarness';
import { THEME_NAMES } from '../themes';
import { usePages } from '../usePages';
import { cannedGallery, manyInputs, nextPredicted, thumbnailOf } from './cannedGallery';

const openPage = usePages();

async function gallery(
  context: GalleryContext = cannedGallery(),
  more: FakeHost<'gallery'> = {},
  options: PageOptions = {},
): Promise<OpenPage> {
  const opened = await openPage(
    'gallery',
    {
      ready: () => ok(context),
      setFilter: () => undefined,
      thumbnails: (places) => ok(places.map(thumbnailOf)),
      open: () => undefined,
      predict: () => undefined,
      cancel: () => undefined,
      ...more,
    },
    options,
  );
  await opened.page.getByRole('heading', { name: `Inputs of ${context.fileName}` }).waitFor();
  return opened;
}

const namesOf = ({ page }: OpenPage): Promise<string[]> =>
  page.locator('.input-tile .name').allTextContents();
const callsOf = ({ calls }: OpenPage, name: string) =>
  calls.filter((call) => call.name === name).map(({ args }) => args);

describe('a model with several outputs', () => {
  it('shows the predictions of the one that is chosen', async () => {
    const outputs = ['pet', 'age'];
    const opened = await gallery(cannedGallery({ outputs }), { setOutput: () => undefined });
    const { page } = opened;
    await page.getByLabel('Output').selectOption({ label: 'age' });
    await expect.poll(() => callsOf(opened, 'setOutput')).toEqual([[1]]);
    const next = cannedGallery({ outputs, output: 1, version: 'of age', labels: ['young', 'old'] });
    await opened.tell('setContext', next);
    await page.getByRole('button', { name: 'cat 1.png: young 98 %' }).waitFor();
    expect(await page.getByLabel('Output').inputValue()).toBe('1');
    await expect.poll(() => savedState(page)).toMatchObject({ output: 1 });
  });

  it('is no choice where there is one', async () => {
    const { page } = await gallery();
    await page.locator('.input-tile').first().waitFor();
    expect(await page.getByLabel('Output').isVisible()).toBe(false);
  });
});

describe('what a tile says', () => {
  it('class, confidence, and whether that is right', async () => {
    const { page } = await gallery();
    const tile = (name: string) => page.getByRole('button', { name });
    await tile('cat 1.png: cat 98 %, as labelled').waitFor();
    await tile('cat 3.png: dog 84 %, labelled cat, wrong').waitFor();
    await tile('broken.png: cannot be predicted, broken.png is damaged.').waitFor();
    await tile('unknown.png: cat 77 %').waitFor();
    await page.getByText('Accuracy 80 %: 4 of 5 labelled inputs are predicted right').waitFor();
    await page.getByText('1 cannot be predicted').waitFor();
  });

  it('a number has no class, and its labels do not count', async () => {
    const opened = await gallery(cannedGallery({ kind: 'number' }));
    await opened.page.getByText('The model gives a number and no class').waitFor();
    expect(await opened.page.locator('.accuracy').textContent()).toBe('');
    expect(await opened.page.locator('.input-tile.wrong').count()).toBe(0);
  });
});

describe('the name of a tile', () => {
  it.each([', sample ', '，样本 '])('that is too long is cut before "%s" and the number', async (words) => {
    const names = Array.from({ length: 7 }, (_, i) => `shapes of three kinds.npz [images]${words}${i + 120}`);
    const opened = await gallery(cannedGallery({ names }));
    const parts = await opened.page.locator('.input-tile .name').evaluateAll((all) =>
      all.map((name) => {
        const [file, part] = [...name.children];
        const isCut = file !== undefined && file.scrollWidth > file.clientWidth;
        const isWhole = part !== undefined && part.scrollWidth <= part.clientWidth;
        return isCut && isWhole ? part.textContent : '';
      }),
    );
    expect(parts).toEqual(names.map((name) => name.slice(name.indexOf(words))));
    expect(await namesOf(opened)).toEqual(names);
  });
});

describe('filters', () => {
  it('the wrong ones alone, the unsure ones, those of a class, least sure first', async () => {
    const opened = await gallery();
    const { page } = opened;
    await page.getByText('Wrong', { exact: true }).click();
    expect(await namesOf(opened)).toEqual(['cat 3.png']);
    await page.getByText('1 of 7 shown').waitFor();
    await page.getByText('Unsure', { exact: true }).click();
    expect(await namesOf(opened)).toEqual(['dog 2.png']);
    await page.getByText('All', { exact: true }).click();
    await page.getByLabel('Class').selectOption({ label: 'dog (3)' });
    expect(await namesOf(opened)).toEqual(['cat 3.png', 'dog 1.png', 'dog 2.png']);
    await page.getByLabel('Order').selectOption({ label: 'Least sure first' });
    expect(await namesOf(opened)).toEqual(['dog 2.png', 'cat 3.png', 'dog 1.png']);
    expect(callsOf(opened, 'setFilter').at(-1)).toEqual([
      { show: 'all', class: { of: 'prediction', index: 1 }, order: 'unsure' },
    ]);
  });

  it('an empty result says so and leads back', async () => {
    const opened = await gallery(cannedGallery({ truths: [0, 0, 1, 1, 1, 1, null] }));
    await opened.page.getByText('Wrong', { exact: true }).click();
    await opened.page.getByText('None of these inputs is predicted wrong.').waitFor();
    await opened.page.getByRole('button', { name: 'Show All' }).click();
    await expect.poll(() => namesOf(opened)).toHaveLength(7);
  });

  it('without labels nothing can be wrong', async () => {
    const { page } = await gallery(cannedGallery({ truths: new Array(7).fill(null) }));
    expect(await page.getByText('Wrong', { exact: true }).isVisible()).toBe(false);
  });
});

describe('many inputs', () => {
  it('only those near the view are in the page, and thumbnails come for them alone', async () => {
    const opened = await gallery(manyInputs(10_000));
    const { page } = opened;
    await page.locator('.input-tile canvas').first().waitFor();
    expect(await page.locator('.input-tile').count()).toBeLessThan(120);
    await page.locator('.inputs-frame').evaluate((frame) => {
      frame.scrollTop = frame.scrollHeight;
    });
    await page.getByRole('button', { name: 'test.npz, sample 9999' }).locator('canvas').waitFor();
    const asked = callsOf(opened, 'thumbnails').flatMap(([places]) => places as number[]);
    expect(asked).toContain(9999);
    expect(asked).not.toContain(5000);
  });

  it('predictions arrive while the page is used; Cancel and going on', async () => {
    const opened = await gallery(manyInputs(40));
    const { page, tell } = opened;
    await tell('progress', { fraction: 0.2, message: 'Predicting: 8 of 40' });
    await tell('predicted', 0, nextPredicted(8), 'class');
    await page.getByRole('button', { name: 'test.npz, sample 1: dog 90 %, as labelled' }).waitFor();
    await page.getByText('Predicting: 8 of 40').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await tell('progress', null);
    await page.getByRole('button', { name: 'Predict the Rest' }).click();
    expect(callsOf(opened, 'cancel')).toHaveLength(1);
    expect(callsOf(opened, 'predict')).toEqual([[false]]);
  });

  it('a failure is shown and can be tried again', async () => {
    const opened = await gallery(manyInputs(5));
    await opened.tell('stopped', { kind: 'too-costly', message: 'A run would take about 3 min.' });
    await opened.page.getByRole('button', { name: 'Run Anyway' }).click();
    expect(callsOf(opened, 'predict')).toEqual([[true]]);
  });
});

describe('the keyboard', () => {
  it('moves in the grid and opens an input', async () => {
    const opened = await gallery(manyInputs(100), {}, { width: 700 });
    const { page } = opened;
    await page.locator('.input-tile').first().focus();
    const focused = () => page.evaluate(() => document.activeElement?.querySelector('.name')?.textContent);
    const across = await page.evaluate(() => {
      const tops = [...document.querySelectorAll<HTMLElement>('.inputs > li')].map(({ style }) => style.top);
      return tops.filter((top) => top === tops[0]).length;
    });
    expect(across).toBe(4);
    const steps: readonly (readonly [string, number])[] = [
      ['ArrowRight', 1],
      ['ArrowDown', 5],
      ['ArrowLeft', 4],
      ['ArrowUp', 0],
      ['ArrowUp', 0],
      ['End', 99],
      ['ArrowDown', 99],
      ['Home', 0],
    ];
    for (const [key, place] of steps) {
      await page.keyboard.press(key);
      expect([key, await focused()]).toEqual([key, `test.npz, sample ${place}`]);
    }
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await expect.poll(() => callsOf(opened, 'open')).toEqual([[1]]);
  });

  it('keeps the focused input while others disappear', async () => {
    const opened = await gallery();
    const { page } = opened;
    await page.getByRole('button', { name: 'cat 3.png' }).focus();
    await opened.tell(
      'setContext',
      cannedGallery({ filter: { show: 'wrong', class: null, order: 'listed' } }),
    );
    await page.getByText('1 of 7 shown').waitFor();
    expect(await page.evaluate(() => document.activeElement?.querySelector('.name')?.textContent)).toBe(
      'cat 3.png',
    );
  });
});

it('keeps filter and predictions over a reload', async () => {
  const { page } = await gallery(cannedGallery({ filter: { show: 'wrong', class: null, order: 'listed' } }));
  expect(await savedState(page)).toMatchObject({
    modelPath: '/models/pets.keras',
    filter: { show: 'wrong' },
    predicted: {
      version: 'first',
      kind: 'class',
      inputs: { 2: [1, expect.any(Number), 0.84, expect.any(Number)], 5: null },
    },
  });
});

it('an empty list leads to choosing inputs', async () => {
  const opened = await gallery(
    cannedGallery({ names: [], truths: [], predictions: [], notices: ['test no longer exists.'] }),
    { chooseSources: () => undefined },
  );
  await opened.page.getByText('test no longer exists.').waitFor();
  await opened.page.getByRole('button', { name: 'Choose Inputs…' }).click();
  expect(callsOf(opened, 'chooseSources')).toHaveLength(1);
});

it.each(THEME_NAMES)('fits wide and narrow windows in %s', async (theme) => {
  for (const width of [1440, 520]) {
    const opened = await gallery(
      cannedGallery({
        notices: ['One file is left out: its arrays have another shape than the model takes.'],
      }),
      {
        thumbnails: (places) =>
          ok(
            places.map((place) =>
              place === 4
                ? { kind: 'text', text: 'a 1\nb 2.5' }
                : place === 5
                  ? { kind: 'failed', why: 'damaged' }
                  : thumbnailOf(place),
            ),
          ),
      },
      { theme, width, height: 760 },
    );
    await opened.page.locator('.input-tile canvas').first().waitFor();
    const wider = await opened.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(wider).toBe(0);
    await screenshot(opened.page, `gallery-${theme}-${width}`);
    expect(await visibleText(opened.page.locator('.input-tile.wrong .label'))).toBe('labelled cat');
  }
});
