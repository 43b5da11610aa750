import { describe, expect, it } from 'vitest';
import { ok } from '../../src/shared/errors';
import { changedChoice } from '../../src/shared/explainChoice';
import type { Explanation } from '../../src/shared/explanation';
import { graphOf } from '../unit/graphView/graphs';
import {
  binaryExplanation,
  bytes,
  channelMap,
  channelTiles,
  explainContext,
  layerChannels,
  layerChoice,
  layerValues,
  sequenceExplanation,
  softmaxExplanation,
  summary,
  vectorExplanation,
} from './canned';
import { imageTrace } from './cannedTraces';
import { checkpointsHost } from './checkpoints/cannedCheckpoints';
import { codeHost, compareHost } from './compare/cannedComparison';
import { cannedGallery, thumbnailOf } from './gallery/cannedGallery';
import { GRADIENTS, MODEL } from './graph/cannedGraph';
import { BROKEN, choice, FINDING } from './health/cannedHealth';
import { cannedUnit } from './layer/cannedUnits';
import type { OpenPage } from './pageHarness';
import { seriousFindings } from './report/seriousFindings';
import { THEME_NAMES } from './themes';
import { usePages } from './usePages';
import {
  convWeights,
  filterTiles,
  normWeights,
  weightStatistics,
  weightValues,
} from './weights/cannedWeights';

const openPage = usePages();

async function explained(explanation: Explanation): Promise<OpenPage> {
  const context = explainContext();
  const opened = await openPage('explain', {
    ready: () => ok(context),
    explain: () => ok(explanation),
    change: (part) => changedChoice(context.choice, part),
  });
  await opened.page.locator('.content[aria-busy=false]').waitFor();
  return opened;
}

const STROKE = { kind: 'paint', size: [8, 8], runs: [9, 4], fill: { kind: 'mean' } } as const;

