import { describe, expect, it } from 'vitest';
import { ok } from '../../../src/shared/errors';
import type { ExplainContext } from '../../../src/shared/view';
import { binaryExplanation, explainContext } from '../canned';
import { versions } from '../cannedAnswers';
import { type FakeHost, screenshot } from '../pageHarness';
import { THEME_NAMES } from '../themes';
import { usePages } from '../usePages';

describe('what the explain page says about its input', () => {
  const openPage = usePages();
  const open = async (
    context: Partial<ExplainContext>,
    more: Partial<FakeHost<'explain'>> = {},
    theme = THEME_NAMES[0],
  ) => {
    const host: FakeHost<'explain'> = {
      ready: () => ok({ ...explainContext(), ...context }),
      explain: () => ok(binaryExplanation(0)),
      ...more,
    };
    const { page } = await openPage('explain', host, theme === undefined ? {} : { theme });
    await page.getByText('Grad-CAM of class 0 (cat)').waitFor();
    return page;
  };

  it('marks a preprocessing that nobody has chosen as a guess, and says why', async () => {
    const page = await open({ preprocessingGuess: 'the network is ResNet' });
    await page
      .getByRole('button', { name: /^Preprocessing: .* A guess: the network is ResNet\.$/ })
      .waitFor();
    await page.getByText('0..1 (guess)').waitFor();
  });

  it('steps to the next and the previous sample by button and by key, and not while somebody types', async () => {
    const stepped: number[] = [];
    let at = 0;
    const page = await open(
      {},
      {
        position: () => ({ kind: 'samples', at, count: 3, truth: null, hasLabels: false }),
        step: (to) => {
          stepped.push(to);
          at = to;
          const inputs = [{ kind: 'file', path: '/work/cats.npy', sample: to }] as const;
          return ok(explainContext({ inputs }));
        },
      },
    );
    await page.getByText('sample 1 of 3').waitFor();
    expect(await page.getByRole('button', { name: 'Previous sample' }).isEnabled()).toBe(false);
    await page.getByRole('button', { name: 'Next sample' }).click();
    await page.getByText('sample 2 of 3').waitFor();
    await page.keyboard.press('n');
    await page.getByText('sample 3 of 3').waitFor();
    await page.keyboard.press('n');
    await page.keyboard.press('p');
    await page.getByText('sample 2 of 3').waitFor();
    await page.locator('.combobox input').first().press('n');
    await screenshot(page, 'explain-stepper');
    expect(stepped).toEqual([1, 2, 1]);
  });

  it('uses a preprocessing whose prediction it shows', async () => {
    const used: unknown[] = [];
    const page = await open(
      {},
      {
        wasItTheInput: () => ok(versions),
        setPreprocessing: (chosen) => {
          used.push(chosen);
          return explainContext({ preprocessing: { ...chosen, resize: 'pil-nearest' } });
        },
      },
    );
    await page.getByRole('button', { name: 'Was it the input?' }).click();
    const use = page.getByRole('button', { name: /^Use / });
    await use.first().waitFor();
    await screenshot(page, 'explain-use-preprocessing');
    expect(await use.count()).toBe(1);
    await use.click();
    await page.getByText('caffe, pil-nearest').waitFor();
    expect(used).toEqual([{ name: 'caffe' }]);
  });

  it('says where the class names come from, and what is not used', async () => {
    const ignored = 'labels.txt holds 3 class names, and the model takes 2. It is not used.';
    const page = await open({ labelsFrom: 'labels.json', labelNotices: [ignored] });
    await page.getByText(`Class names from labels.json. ${ignored}`).waitFor();
    await screenshot(page, 'explain-class-names');
  });
});
