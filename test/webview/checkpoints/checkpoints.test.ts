import { describe, expect, it } from 'vitest';
import type { CheckpointsChoice } from '../../../src/shared/checkpoints/checkpointsView';
import { ok, type Result } from '../../../src/shared/errors';
import type { EpochReport } from '../../../src/shared/results/checkpoints';
import {
  canvasPixel,
  type FakeHost,
  horizontalOverflow,
  type OpenPage,
  savedState,
  screenshot,
  visibleText,
} from '../pageHarness';
import { THEME_NAMES } from '../themes';
import { usePages } from '../usePages';
import { checkpointsHost, context, DAMAGED, epochResult, report } from './cannedCheckpoints';

describe('the page of checkpoints', () => {
  const openPage = usePages();

  const open = async (overrides: FakeHost<'checkpoints'> = {}, options = {}): Promise<OpenPage> => {
    const opened = await openPage('checkpoints', checkpointsHost(overrides), options);
    await opened.page.locator('.content[aria-busy=false]').waitFor();
    return opened;
  };
  const cell = ({ page }: OpenPage, name: string) =>
    page.getByRole('list', { name: 'Epochs' }).getByRole('button', { name });

  it.each(THEME_NAMES)('shows the epochs and marks the first wrong turn (%s)', async (theme) => {
    const opened = await open({}, { theme, width: 1440 });
    const { page, calls } = opened;
    expect(calls.filter(({ name }) => name === 'epoch').map(({ args }) => args[0])).toEqual([0, 1, 2, 3, 4]);
    const verdict = await visibleText(page.locator('.verdict'));
    expect(verdict).toContain('First wrong turn: epoch-4.keras');
    expect(verdict).toContain('From here on, 12 of 14 channels are dead, 1 before.');
    // Two epochs predict each class, the wrong one last: without a label nothing is said about the prediction.
    expect(verdict).toContain('2 (square) is taken for it');
    expect(await page.locator('.page-header').textContent()).toContain(
      '5 epochs, ordered by the number in their names',
    );
    expect(await page.getByRole('list', { name: 'Notices' }).textContent()).toContain('best.keras');
    expect(await visibleText(cell(opened, 'epoch-4.keras'))).toContain('First wrong turn');
    // Until an epoch is chosen, the layers are those of the wrong turn.
    await page.getByRole('table', { name: 'Layers of epoch-4.keras' }).waitFor();
    expect(await visibleText(cell(opened, 'epoch-1.keras'))).toMatch(/0 \(lying\)\s+0\.4\s/);
    await screenshot(page, `checkpoints-${theme}-1440`);
    await page.setViewportSize({ width: 520, height: 800 });
    expect(await horizontalOverflow(page)).toBe(0);
    await screenshot(page, `checkpoints-${theme}-520`);
  });

  it('shows a file that cannot be read as a cell with its reason, and goes on', async () => {
    const opened = await open();
    const damaged = cell(opened, 'epoch-2.keras');
    expect(await visibleText(damaged)).toContain(DAMAGED.message);
    await damaged.click({ force: true });
    expect(opened.calls.some(({ name }) => name === 'openEpoch')).toBe(false);
    expect(await visibleText(opened.page.getByRole('table', { name: 'All epochs' }))).toContain(
      DAMAGED.message,
    );
    expect(await visibleText(cell(opened, 'epoch-3.keras'))).toContain('Moved by 0.5');
    // The change is that since the last epoch that could be read.
    expect(await visibleText(cell(opened, 'epoch-3.keras'))).toContain('Weights +49.9 %');
  });

  it('opens an epoch by a click and by Enter, and moves with the arrow keys', async () => {
    const opened = await open({ openEpoch: () => undefined });
    const { page, calls } = opened;
    const openedEpochs = () => calls.filter(({ name }) => name === 'openEpoch').map(({ args }) => args[0]);
    await cell(opened, 'epoch-3.keras').click();
    await expect.poll(openedEpochs).toEqual([2]);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await expect.poll(openedEpochs).toEqual([2, 3]);
    const layers = page.getByRole('table', { name: 'Layers of epoch-4.keras' });
    expect(await visibleText(layers)).toMatch(/parts\s+6 of 8\s+0\s+0\s+10842\s+× 1900\s+10842/);
    expect(await visibleText(layers)).toMatch(/gate\s+25 %/);
    await page.keyboard.press('Home');
    await page.getByRole('table', { name: 'Layers of epoch-1.keras' }).waitFor();
    await page.keyboard.press('End');
    await page.getByRole('table', { name: 'Layers of epoch-5.keras' }).waitFor();
    expect(await page.locator('.cells [tabindex="0"]').count()).toBe(1);
    await page.getByRole('button', { name: 'Explain This Epoch' }).click();
    await expect.poll(openedEpochs).toEqual([2, 3, 3]);
  });

  it('takes the right class from the user without computing anything again', async () => {
    let choice: CheckpointsChoice = context.choice;
    const opened = await open({
      change: (change) => {
        choice = { ...choice, ...change };
        return choice;
      },
    });
    const { page, calls } = opened;
    await page.getByRole('combobox', { name: 'Right class' }).fill('lying');
    await page.keyboard.press('Enter');
    await page.getByText('The right class is 0 (lying), as given.').waitFor();
    expect(await visibleText(page.locator('.verdict'))).toContain(
      'From here on, class 0 (lying) is not predicted any more, but 2 (square).',
    );
    expect(await page.locator('.legend').textContent()).toContain('Probability of class 0 (lying)');
    expect(calls.filter(({ name }) => name === 'epoch')).toHaveLength(5);
    expect(await savedState(page)).toMatchObject({ label: 0 });
  });

  it('draws the maps with one colour scale on request', async () => {
    const change = (isOneScale: boolean): CheckpointsChoice => ({ ...context.choice, isOneScale });
    const opened = await open({ change: ({ isOneScale }) => change(isOneScale === true) });
    const { page } = opened;
    // The largest value of the first map, half as large as that of the others.
    const [before] = [await canvasPixel(page, '.stamp', 4, 8)];
    await page.getByRole('checkbox', { name: 'One colour scale' }).click();
    await expect.poll(() => canvasPixel(page, '.stamp', 4, 8)).not.toEqual(before);
  });

  it('computes the epochs again with another method', async () => {
    const opened = await open({ change: (change) => ({ ...context.choice, ...change }) });
    await opened.page.getByRole('combobox', { name: 'Method' }).selectOption('saliency');
    await expect.poll(() => opened.calls.filter(({ name }) => name === 'epoch').length).toBe(10);
    expect(opened.calls.find(({ name }) => name === 'change')?.args).toEqual([{ method: 'saliency' }]);
  });

  it('shows another output of the model, whose classes have names of their own', async () => {
    const outputs = ['shape', 'colour'];
    let choice: CheckpointsChoice = { ...context.choice, target: 2 };
    const opened = await open({
      ready: () => ok({ ...context, choice, outputs }),
      change: async (change) => {
        choice = { ...choice, ...change };
        await opened.tell('setContext', { ...context, choice, outputs, labels: ['red', 'green', 'blue'] });
        return choice;
      },
    });
    const { page, calls } = opened;
    await page.getByLabel('Output').selectOption({ label: 'colour' });
    await page.getByText('Class 2 (blue)').first().waitFor({ state: 'attached' });
    await page.locator('.content[aria-busy=false]').waitFor();
    expect(calls.find(({ name }) => name === 'change')?.args).toEqual([
      { output: 1, target: 'auto', label: null },
    ]);
    expect(await visibleText(cell(opened, 'epoch-5.keras'))).toContain('blue');
    expect(calls.filter(({ name }) => name === 'epoch')).toHaveLength(10);
    expect(await savedState(page)).toMatchObject({ output: 1, target: 'auto' });
  });

  it('offers no output where there is one', async () => {
    const { page } = await open();
    expect(await page.getByLabel('Output').isVisible()).toBe(false);
  });

  it('shows what is known while it computes, and stops and goes on where it was', async () => {
    let isCancelled = false;
    let end: (result: Result<EpochReport>) => void = () => undefined;
    const opened = await openPage(
      'checkpoints',
      checkpointsHost({
        epoch: (index) =>
          index === 2 && !isCancelled
            ? new Promise((resolve) => {
                end = resolve;
              })
            : epochResult(index),
        cancel: () => {
          isCancelled = true;
          end({ ok: false, error: { kind: 'cancelled', message: 'Cancelled.' } });
        },
        retry: () => undefined,
      }),
    );
    const { page, calls } = opened;
    await page.getByText('Epoch 3 of 5: epoch-3.keras').waitFor();
    expect(await page.locator('.stamp').count()).toBe(1);
    expect(await visibleText(cell(opened, 'epoch-4.keras'))).toContain('Not computed yet');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('alert').getByText('Cancelled.').waitFor();
    expect(calls.filter(({ name }) => name === 'epoch')).toHaveLength(3);
    await page.getByRole('button', { name: 'Try Again' }).click();
    await page.locator('.content[aria-busy=false]').waitFor();
    await page.getByText('First wrong turn: epoch-4.keras').waitFor();
    // The first one is not computed again.
    const asked = calls.filter(({ name }) => name === 'epoch').map(({ args }) => args[0]);
    expect(asked).toEqual([0, 1, 2, 1, 2, 3, 4]);
  });

  it('says that nothing goes wrong where nothing does', async () => {
    const { page } = await open({ epoch: (index) => ok(report(Math.min(index, 2))) });
    expect(await visibleText(page.locator('.verdict'))).toContain(
      'No wrong turn: nothing goes wrong and stays wrong.',
    );
  });

  it('shows why there is no map beside the numbers', async () => {
    const { page } = await open({
      epoch: (index) => ok({ ...report(index), map: null, mapProblem: 'Input "ids" holds whole numbers.' }),
    });
    expect(await page.locator('.stamp').count()).toBe(0);
    expect(await page.getByText('Input "ids" holds whole numbers.').count()).toBe(5);
  });

  it('shows a folder that cannot be listed with its remedy', async () => {
    const { page } = await openPage('checkpoints', {
      ready: () => ({
        ok: false,
        error: { kind: 'file-not-found', message: 'There is no folder /runs.', remedy: 'Choose another.' },
      }),
    });
    await page.getByRole('alert').getByText('There is no folder /runs.').waitFor();
    await page.getByRole('alert').getByText('Choose another.').waitFor();
  });
});