/** Every page with what it shows. */
const PAGES: Readonly<Record<string, () => Promise<OpenPage>>> = {
  'explain, both classes of a sigmoid': () => explained(binaryExplanation(0)),
  'explain, a softmax': () => explained(softmaxExplanation()),
  'explain, a sequence': () => explained(sequenceExplanation()),
  'explain, a table': () => explained(vectorExplanation()),
  'explain, an input that is painted on': async () => {
    const context = explainContext();
    const edited = {
      ...context,
      choice: {
        ...context.choice,
        inputs: [{ kind: 'random', seed: 1, edits: [STROKE] }],
      },
    } as const;
    const opened = await openPage('explain', {
      ready: () => ok(edited),
      explain: () => ok(binaryExplanation(0)),
      position: () => null,
      editable: () =>
        ok({
          editable: { kind: 'picture', pixels: bytes([8, 8, 3], (i) => i) },
          before: binaryExplanation(1).predictions,
          formats: ['png'],
        }),
    });
    await opened.page.locator('.content[aria-busy=false]').waitFor();
    await opened.page.locator('.paint-stage').waitFor();
    return opened;
  },
  'explain, an error': async () => {
    const opened = await openPage('explain', {
      ready: () => ok(explainContext()),
      explain: () => ({
        ok: false,
        error: { kind: 'wrong-shape', message: 'cat.png is grey.', remedy: 'Choose an RGB image.' },
      }),
    });
    await opened.page.getByRole('alert').getByText('cat.png is grey.').waitFor();
    return opened;
  },
  layer: async () => {
    const opened = await openPage('layer', {
      ready: () => ok({ choice: layerChoice, inputNames: ['cat.png'] }),
      values: () => ok(layerValues),
      openUnit: () => ok({ unit: cannedUnit, names: [] }),
      trace: () => ok(imageTrace),
      channels: () => ok(layerChannels),
      tiles: (_, __, channels) => ok(channelTiles(channels)),
      channelMap: (_, __, channel) => ok(channelMap(channel)),
    });
    await opened.page.locator('.content[aria-busy=false]').waitFor();
    await opened.page.getByRole('button', { name: 'Channel 3: 0 to 0.52' }).click();
    await opened.page.getByRole('region', { name: 'One channel' }).waitFor();
    return opened;
  },
  checkpoints: async () => {
    const opened = await openPage('checkpoints', checkpointsHost());
    await opened.page.locator('.content[aria-busy=false]').waitFor();
    return opened;
  },
  graph: async () => {
    const graph = graphOf('image > vgg16/conv > vgg16/pool > dense');
    const choice = { modelPath: '/models/cats.keras', layer: 'dense' };
    const opened = await openPage('graph', {
      ready: () => ok({ fileName: 'cats.keras', choice, graph }),
      mark: () => undefined,
    });
    await opened.page.locator('.nodes tr[aria-current]').waitFor();
    return opened;
  },
  'graph, coloured by gradient': async () => {
    const opened = await openPage('graph', {
      ready: () =>
        ok({
          fileName: 'cats.keras',
          choice: { modelPath: '/models/cats.keras', layer: null },
          graph: MODEL,
        }),
      gradients: () => ok(GRADIENTS),
    });
    await opened.page.getByLabel('Colour by').selectOption('gradient');
    await opened.page.locator('.legend').getByText(GRADIENTS.target).waitFor();
    return opened;
  },
  gallery: async () => {
    const opened = await openPage('gallery', {
      ready: () => ok(cannedGallery({ notices: ['One file is left out.'] })),
      thumbnails: (places) => ok(places.map(thumbnailOf)),
    });
    await opened.page.locator('.input-tile canvas').first().waitFor();
    return opened;
  },
  compare: async () => {
    const opened = await openPage('compare', compareHost());
    await opened.page.locator('.map-canvas').nth(2).waitFor();
    await opened.page.getByRole('button', { name: 'scale' }).click();
    return opened;
  },
  'compare, with code': async () => {
    const opened = await openPage('compare', codeHost());
    await opened.page.getByText('Only differences').click();
    await opened.page.getByRole('button', { name: 'dense', exact: true }).click();
    return opened;
  },
  health: async () => {
    const opened = await openPage('health', {
      ready: () => ok({ choice, fileName: 'cats.keras', inputNames: ['cat.png'] }),
      health: () => ok(BROKEN),
      doctor: () => ok(FINDING),
    });
    await opened.page.getByText(FINDING.sentence).waitFor();
    return opened;
  },
  ...Object.fromEntries(
    [convWeights, normWeights].map((weights) => [
      `layer, weights of a ${weights.className}`,
      async () => {
        const opened = await openPage('layer', {
          ready: () => ok({ choice: layerChoice, inputNames: [], weightsOnly: true }),
          weights: () => ok(weights),
          weightStatistics: (weight) => ok(weightStatistics(weights, weight)),
          weightFilters: (_, order, _scale, from, count) => ok(filterTiles(64, order, from, count)),
          weightValues: (weight) => ok(weightValues(weight, 8)),
        });
        await opened.page.locator('.filter img, .value-cell').first().waitFor();
        return opened;
      },
    ]),
  ),
  summary: async () => {
    const opened = await openPage('summary', {
      ready: () => ok({ fileName: 'cats.keras', notice: null, summary }),
      trainingConfig: () => ok({ config: null, isCut: false }),
      offersH5Web: () => true,
    });
    await opened.page.getByRole('heading', { name: 'cats.keras' }).waitFor();
    return opened;
  },
};

describe('axe-core finds nothing serious', () => {
  it.each(Object.entries(PAGES))('%s', async (_, open) => {
    const { page, setTheme } = await open();
    const found: string[] = [];
    for (const theme of THEME_NAMES) {
      await setTheme(theme);
      for (const one of await seriousFindings(page)) found.push(`${theme}: ${one}`);
    }
    expect(found).toEqual([]);
  });
});
