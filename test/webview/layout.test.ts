import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { type LayerglassError, ok } from '../../src/shared/errors';
import { changedChoice } from '../../src/shared/explainChoice';
import type { Explanation } from '../../src/shared/explanation';
import {
  binaryExplanation,
  channelTiles,
  explainContext,
  floats,
  layerChannels,
  layerChoice,
  layerValues,
  sequenceExplanation,
  summary,
} from './canned';
import { imageTrace } from './cannedTraces';
import { cannedUnit } from './layer/cannedUnits';
import { type FakeHost, type PageOptions, screenshot } from './pageHarness';
import { THEME_NAMES } from './themes';
import { usePages } from './usePages';

/** The width of a page beside the side bar in a window of 600 px, and in the narrowest editor of VS Code. */
const NARROW_WIDTHS = [252, 220] as const;

const openPage = usePages();

async function openSummary(options?: PageOptions): Promise<Page> {
  const ready = () => ok({ fileName: 'cats.keras', notice: null, summary });
  const { page } = await openPage(
    'summary',
    { ready, trainingConfig: () => ok({ config: null, isCut: false }), offersH5Web: () => false },
    options,
  );
  await page.getByRole('heading', { name: 'cats.keras' }).waitFor();
  return page;
}

async function openExplain(
  options?: PageOptions,
  explanation: Explanation = binaryExplanation(0),
  inputNames?: readonly string[],
): Promise<Page> {
  const context = explainContext();
  const host: FakeHost<'explain'> = {
    ready: () => ok(inputNames === undefined ? context : { ...context, inputNames }),
    explain: () => ok(explanation),
    change: (part) => changedChoice(context.choice, part),
  };
  const { page } = await openPage('explain', host, options);
  await page.locator('.content[aria-busy=false]').waitFor();
  return page;
}

