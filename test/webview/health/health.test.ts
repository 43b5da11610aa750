import { describe, expect, it } from 'vitest';
import { ok } from '../../../src/shared/errors';
import {
  type FakeHost,
  horizontalOverflow,
  type OpenPage,
  savedState,
  screenshot,
  visibleText,
} from '../pageHarness';
import { THEME_NAMES, type ThemeName } from '../themes';
import { usePages } from '../usePages';
import { BROKEN, choice, FINDING, rows } from './cannedHealth';

describe('health page', () => {
  const openPage = usePages();

  const host = (overrides: FakeHost<'health'> = {}): FakeHost<'health'> => ({
    ready: () => ok({ choice, fileName: 'cats.keras', inputNames: ['cat.png'] }),
    health: () => ok(BROKEN),
    doctor: () => ok(null),
    openLayer: () => undefined,
    setPreprocessing: () => undefined,
    pickInput: () => undefined,
    ...overrides,
  });
  const openHealth = async (overrides: FakeHost<'health'> = {}, theme: ThemeName = 'dark', width = 1100) => {
    const opened = await openPage('health', host(overrides), { theme, width });
    await opened.page.locator('.health tbody tr[data-index]').first().waitFor();
    return opened;
  };
  const paths = ({ page }: OpenPage) =>
    page.locator('.health tr[data-index]').evaluateAll((all) => all.map((one) => one.dataset.path));
  const lastCall = ({ calls }: OpenPage, name: string) =>
    calls.filter((call) => call.name === name).at(-1)?.args;

  it.each(THEME_NAMES)('renders without errors in the %s theme', async (theme) => {
    const opened = await openHealth({ doctor: () => ok(FINDING) }, theme);
    await opened.page.getByText('pixels probably not scaled').waitFor();
    await screenshot(opened.page, `health-${theme}`);
    await opened.page.setViewportSize({ width: 420, height: 800 });
    expect(await horizontalOverflow(opened.page)).toBe(0);
    await screenshot(opened.page, `health-narrow-${theme}`);
  });

  it('names the first NaN with its cause, and what is unknown', async () => {
    const opened = await openHealth();
    const { page } = opened;
    expect(await visibleText(page.locator('.first-bad-line'))).toContain(
      'First NaN: batch_normalization, channel 2, moving_variance = -1.',
    );
    expect(await visibleText(page.locator('.notices'))).toContain('unknown because of mine');
    const bad = page.locator('tr.first-bad');
    expect(await bad.getAttribute('data-path')).toBe('batch_normalization');
    expect((await visibleText(bad.locator('.bad'))).trim()).toBe('196');
    await page.locator('.first-bad-line').getByRole('button', { name: 'Show Layer' }).click();
    await expect.poll(() => lastCall(opened, 'openLayer')).toEqual(['batch_normalization']);
    expect(await savedState(page)).toEqual(choice);
  });

  it('says nothing where nothing is wrong', async () => {
    const { page } = await openHealth({
      health: () => ok({ ...BROKEN, layers: rows(3), firstBad: null, unknown: [] }),
    });
    expect(await visibleText(page.locator('.first-bad-line'))).toBe('All values are finite.');
    expect(await page.locator('.doctor').evaluate((line) => line.childElementCount)).toBe(0);
  });

  it('shows the sentence of the doctor in a live region, with its action', async () => {
    const opened = await openHealth({ doctor: () => ok(FINDING) });
    const line = opened.page.getByRole('status', { name: 'What is wrong' });
    await line.getByText(FINDING.sentence).waitFor();
    await line.getByRole('button', { name: 'Try -1..1' }).click();
    await expect.poll(() => lastCall(opened, 'setPreprocessing')).toEqual([{ name: '-1..1' }]);
  });

  it('sorts by every column, down, up, and back to graph order', async () => {
    const opened = await openHealth({ health: () => ok({ ...BROKEN, layers: rows(6), firstBad: null }) });
    const { page } = opened;
    const inOrder = await paths(opened);
    const heads = await page.locator('.health thead button').allTextContents();
    expect(heads).toHaveLength(15);
    for (const head of heads) {
      const button = page.locator('.health thead').getByRole('button', { name: head, exact: true });
      await button.click();
      const first = await page.locator('th[aria-sort]:not([aria-sort="none"])').getAttribute('aria-sort');
      const there = await paths(opened);
      await button.click();
      expect(await page.locator('th[aria-sort]:not([aria-sort="none"])').getAttribute('aria-sort')).not.toBe(
        first,
      );
      expect([...there].sort()).toEqual([...inOrder].sort());
      await button.click();
      expect(await paths(opened)).toEqual(inOrder);
    }
    await page.getByRole('button', { name: 'Dead', exact: true }).click();
    expect((await paths(opened)).slice(0, 2)).toEqual(['block4_conv', 'block3_conv']);
    expect((await paths(opened)).at(-1)).toBe('block5_conv');
  });

  it('filters by name, class and stage', async () => {
    const opened = await openHealth();
    await opened.page.getByRole('searchbox', { name: 'Filter layers' }).fill('dense after');
    expect(await paths(opened)).toEqual(['block0_conv', 'block3_conv']);
    await opened.page.getByText('2 of 13 rows').waitFor();
  });

  it('opens a layer by a click and by keyboard', async () => {
    const opened = await openHealth();
    const { page } = opened;
    await page.locator('tr[data-index="2"] td').nth(1).click();
    await expect.poll(() => lastCall(opened, 'openLayer')).toEqual(['block1_conv']);
    await page.locator('tr[data-index="0"]').focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowUp', 'Enter'])
      await page.keyboard.press(key);
    await expect.poll(() => lastCall(opened, 'openLayer')).toEqual(['block2_conv']);
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await expect.poll(() => lastCall(opened, 'openLayer')).toEqual(['batch_normalization']);
  });

  it('stays usable with thousands of rows', async () => {
    const opened = await openHealth({ health: () => ok({ ...BROKEN, layers: rows(2000), firstBad: null }) });
    const { page } = opened;
    await page.getByText('4000 rows').waitFor();
    expect((await paths(opened)).length).toBeLessThan(120);
    expect(await page.locator('.health').getAttribute('aria-rowcount')).toBe('4001');
    await page.locator('tr[data-index="0"]').focus();
    await page.keyboard.press('End');
    await page.locator('tr[data-index="3999"]:focus').waitFor();
    await page.keyboard.press('Enter');
    await expect.poll(() => lastCall(opened, 'openLayer')).toEqual(['block1999_conv']);
    await page.locator('.health-frame').evaluate((frame) => frame.scrollTo(0, 28 * 1000));
    await page.locator('tr[data-index="1010"]').waitFor();
    await page.locator('tr[data-index="1010"]').click();
    await expect.poll(() => lastCall(opened, 'openLayer')).toEqual(['block505_conv']);
  });
});
