import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type LayerglassError, ok } from '../../src/shared/errors';
import { changedChoice } from '../../src/shared/explainChoice';
import type { Explanation } from '../../src/shared/explanation';
import {
  binaryExplanation,
  explainContext,
  floats,
  layerChoice,
  layerValues,
  sequenceExplanation,
  summary,
} from './canned';
import { type FakeHost, type OpenPage, PageHarness, screenshot } from './pageHarness';
import { THEMES, type ThemeName } from './themes';

/** The width of a page in a window of 600 px beside the side bar, and in the narrowest editor that VS Code makes. */
const NARROW = [252, 220] as const;

let harness: PageHarness;
let open: OpenPage | undefined;

beforeAll(async () => {
  harness = await PageHarness.start();
}, 60_000);
afterAll(() => harness.stop());
afterEach(async () => {
  await open?.close();
  open = undefined;
});

interface Look {
  readonly theme?: ThemeName;
  readonly width?: number;
}

async function openSummary(look: Look = {}): Promise<Page> {
  const ready = () => ok({ fileName: 'cats.keras', notice: null, summary });
  open = await harness.open('summary', { ready, offersH5Web: () => false }, look);
  await open.page.getByRole('heading', { name: 'cats.keras' }).waitFor();
  return open.page;
}

async function openExplain(
  look: Look = {},
  explanation: Explanation = binaryExplanation(0),
  inputs?: string[],
) {
  const context = explainContext();
  const host: FakeHost<'explain'> = {
    ready: () => ok(inputs === undefined ? context : { ...context, inputNames: inputs }),
    explain: () => ok(explanation),
    change: (part) => changedChoice(context.choice, part),
  };
  open = await harness.open('explain', host, look);
  await open.page.locator('.content[aria-busy=false]').waitFor();
  return open.page;
}

async function openLayer(look: Look = {}): Promise<Page> {
  const host: FakeHost<'layer'> = {
    ready: () => ok({ choice: layerChoice, inputNames: ['cat.png'] }),
    values: () => ok(layerValues),
    tiles: () => ok({ width: 1, height: 1, total: 0, tiles: [] }),
  };
  open = await harness.open('layer', host, look);
  await open.page.locator('.content[aria-busy=false]').waitFor();
  return open.page;
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
  if (first === undefined) throw new Error('nothing is there');
  return first;
}

describe.each(NARROW)('in %i px', (width) => {
  it.each(['explain', 'layer', 'summary'] as const)('nothing of the %s page is cut off', async (name) => {
    const page = await { explain: openExplain, layer: openLayer, summary: openSummary }[name]({ width });
    await screenshot(page, `${name}-${width}`);
    const cut = await page.evaluate(() =>
      [...document.querySelectorAll('main *')]
        .filter(
          (element) => element.closest('.table-frame, .stage-frame, .combobox ul, svg, [hidden]') === null,
        )
        .filter((element) => element.getBoundingClientRect().right > window.innerWidth + 0.5)
        .map((element) => `${element.tagName} ${element.className}`),
    );
    expect(cut).toEqual([]);
  });

  it('warnings of the layer table are read without scrolling', async () => {
    const page = await openSummary({ width });
    const frame = await box(page.locator('.table-frame'));
    const remarks = await boxes(page.locator('.remark'));
    expect(remarks.length).toBeGreaterThan(1);
    for (const remark of remarks) expect(remark.right).toBeLessThanOrEqual(frame.right);
  });

  it('the words of an error stand beside its mark', async () => {
    const error: LayerglassError = {
      kind: 'not-a-model',
      message: 'notes.keras is text.',
      remedy: 'Save it once more.',
    };
    open = await harness.open('summary', { ready: () => ({ ok: false, error }) }, { width });
    await open.page.locator('.message-text').waitFor();
    const mark = await box(open.page.locator('.message > .icon'));
    const words = await box(open.page.locator('.message-text'));
    expect(words.left).toBeGreaterThan(mark.right);
    expect(words.top).toBeLessThan(mark.bottom);
  });

  it('no line of facts begins with the dot that parts them', async () => {
    const page = await openSummary({ width });
    const list = page.locator('.model-header .details');
    const { left } = await box(list);
    const facts = await boxes(list.locator('> *'));
    // Where a line begins, the fact itself is at the edge, and what hangs before it is cut off.
    const tops = new Set(facts.map(({ top }) => Math.round(top)));
    const atEdge = facts.filter((fact) => Math.abs(fact.left - left) < 1);
    expect(tops.size).toBeGreaterThan(1);
    expect(atEdge).toHaveLength(tops.size);
    expect(await list.evaluate((element) => getComputedStyle(element).overflowX)).toBe('clip');
    const dot = await list
      .locator('> *')
      .last()
      .evaluate((element) => {
        const { position, right } = getComputedStyle(element, '::before');
        return { position, isBefore: Number.parseFloat(right) >= element.clientWidth };
      });
    expect(dot).toEqual({ position: 'absolute', isBefore: true });
  });
});

it('the terms of the statistics break before their numbers do', async () => {
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

it('a long name on a button ends with dots inside of it', async () => {
  const page = await openExplain({}, binaryExplanation(0), ['random, seed 1', 'random, seed 1']);
  const button = page.getByRole('button', { name: 'Input: random, seed 1, random, seed 1' });
  const gaps = await page.locator('vscode-button[aria-label^="Input:"]').evaluate((element) => {
    const control = element.shadowRoot?.querySelector('[part=control]')?.getBoundingClientRect();
    const content = element.shadowRoot?.querySelector('[part=content]');
    const inner = content?.getBoundingClientRect();
    if (!content || !control || !inner) throw new Error('The toolkit has other parts.');
    return {
      left: inner.left - control.left,
      right: control.right - inner.right,
      // Only the text of a block ends with dots.
      ends: `${getComputedStyle(content).display} ${getComputedStyle(content).textOverflow}`,
    };
  });
  expect(await button.count()).toBe(1);
  expect(gaps.left).toBeGreaterThanOrEqual(10);
  expect(gaps.right).toBeGreaterThanOrEqual(10);
  expect(gaps.ends).toBe('block ellipsis');
});

it('the colour bar is as wide as the map where no NaN stands beside it', async () => {
  const page = await openExplain({ width: 400 });
  const map = await box(page.locator('.stage'));
  const bar = await box(page.locator('.legend-bar'));
  expect(Math.abs(bar.right - map.right)).toBeLessThanOrEqual(1);
});

it('the cross-hair that the keyboard moves along a strip comes into view', async () => {
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
  const page = await openExplain({}, long);
  await page.locator('.stage.strip').focus();
  const frame = await box(page.locator('.stage-frame'));
  for (const key of ['ArrowRight', 'End', 'Home']) {
    await page.keyboard.press(key);
    const hair = await box(page.locator('.crosshair.column'));
    expect(hair.left, key).toBeGreaterThanOrEqual(frame.left - 1);
    expect(hair.right, key).toBeLessThanOrEqual(frame.right + 1);
  }
});

describe.each(Object.keys(THEMES) as ThemeName[])('in the %s theme', (theme) => {
  it('warnings can be read: 4.5 to 1', async () => {
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

  it('the filled part of the progress bar is told from the rest', async () => {
    open = await harness.open(
      'explain',
      { ready: () => ok(explainContext()), explain: () => new Promise(() => undefined) },
      { theme },
    );
    const { page } = open;
    await page.locator('.progress:not(.idle)').waitFor();
    await open.tell('progress', { fraction: 0.5, message: 'Computing wide' });
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

/** WCAG's ratio of two opaque colours, `rgb(r, g, b)`. */
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
