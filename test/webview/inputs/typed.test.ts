import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { ok } from '../../../src/shared/errors';
import { binaryExplanation, explainContext } from '../canned';
import { horizontalOverflow, savedState, screenshot, visibleText } from '../pageHarness';
import { useSamples } from '../sampleHost';
import { THEME_NAMES } from '../themes';
import { usePages } from '../usePages';

const openPage = usePages();
const sampleHost = useSamples();
const REVIEW = { model: 'samples/6-text/review.keras', inputs: ['samples/6-text/good.txt'] };
const TEXT = 'The hall was half empty and the plot was never dull, the tickets cost nine euros.';

const sentence = (page: Page) => visibleText(page.locator('.sentence'));
const settled = (page: Page) => page.locator('.content[aria-busy=false]').waitFor();

describe('a typed text', () => {
  it.each(THEME_NAMES)('is explained with Ctrl+Enter, and kept (%s)', async (theme) => {
    const { page, calls } = await openPage('explain', await sampleHost(REVIEW), { theme });
    await settled(page);
    const field = page.getByLabel('Type a text');
    const press = page.getByRole('button', { name: 'Explain Text' });
    expect(await press.isEnabled()).toBe(false);
    await field.fill(TEXT);
    await field.press('Control+Enter');
    await expect.poll(() => visibleText(page.locator('.word-flow')), { timeout: 8000 }).toContain('euros');
    await settled(page);
    expect(await sentence(page)).toContain('(positive)');
    expect(calls.filter(({ name }) => name === 'typeInput').map(({ args }) => args)).toEqual([[0, TEXT]]);
    expect(await savedState(page)).toMatchObject({ inputs: [{ kind: 'text', text: TEXT }] });
    expect(await horizontalOverflow(page)).toBe(0);
    await screenshot(page, `explain-typed-${theme}`);
    await page.reload();
    await settled(page);
    expect(await field.inputValue()).toBe(TEXT);
    // The button does the same; a line break is part of the text.
    await field.fill('The ending was not\ngood');
    await press.click();
    await expect.poll(() => sentence(page), { timeout: 8000 }).toContain('(negative)');
  });

  it('that is too long is refused in place, and not sent', async () => {
    const { page, calls } = await openPage('explain', await sampleHost(REVIEW), { width: 420 });
    await settled(page);
    const field = page.getByLabel('Type a text');
    await field.fill('x'.repeat(20_001));
    await field.press('Control+Enter');
    const problem = page.getByRole('alert').filter({ hasText: 'characters' });
    expect(await visibleText(problem)).toBe(
      'The text has 20001 characters; at most 20000 can be typed. Save it as a .txt file and choose that.',
    );
    expect(await page.getByRole('button', { name: 'Explain Text' }).isEnabled()).toBe(false);
    expect(calls.some(({ name }) => name === 'typeInput')).toBe(false);
    expect(await horizontalOverflow(page)).toBe(0);
    await screenshot(page, 'explain-typed-too-long');
    await field.fill('short');
    expect(await problem.isVisible()).toBe(false);
  });

  it('has a field for each input that takes one, and none for an image', async () => {
    const context = explainContext();
    const inputs = [
      { name: 'title', shape: [null, 1], dtype: 'string' },
      { name: 'cover', shape: [null, 8, 8, 3], dtype: 'float32' },
      { name: 'genre', shape: [null, 4], dtype: 'int32' },
    ];
    const choice = {
      ...context.choice,
      inputs: [
        { kind: 'file', path: '/a.txt' },
        { kind: 'file', path: '/a.png' },
        { kind: 'text', text: '4 17 2 0' },
      ],
    } as const;
    const two = {
      ...context,
      choice,
      summary: { ...context.summary, inputs },
      typed: ['text', null, 'numbers'],
    } as const;
    const { page, calls } = await openPage('explain', {
      ready: () => ok(two),
      explain: () => ok(binaryExplanation(0)),
      typeInput: () => ok(two),
    });
    await settled(page);
    expect(await page.locator('textarea').count()).toBe(2);
    expect(await page.getByLabel('Type numbers for “genre”').inputValue()).toBe('4 17 2 0');
    await page.getByLabel('Type a text for “title”').fill('Dune');
    await page.getByRole('button', { name: 'Explain Text' }).click();
    await expect
      .poll(() => calls.filter(({ name }) => name === 'typeInput').map(({ args }) => args))
      .toEqual([[0, 'Dune']]);
    await screenshot(page, 'explain-typed-several');
  });

  it('takes words for ids whose vocabulary is known', async () => {
    const context = { ...explainContext(), typed: ['words'] } as const;
    const { page, calls } = await openPage('explain', {
      ready: () => ok(context),
      explain: () => ok(binaryExplanation(0)),
      typeInput: () => ok(context),
    });
    await settled(page);
    await page.getByLabel('Type words').fill('a good film');
    await page.getByRole('button', { name: 'Explain Words' }).click();
    await expect
      .poll(() => calls.filter(({ name }) => name === 'typeInput').map(({ args }) => args))
      .toEqual([[0, 'a good film']]);
  });
});
