import { describe, expect, it } from 'vitest';
import { ok, type Result } from '../../src/shared/errors';
import { changedChoice } from '../../src/shared/explainChoice';
import type { Explanation } from '../../src/shared/explanation';
import type { Answers } from '../../src/shared/view';
import { binaryExplanation, bytes, explainContext, sequenceExplanation, vectorExplanation } from './canned';
import { believed, change, doubted, noEvidence, versions } from './cannedAnswers';
import {
  canvasPixel,
  type FakeHost,
  horizontalOverflow,
  type PageOptions,
  screenshot,
  visibleText,
} from './pageHarness';
import { THEME_NAMES } from './themes';
import { usePages } from './usePages';

const TRUST = 'How far to trust it';
const INPUT = 'Was it the input?';
const CHANGE = 'What would change it?';
const MARK = '.removed-mark';

describe('questions on the explain page', () => {
  const openPage = usePages();

  /** A host that keeps the choice, as the extension does. */
  const host = (
    more: FakeHost<'explain'> = {},
    explanation: Explanation = binaryExplanation(0),
  ): FakeHost<'explain'> => {
    let context = explainContext();
    return {
      ready: () => ok(context),
      change: (part) => {
        context = { ...context, choice: changedChoice(context.choice, part) };
        return context.choice;
      },
      explain: () => ok(explanation),
      trust: () => ok(believed),
      wasItTheInput: () => ok(versions),
      whatWouldChange: () => ok(change),
      cancelQuestion: () => undefined,
      cancel: () => undefined,
      ...more,
    };
  };
  const openExplained = async (fakeHost = host(), options?: PageOptions) => {
    const opened = await openPage('explain', fakeHost, options);
    await opened.page.locator('main > .content[aria-busy=false]').waitFor();
    const ask = async (question: string) => {
      const asked = opened.page.locator('.question', { hasText: question });
      await opened.page.getByRole('button', { name: question }).click();
      return asked;
    };
    return { ...opened, ask };
  };
  /** Ends when the test says so. */
  function held<T>() {
    let settle: (result: Result<T>) => void = () => undefined;
    const result = new Promise<Result<T>>((done) => {
      settle = done;
    });
    return { result, settle: (with_: Result<T>) => settle(with_) };
  }

  it('are asked by one click each, and nothing is asked before', async () => {
    const { calls, page, ask } = await openExplained();
    const names = () =>
      calls
        .map(({ name }) => name)
        .filter((name) => name !== 'position' && name !== 'ready' && name !== 'explain');
    expect(names()).toEqual([]);
    for (const question of [TRUST, INPUT, CHANGE]) await ask(question);
    await page.locator('.question-answer[open]').nth(2).waitFor();
    expect(names()).toEqual(['trust', 'wasItTheInput', 'whatWouldChange']);
    expect(calls.filter(({ name }) => name === 'trust')[0]?.args).toEqual([false]);
  });

  it.each([
    ['Believe', believed],
    ['Doubt', doubted],
    ['No evidence', noEvidence],
  ] as const)('the verdict "%s" is a word and a shape, and opens into its reasons', async (word, trust) => {
    const { page, ask } = await openExplained(host({ trust: () => ok(trust) }));
    const asked = await ask(TRUST);
    const chip = asked.locator('.chip');
    expect(await visibleText(chip)).toBe(word);
    expect(await chip.locator('svg').count()).toBe(1);
    const [reason = ''] = trust.reasons;
    await asked.getByText(reason).waitFor();
    await chip.click();
    await asked.getByText(reason).waitFor({ state: 'hidden' });
    // The whole line is read out when it arrives.
    await expect.poll(() => asked.getByRole('status').textContent()).toMatch(`${TRUST}: ${word}: `);
    expect(await page.locator('.chip').count()).toBe(1);
  });

  it('the figures of a verdict are beside those of random maps; one that was not measured says so', async () => {
    const { ask } = await openExplained();
    const rows = (await ask(TRUST)).locator('tbody tr');
    const texts = await rows.evaluateAll((all) =>
      all.map((row) =>
        Array.from(row.children, ({ textContent }) => textContent?.replace(/:.*|[a-z ]+ is better.*/, '')),
      ),
    );
    expect(texts[0]?.slice(1)).toEqual(['0.874', '0.612']);
    expect(texts[1]?.slice(1)).toEqual(['0.203', '0.581']);
    expect(texts.map(([, value]) => value)).toEqual([
      ...['0.874', '0.203', '0.410', '0.120', '0.070'],
      ...['none', '18 %', '0.980', '0.950', 'none'],
    ]);
  });

  it('each version of the input is listed with its prediction; those that differ are marked', async () => {
    const { ask } = await openExplained();
    const asked = await ask(INPUT);
    expect(await visibleText(asked.locator('.chip'))).toBe('1 of 4 differ');
    const rows = asked.locator('tbody tr');
    expect(await rows.count()).toBe(5);
    expect(await visibleText(rows.nth(0))).toMatch(/as it is\s+cat\s+> 0\.9999999/);
    expect(await rows.nth(1).textContent()).toBe('preprocessing caffeUseanother prediction: dog0.3037-0.7');
    expect(await rows.nth(2).textContent()).toBe('mirroredcat0.9312-0.069');
    expect(await rows.nth(1).locator('svg').count()).toBe(1);
    expect(await asked.locator('tbody svg').count()).toBe(1);
    await asked.getByText('Input "time" stays as given.').waitFor();
  });

  it('what is removed is marked on the image while the answer is open', async () => {
    const { page, ask } = await openExplained();
    const asked = await ask(CHANGE);
    await page.locator(MARK).waitFor();
    const pixel = (x: number, y: number) => canvasPixel(page, MARK, x, y);
    // The drawing has 8 x 8 pixels per pixel of the image, whose first row and column stay.
    const alpha = (x: number, y: number) =>
      page
        .locator(MARK)
        .evaluate(
          (canvas: HTMLCanvasElement, at) => canvas.getContext('2d')?.getImageData(at.x, at.y, 1, 1).data[3],
          { x, y },
        );
    expect(await alpha(4, 100)).toBe(0);
    expect(await pixel(8, 100)).toEqual([255, 255, 255]);
    expect([await alpha(11, 100), await pixel(11, 100)]).toEqual([255, [0, 0, 0]]);
    expect([await alpha(255, 100), await alpha(256, 100)]).toEqual([255, 0]);
    // Hatched inside: white, black, and the map between.
    expect([await alpha(60, 60), await pixel(60, 60)]).toEqual([255, [255, 255, 255]]);
    expect([await alpha(62, 60), await pixel(62, 60)]).toEqual([255, [0, 0, 0]]);
    expect(await alpha(66, 60)).toBe(0);
    expect(await alpha(400, 400)).toBe(0);
    await page.getByText('Marked: what is removed').waitFor();
    expect(await visibleText(asked.locator('.before-after'))).toMatch(
      /cat\s+1 - 8\.3e-8[\s\S]*dog\s+0\.6963\s+cat\s+0\.3037/,
    );
    await asked.getByText(/^Verified/).waitFor();
    await asked.locator('summary').click();
    await expect.poll(() => page.locator(MARK).count()).toBe(0);
    await page.getByText('Marked: what is removed').waitFor({ state: 'hidden' });
    await asked.locator('summary').click();
    await page.locator(MARK).waitFor();
  });

  const oneRemoved = (length: number, at: number) => ({
    ...change,
    removed: [
      {
        ...{ input: 'text', inputIndex: 0, groups: length, removedGroups: 1, names: ['not'] },
        mask: bytes([length], (i) => Number(i === at)),
      },
    ],
  });

  it('of a text the removed word is struck through and named', async () => {
    const words = ['this', 'film', 'is', 'not', 'good'];
    const text: Explanation = {
      ...sequenceExplanation(),
      rawMap: { ...vectorExplanation().rawMap, shape: [5], data: Buffer.alloc(20).toString('base64') },
      displayMap: { ...vectorExplanation().rawMap, shape: [1, 5], data: Buffer.alloc(20).toString('base64') },
      map: { shape: [5], min: 0, max: 1, top: 1 },
      placement: null,
      inputValues: null,
      names: { kind: 'tokens', values: words },
    };
    const { page, ask } = await openExplained(host({ whatWouldChange: () => ok(oneRemoved(5, 3)) }, text));
    const asked = await ask(CHANGE);
    await expect.poll(() => page.locator('.piece.removed').allTextContents()).toEqual(['not']);
    expect(await asked.locator('del').allTextContents()).toEqual(['not']);
    await screenshot(page, 'questions-text');
  });

  it('of a table the removed row is struck through', async () => {
    const { page, ask } = await openExplained(
      host({ whatWouldChange: () => ok(oneRemoved(12, 2)) }, vectorExplanation()),
    );
    await ask(CHANGE);
    await expect.poll(() => page.locator('.table-row.removed .row-name').allTextContents()).toEqual(['2']);
  });

  it('of a long sequence the removed positions are hatched in place', async () => {
    const { page, ask } = await openExplained(
      host({ whatWouldChange: () => ok(oneRemoved(120, 30)) }, sequenceExplanation()),
    );
    await ask(CHANGE);
    const span = page.locator('.removed-span');
    await span.waitFor();
    const [plot, box] = [await page.locator('.plot').boundingBox(), await span.boundingBox()];
    expect(((box?.x ?? 0) - (plot?.x ?? 0)) / (plot?.width ?? 1)).toBeCloseTo(0.25, 2);
  });

  it('a mask that has not the axes of what is drawn marks nothing, and the answer is still shown', async () => {
    const { page, ask } = await openExplained(host({ whatWouldChange: () => ok(oneRemoved(7, 3)) }));
    await (await ask(CHANGE)).getByText(/^Verified/).waitFor();
    expect(await page.locator(MARK).count()).toBe(0);
    expect(await page.getByText('Marked: what is removed').isVisible()).toBe(false);
  });

  it('the progress has the time that is left, and Cancel ends the question without an error', async () => {
    const running = held<Answers['trust']>();
    const { page, calls, tell, ask } = await openExplained(
      host({
        trust: () => running.result,
        cancelQuestion: () =>
          running.settle({ ok: false, error: { kind: 'cancelled', message: 'Cancelled.' } }),
      }),
    );
    const asked = await ask(TRUST);
    const bar = asked.getByRole('progressbar');
    await bar.waitFor();
    await page.waitForTimeout(1600);
    await tell('questionProgress', { fraction: 0.5, message: 'Redrawing the weights of 8 of 16 layers' });
    await asked.getByText(/^About \d s left: Redrawing the weights of 8 of 16 layers$/).waitFor();
    expect(await bar.getAttribute('aria-valuenow')).toBe('50');
    await asked.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: TRUST }).waitFor();
    expect(calls.at(-1)?.name).toBe('cancelQuestion');
    expect(await page.getByRole('alert').filter({ visible: true }).count()).toBe(0);
    expect(await asked.getByRole('status').textContent()).toBe(`${TRUST}: cancelled.`);
  });

  it('an error is a sentence in place; what is costly runs when the user insists', async () => {
    const message = 'Examining this map makes 6000 forward passes here: about 9 min.';
    const { page, calls, ask } = await openExplained(
      host({
        trust: (insist) =>
          insist
            ? ok(believed)
            : { ok: false, error: { kind: 'too-costly', message, remedy: 'Run it anyway.' } },
      }),
    );
    const asked = await ask(TRUST);
    expect(await visibleText(asked.getByRole('alert'))).toContain(message);
    // The map stays, and so does the question.
    expect(await page.locator('.map-canvas').isVisible()).toBe(true);
    expect(await page.getByRole('button', { name: TRUST }).isVisible()).toBe(true);
    await asked.getByRole('button', { name: 'Run Anyway' }).click();
    await asked.locator('.chip').waitFor();
    expect(calls.at(-1)).toMatchObject({ name: 'trust', args: [true] });
    expect(await asked.getByRole('alert').isVisible()).toBe(false);
  });

  it('what does not apply says so and offers no second try', async () => {
    const error = {
      kind: 'not-applicable',
      message: 'Input "text" holds no image and no signal.',
      remedy: 'Ask what would change the prediction instead.',
    } as const;
    const { ask } = await openExplained(host({ wasItTheInput: () => ({ ok: false, error }) }));
    const alert = (await ask(INPUT)).getByRole('alert');
    expect(await visibleText(alert)).toMatch(/holds no image and no signal\.\s+Ask what would change/);
    expect(await alert.getByRole('button').count()).toBe(0);
  });

  it('an answer is dropped when the choice changes, and so is one that comes too late', async () => {
    const late = held<Answers['wasItTheInput']>();
    const { page, ask } = await openExplained(host({ wasItTheInput: () => late.result }));
    await ask(CHANGE);
    await page.locator(MARK).waitFor();
    await ask(INPUT);
    await page.getByLabel('Method').selectOption('saliency');
    await expect.poll(() => page.locator(MARK).count()).toBe(0);
    expect(await page.locator('.question-answer:visible').count()).toBe(0);
    await page.locator('main > .content[aria-busy=false]').waitFor();
    late.settle(ok(versions));
    await page.waitForTimeout(200);
    expect(await page.locator('.question-answer:visible').count()).toBe(0);
    expect(await page.getByRole('button', { name: INPUT }).isVisible()).toBe(true);
  });

  it('colours and opacity keep the answer and its mark', async () => {
    const { page, ask } = await openExplained();
    await ask(CHANGE);
    await page.locator(MARK).waitFor();
    await page.getByLabel('Colours').selectOption('inferno');
    await page.getByLabel('Opacity').fill('80');
    expect(await page.locator(MARK).count()).toBe(1);
    expect(await page.locator('.question-answer:visible').count()).toBe(1);
  });

  it('what the extension still has is shown with the explanation, without a request', async () => {
    const { page, calls } = await openExplained(
      host({
        explain: () => ok({ ...binaryExplanation(0), answers: { trust: doubted, whatWouldChange: change } }),
      }),
    );
    expect(await page.locator('.chip:visible').allTextContents()).toEqual(['Doubt', '3 of 50 groups']);
    await page.locator(MARK).waitFor();
    const asked = calls.map(({ name }) => name).filter((name) => name !== 'position');
    expect(asked).toEqual(['ready', 'explain']);
  });

  it('works by keyboard, and the focus stays in the question', async () => {
    const running = held<Answers['trust']>();
    const { page } = await openExplained(host({ trust: () => running.result }));
    await page.getByRole('button', { name: TRUST }).focus();
    await page.keyboard.press('Enter');
    const focused = () =>
      page.evaluate(() => document.activeElement?.textContent?.trim() || document.activeElement?.tagName);
    await expect.poll(focused).toBe('Cancel');
    running.settle(ok(believed));
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('SUMMARY');
    await page.keyboard.press('Enter');
    expect(await page.locator('.question-answer[open]').count()).toBe(0);
    await page.keyboard.press('Space');
    expect(await page.locator('.question-answer[open]').count()).toBe(1);
  });

  it.each(THEME_NAMES)('looks as it should in the %s theme, narrow and wide', async (theme) => {
    for (const width of [400, 1200]) {
      const { page, ask } = await openExplained(host(), { theme, width, height: 900 });
      await screenshot(page, `questions-empty-${theme}-${width}`);
      for (const question of [TRUST, INPUT, CHANGE]) await ask(question);
      await page.locator('.question-answer[open]').nth(2).waitFor();
      await screenshot(page, `questions-${theme}-${width}`);
      expect(await horizontalOverflow(page)).toBe(0);
    }
  });
});