async function openLayer(options?: PageOptions): Promise<Page> {
  const host: FakeHost<'layer'> = {
    ready: () => ok({ choice: layerChoice, inputNames: ['cat.png'] }),
    values: () => ok(layerValues),
    openUnit: () => ok({ unit: cannedUnit, names: [] }),
    trace: () => ok(imageTrace),
    channels: () => ok(layerChannels),
    tiles: (_, __, channels) => ok(channelTiles(channels)),
  };
  const { page } = await openPage('layer', host, options);
  await page.locator('.content[aria-busy=false]').waitFor();
  return page;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const boxes = (locator: Locator): Promise<Box[]> =>
  locator.evaluateAll((elements) =>
    elements.map((element) => {
      const { left, right, top, bottom } = element.getBoundingClientRect();
      return { left, right, top, bottom };
    }),
  );

async function box(locator: Locator): Promise<Box> {
  const [first] = await boxes(locator);
  if (first === undefined) throw new Error('The page has no such element.');
  return first;
}

describe.each(NARROW_WIDTHS)('at a width of %i px', (width) => {
  it.each(['explain', 'layer', 'summary'] as const)('shows the whole width of the %s page', async (name) => {
    const page = await { explain: openExplain, layer: openLayer, summary: openSummary }[name]({ width });
    await screenshot(page, `${name}-${width}`);
    const cutOff = await page.evaluate(() =>
      [...document.querySelectorAll('main *')]
        .filter(
          (element) => element.closest('.table-frame, .stage-frame, .combobox ul, svg, [hidden]') === null,
        )
        .filter((element) => element.getBoundingClientRect().right > window.innerWidth + 0.5)
        .map((element) => `${element.tagName} ${element.className}`),
    );
    expect(cutOff).toEqual([]);
  });

  it('shows the warnings of the layer table without scrolling', async () => {
    const page = await openSummary({ width });
    const frame = await box(page.locator('.table-frame'));
    const remarks = await boxes(page.locator('.remark'));
    expect(remarks.length).toBeGreaterThan(1);
    for (const remark of remarks) expect(remark.right).toBeLessThanOrEqual(frame.right);
  });

  it('shows the text of an error beside its icon', async () => {
    const error: LayerglassError = {
      kind: 'not-a-model',
      message: 'notes.keras is text.',
      remedy: 'Save it once more.',
    };
    const { page } = await openPage('summary', { ready: () => ({ ok: false, error }) }, { width });
    await page.locator('.message-text').waitFor();
    const icon = await box(page.locator('.message > .icon'));
    const text = await box(page.locator('.message-text'));
    expect(text.left).toBeGreaterThan(icon.right);
    expect(text.top).toBeLessThan(icon.bottom);
  });

  it('begins no line of the details with a separator', async () => {
    const page = await openSummary({ width });
    const list = page.locator('.model-header .details');
    const { left } = await box(list);
    const facts = await boxes(list.locator('> *'));
    // Each line begins with a fact at the edge; the separator to its left is clipped.
    const tops = new Set(facts.map(({ top }) => Math.round(top)));
    const atEdge = facts.filter((fact) => Math.abs(fact.left - left) < 1);
    expect(tops.size).toBeGreaterThan(1);
    expect(atEdge).toHaveLength(tops.size);
    expect(await list.evaluate((element) => getComputedStyle(element).overflowX)).toBe('clip');
    const separator = await list
      .locator('> *')
      .last()
      .evaluate((element) => {
        const { position, right } = getComputedStyle(element, '::before');
        return { position, isBefore: Number.parseFloat(right) >= element.clientWidth };
      });
    expect(separator).toEqual({ position: 'absolute', isBefore: true });
  });
});

it('wraps the terms of the statistics before their numbers', async () => {
  const page = await openLayer({ width: 382 });
  const heights = (selector: string) =>
    page.locator(`.statistics ${selector}`).evaluateAll((cells) => cells.map((cell) => cell.clientHeight));
  const [term = 0] = await heights('tr:has-text("Standard deviation") th');
  const [shape = 0] = await heights('tr:has-text("Shape") td');
  expect(shape).toBeLessThan(term);
  await page.setViewportSize({ width: 500, height: 800 });
  expect(await heights('tr:has-text("Standard deviation") th')).toEqual(
    await heights('tr:has-text("Shape") th'),
  );
});

it('ends a long name on a button with an ellipsis inside the button', async () => {
  const page = await openExplain(undefined, binaryExplanation(0), ['random, seed 1', 'random, seed 1']);
  const button = page.getByRole('button', { name: 'Input: random, seed 1, random, seed 1' });
  const gaps = await page.locator('vscode-button[aria-label^="Input:"]').evaluate((element) => {
    const control = element.shadowRoot?.querySelector('[part=control]')?.getBoundingClientRect();
    const content = element.shadowRoot?.querySelector('[part=content]');
    const inner = content?.getBoundingClientRect();
    if (!content || !control || !inner) throw new Error('The button of the toolkit has other parts.');
    return {
      left: inner.left - control.left,
      right: control.right - inner.right,
      // Only a block can end with an ellipsis.
      ending: `${getComputedStyle(content).display} ${getComputedStyle(content).textOverflow}`,
    };
  });
  expect(await button.count()).toBe(1);
  expect(gaps.left).toBeGreaterThanOrEqual(10);
  expect(gaps.right).toBeGreaterThanOrEqual(10);
  expect(gaps.ending).toBe('block ellipsis');
});

it('makes the colour bar as wide as the map where no NaN is beside it', async () => {
  const page = await openExplain({ width: 400 });
  const map = await box(page.locator('.stage'));
  const bar = await box(page.locator('.legend-bar'));
  expect(Math.abs(bar.right - map.right)).toBeLessThanOrEqual(1);
});

it('scrolls the crosshair into view when the keyboard moves it along a strip', async () => {
  const length = 3000;
  const long = {
    ...sequenceExplanation(),
    inputImage: null,
    inputKey: null,
    inputKnown: false,
    inputValues: floats([length, 4], (i) => i % 2),
    displayMap: floats([length], (i) => i / length),
    rawMap: floats([length], (i) => i / length),
    map: { shape: [length], min: 0, max: 1, top: 1 },
  };
  const page = await openExplain(undefined, long);
  await page.locator('.stage.strip').focus();
  const frame = await box(page.locator('.stage-frame'));
  for (const key of ['ArrowRight', 'End', 'Home']) {
    await page.keyboard.press(key);
    const crosshair = await box(page.locator('.crosshair.column'));
    expect(crosshair.left, key).toBeGreaterThanOrEqual(frame.left - 1);
    expect(crosshair.right, key).toBeLessThanOrEqual(frame.right + 1);
  }
});

describe.each(THEME_NAMES)('in the %s theme', (theme) => {
  it('gives warnings a contrast of at least 4.5 to 1', async () => {
    const page = await openSummary({ theme });
    const colours = await page
      .locator('.remark')
      .first()
      .evaluate((element) => [
        getComputedStyle(element).color,
        getComputedStyle(document.body).backgroundColor,
      ]);
    expect(contrast(colours[0] ?? '', colours[1] ?? '')).toBeGreaterThanOrEqual(4.5);
  });

  it('distinguishes the filled part of the progress bar from the rest', async () => {
    const { page, tell } = await openPage(
      'explain',
      { ready: () => ok(explainContext()), explain: () => new Promise(() => undefined) },
      { theme },
    );
    await page.locator('.progress:not(.idle)').waitFor();
    await tell('progress', { fraction: 0.5, message: 'Computing wide' });
    await page.getByText('Computing wide').waitFor();
    const colours = await page.locator('.progress').evaluate((element) => {
      const of = (selector: string) => {
        const part = element.querySelector(selector);
        return part === null ? '' : getComputedStyle(part).backgroundColor;
      };
      return { filled: of('.progress-filled'), track: of('.progress-track') };
    });
    expect(colours.filled).not.toBe(colours.track);
  });
});

/** The contrast ratio of two opaque colours, `rgb(r, g, b)`, as WCAG 2 defines it. */
function contrast(one: string, other: string): number {
  const luminance = (colour: string) => {
    const [r = 0, g = 0, b = 0] = (colour.match(/[\d.]+/g) ?? []).map((text) => {
      const share = Number(text) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}
