import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { ok } from '../../../src/shared/errors';
import { changedChoice } from '../../../src/shared/explainChoice';
import type { Explanation } from '../../../src/shared/explanation';
import { graphOf } from '../../unit/graphView/graphs';
import {
  binaryExplanation,
  channelMap,
  channelTiles,
  explainContext,
  layerChannels,
  layerChoice,
  layerValues,
  sequenceExplanation,
  softmaxExplanation,
  summary,
} from '../canned';
import { imageTrace } from '../cannedTraces';
import { checkpointsHost } from '../checkpoints/cannedCheckpoints';
import { compareHost } from '../compare/cannedComparison';
import { cannedGallery, thumbnailOf } from '../gallery/cannedGallery';
import { BROKEN, choice, FINDING } from '../health/cannedHealth';
import { EDITED, editedHost } from '../inputs/cannedEdits';
import { cannedUnit } from '../layer/cannedUnits';
import {
  type FakeHost,
  horizontalOverflow,
  type Language,
  type OpenPage,
  type PageOptions,
  screenshot,
} from '../pageHarness';
import { usePages } from '../usePages';
import {
  convWeights,
  filterTiles,
  normWeights,
  weightStatistics,
  weightValues,
} from '../weights/cannedWeights';
import { leftInEnglish } from './leftInEnglish';

const openPage = usePages();

async function explained(explanation: Explanation, options: PageOptions): Promise<OpenPage> {
  const context = explainContext();
  const host = {
    ready: () => ok(context),
    explain: () => ok(explanation),
    change: (part: object) => changedChoice(context.choice, part),
  };
  const opened = await openPage('explain', host, options);
  await opened.page.locator('.content[aria-busy=false]').waitFor();
  return opened;
}

/** Every page with what it shows. */
const PAGES: Readonly<Record<string, (options: PageOptions) => Promise<OpenPage>>> = {
  graph: async (options) => {
    const graph = graphOf('image > vgg16/conv > vgg16/pool > dense');
    const host = {
      ready: () =>
        ok({ fileName: 'cats.keras', choice: { modelPath: '/models/cats.keras', layer: 'dense' }, graph }),
      mark: () => undefined,
    };
    const opened = await openPage('graph', host, options);
    // On a narrow page the list is hidden.
    await opened.page.locator('.nodes tr[aria-current]').waitFor({ state: 'attached' });
    return opened;
  },
  checkpoints: async (options) => {
    const opened = await openPage('checkpoints', checkpointsHost(), options);
    await opened.page.locator('.content[aria-busy=false]').waitFor();
    return opened;
  },
  compare: async (options) => {
    const opened = await openPage('compare', compareHost(), options);
    await opened.page.locator('.map-canvas').nth(2).waitFor();
    await opened.page.locator('[data-path=scale] button').click();
    return opened;
  },
  gallery: async (options) => {
    const host = {
      ready: () => ok(cannedGallery()),
      thumbnails: (places: readonly number[]) => ok(places.map(thumbnailOf)),
    };
    const opened = await openPage('gallery', host, options);
    await opened.page.locator('.input-tile canvas').first().waitFor();
    return opened;
  },
  health: async (options) => {
    const host = {
      ready: () => ok({ choice, fileName: 'cats.keras', inputNames: ['cat.png'] }),
      health: () => ok(BROKEN),
      doctor: () => ok(FINDING),
    };
    const opened = await openPage('health', host, options);
    await opened.page.getByText(FINDING.sentence).waitFor();
    return opened;
  },
  'explain-sigmoid': (options) => explained(binaryExplanation(0), options),
  'explain-softmax': (options) => explained(softmaxExplanation(), options),
  'explain-sequence': (options) => explained(sequenceExplanation(), options),
  ...Object.fromEntries(
    Object.entries(EDITED).map(([kind, edited]) => [
      `edit-${kind}`,
      async (options: PageOptions) => {
        const opened = await openPage('explain', editedHost(edited), options);
        await opened.page.locator('.edit-outcome tbody tr').first().waitFor();
        return opened;
      },
    ]),
  ),
  layer: async (options) => {
    const host: FakeHost<'layer'> = {
      ready: () => ok({ choice: layerChoice, inputNames: ['cat.png'] }),
      values: () => ok(layerValues),
      openUnit: () => ok({ unit: cannedUnit, names: [] }),
      trace: () => ok(imageTrace),
      channels: () => ok(layerChannels),
      tiles: (_, __, channels) => ok(channelTiles(channels)),
      channelMap: (_, __, channel) => ok(channelMap(channel)),
    };
    const opened = await openPage('layer', host, options);
    await opened.page.locator('.content[aria-busy=false]').waitFor();
    await opened.page.locator('.one-unit').waitFor();
    return opened;
  },
  ...Object.fromEntries(
    [convWeights, normWeights].map((weights) => [
      `weights-${weights.className}`,
      async (options: PageOptions) => {
        const host: FakeHost<'layer'> = {
          ready: () => ok({ choice: layerChoice, inputNames: [], weightsOnly: true }),
          weights: () => ok(weights),
          weightStatistics: (weight) => ok(weightStatistics(weights, weight)),
          weightFilters: (_, order, _scale, from, count) => ok(filterTiles(64, order, from, count)),
          weightValues: (weight) => ok(weightValues(weight, 8)),
        };
        const opened = await openPage('layer', host, options);
        await opened.page.locator('.filter img, .value-cell').first().waitFor();
        return opened;
      },
    ]),
  ),
  summary: async (options) => {
    const host = {
      ready: () => ok({ fileName: 'cats.keras', notice: null, summary }),
      trainingConfig: () => ok({ config: { optimizer: 'adam', loss: 'mse' }, isCut: false }),
      offersH5Web: () => true,
    };
    const opened = await openPage('summary', host, options);
    await opened.page.getByRole('heading', { name: 'cats.keras' }).waitFor();
    return opened;
  },
};

/** The buttons of a toolbar that reach beyond it, into the page's padding. */
const reachingOut = (page: Page): Promise<(string | null)[]> =>
  page.locator('.toolbar vscode-button').evaluateAll((buttons) =>
    buttons
      .filter((one) => {
        const end = one.closest('.toolbar')?.getBoundingClientRect().right ?? 0;
        return one.getBoundingClientRect().right > end + 0.5;
      })
      .map(({ textContent }) => textContent),
  );

const LANGUAGES: readonly Language[] = ['de', 'zh-cn'];

describe.each(LANGUAGES)('in %s', (language) => {
  it.each(Object.entries(PAGES))('nothing on the page %s is left in English', async (name, open) => {
    const english = await open({});
    const translated = await open({ language, width: 520 });
    await screenshot(translated.page, `${name}-${language}`);
    expect(await leftInEnglish(english, translated, language)).toEqual([]);
    expect(await translated.page.locator('html').getAttribute('lang')).toBe(language);
    // Long words of German, too, fit into a narrow page.
    expect(await horizontalOverflow(translated.page)).toBe(0);
    expect(await reachingOut(translated.page)).toEqual([]);
  });
});
