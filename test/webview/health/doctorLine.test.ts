import { describe, expect, it } from 'vitest';
import { ok } from '../../../src/shared/errors';
import type { DoctorFinding } from '../../../src/shared/results/doctor';
import type { ExplainContext } from '../../../src/shared/view';
import {
  binaryExplanation,
  channelTiles,
  explainContext,
  layerChannels,
  layerChoice,
  layerValues,
} from '../canned';
import { type OpenPage, screenshot } from '../pageHarness';
import { THEME_NAMES } from '../themes';
import { usePages } from '../usePages';

const FINDING: DoctorFinding = {
  kind: 'batch-normalization',
  layer: 'bn_Conv1',
  sentence: 'bn_Conv1 was trained on mean 0.1 and gets 74: pixels probably not scaled.',
  action: { label: 'Try -1..1', preprocessing: { name: '-1..1' } },
};

const names = ({ calls }: OpenPage): string[] => calls.map(({ name }) => name);
const lineOf = ({ page }: OpenPage) => page.getByRole('status', { name: 'What is wrong' });

describe('the line of the doctor', () => {
  const openPage = usePages();

  it.each(THEME_NAMES)('is below the headline of the explain page (%s)', async (theme) => {
    let context: ExplainContext = explainContext();
    const opened = await openPage(
      'explain',
      {
        ready: () => ok(context),
        explain: () => ok({ ...binaryExplanation(0), inputKey: context.choice.preprocessing.name }),
        change: () => context.choice,
        doctor: () => ok(context.choice.preprocessing.name === '-1..1' ? null : FINDING),
        setPreprocessing: (preprocessing) => {
          context = { ...context, choice: { ...context.choice, preprocessing } };
          return context;
        },
        openLayer: () => undefined,
      },
      { theme },
    );
    const line = lineOf(opened);
    await line.getByText(FINDING.sentence).waitFor();
    expect(names(opened).indexOf('doctor')).toBeGreaterThan(names(opened).indexOf('explain'));
    await screenshot(opened.page, `doctor-explain-${theme}`);
    await line.getByRole('button', { name: 'Show Layer' }).click();
    await expect.poll(() => opened.calls.at(-1)).toEqual({ name: 'openLayer', args: ['bn_Conv1'] });
    await line.getByRole('button', { name: 'Try -1..1' }).click();
    await expect.poll(() => names(opened).filter((name) => name === 'doctor').length).toBe(2);
    await expect.poll(() => line.evaluate((element) => element.childElementCount)).toBe(0);
    expect(opened.calls.find(({ name }) => name === 'setPreprocessing')?.args).toEqual([{ name: '-1..1' }]);
  });

  it('is below the headline of the layer page, after its values', async () => {
    const opened = await openPage('layer', {
      ready: () => ok({ choice: layerChoice, inputNames: ['cat.png'] }),
      values: () => ok(layerValues),
      channels: () => ok(layerChannels),
      tiles: (_, __, channels) => ok(channelTiles(channels)),
      doctor: () => ok(FINDING),
      setPreprocessing: () => undefined,
    });
    await lineOf(opened).getByText(FINDING.sentence).waitFor();
    expect(names(opened).indexOf('doctor')).toBeGreaterThan(names(opened).indexOf('values'));
    await lineOf(opened).getByRole('button', { name: 'Try -1..1' }).click();
    await expect.poll(() => opened.calls.some(({ name }) => name === 'setPreprocessing')).toBe(true);
    await screenshot(opened.page, 'doctor-layer');
  });
});
