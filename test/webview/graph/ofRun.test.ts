import { describe, expect, it } from 'vitest';
import { ok } from '../../../src/shared/errors';
import type { DeadChannels, RunGradients } from '../../../src/shared/graphView/graphPage';
import type { ViewGraph } from '../../../src/shared/graphView/viewGraph';
import { type FakeHost, horizontalOverflow, type OpenPage, screenshot, visibleText } from '../pageHarness';
import { THEME_NAMES } from '../themes';
import { usePages } from '../usePages';
import { GRADIENTS, MODEL } from './cannedGraph';

describe('colours of the graph page that need a run', () => {
  const openPage = usePages();

  const openGraph = async (graph: ViewGraph, options: object, more: FakeHost<'graph'>): Promise<OpenPage> => {
    const choice = { modelPath: '/models/cats.keras', layer: null };
    const host: FakeHost<'graph'> = {
      ready: () => ok({ fileName: 'cats.keras', choice, graph }),
      retry: () => undefined,
      ...more,
    };
    const opened = await openPage('graph', host, { width: 1300, height: 900, ...options });
    await opened.page.locator('.stage canvas[data-scale]').waitFor();
    return opened;
  };
  const called = ({ calls }: OpenPage, call: string) =>
    calls.filter(({ name }) => name === call).map(({ args }) => args[0]);

  it.each(THEME_NAMES)('colours by dead channels when an input is chosen (%s)', async (theme) => {
    let run: DeadChannels | null = null;
    const opened = await openGraph(
      MODEL,
      { theme, width: 1440 },
      { deadChannels: () => ok(run), pickInput: () => undefined, cancel: () => undefined },
    );
    const { page } = opened;
    await page.getByLabel('Colour by').selectOption('dead');
    await expect
      .poll(() => visibleText(page.locator('.legend')))
      .toContain('unknown until an input is chosen');
    await page.getByRole('button', { name: 'Input: choose' }).click();
    await expect.poll(() => called(opened, 'pickInput')).toHaveLength(1);
    run = {
      inputNames: ['cat.png', 'dog.png'],
      layers: [
        { path: 'encoder/relu', dead: 1, channels: 4 },
        { path: 'encoder@2/relu', dead: 4, channels: 4 },
      ],
    };
    await opened.tell('runChanged');
    await page.getByRole('button', { name: 'Input: cat.png, dog.png' }).waitFor();
    const row = (path: string) => visibleText(page.locator(`.nodes tr[data-path="${path}"]`));
    await expect.poll(() => row('encoder/relu')).toContain('1 of 4');
    expect(await row('encoder@2/relu')).toContain('4 of 4');
    expect(await row('join')).not.toContain(' of ');
    expect(await visibleText(page.locator('.legend'))).toContain('100%');
    await screenshot(page, `graph-dead-${theme}`);
    await page.setViewportSize({ width: 520, height: 800 });
    expect(await horizontalOverflow(page)).toBe(0);
    await screenshot(page, `graph-dead-${theme}-narrow`);
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.getByRole('button', { name: 'Fold All', exact: true }).click();
    await expect.poll(() => row('encoder')).toContain('1 of 4');
    await page.reload();
    await expect.poll(() => row('encoder@2')).toContain('4 of 4');
  });

  it.each(THEME_NAMES)('colours by the size of the gradient for the explained target (%s)', async (theme) => {
    let run: RunGradients | null = null;
    const opened = await openGraph(
      MODEL,
      { theme, width: 1440 },
      { gradients: () => ok(run), pickInput: () => undefined, cancel: () => undefined },
    );
    const { page } = opened;
    await page.getByLabel('Colour by').selectOption('gradient');
    const legend = () => visibleText(page.locator('.legend'));
    await expect.poll(legend).toContain('unknown until an input is chosen');
    await page.getByRole('button', { name: 'Input: choose' }).click();
    await expect.poll(() => called(opened, 'pickInput')).toHaveLength(1);
    run = GRADIENTS;
    await opened.tell('runChanged');
    await page.getByRole('button', { name: 'Input: cat.png' }).waitFor();
    await page.getByRole('columnheader', { name: 'Gradient (RMS)' }).waitFor();
    const amount = (path: string) =>
      visibleText(page.locator(`.nodes tr[data-path="${path}"] td.number`).first());
    expect(await amount('encoder/conv')).toBe('3');
    expect(await amount('join')).toBe('0.01');
    expect(await amount('dense')).toBe('');
    expect(await legend()).toContain('class 0 (cat)');
    await screenshot(page, `graph-gradient-${theme}`);
    await page.setViewportSize({ width: 520, height: 800 });
    expect(await horizontalOverflow(page)).toBe(0);
    await screenshot(page, `graph-gradient-${theme}-narrow`);
    run = { ...GRADIENTS, target: 'class 1 (dog)' };
    await opened.tell('targetChanged');
    await expect.poll(legend).toContain('class 1 (dog)');
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.getByRole('button', { name: 'Fold All', exact: true }).click();
    // The square root of 13 / 5.
    await expect.poll(() => amount('encoder')).toBe('1.612');
  });

  it('says why dead channels are not there, and tries again', async () => {
    const error = { kind: 'too-costly', message: 'The run would take two minutes.' } as const;
    const answers = [{ ok: false as const, error }, ok({ inputNames: ['cat.png'], layers: [] })];
    const opened = await openGraph(
      MODEL,
      {},
      {
        deadChannels: () => answers.shift() ?? ok(null),
        cancel: () => undefined,
      },
    );
    await opened.page.getByLabel('Colour by').selectOption('dead');
    await opened.page.getByText('The run would take two minutes.').waitFor();
    await opened.page.getByRole('button', { name: 'Run Anyway' }).click();
    await opened.page.getByRole('button', { name: 'Input: cat.png' }).waitFor();
    expect(called(opened, 'retry')).toEqual([true]);
  });
});
