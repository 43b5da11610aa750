// Covers the whole explain page, so that one browser serves all of its tests; hence longer than 400 lines.

import { describe, expect, it } from 'vitest';
import { ok, type Result } from '../../src/shared/errors';
import { changedChoice } from '../../src/shared/explainChoice';
import type { Explanation } from '../../src/shared/explanation';
import { coloursFor, colourTable, NAN_COLOUR } from '../../src/shared/maps/colourMaps';
import { displayMap } from '../../src/shared/maps/displayMap';
import { METHOD_IDS, METHODS } from '../../src/shared/methods';
import { type Mark, now } from '../../src/shared/timeLine';
import type { ExplainChoice, ExplainContext } from '../../src/shared/view';
import { binaryExplanation, explainContext, floats, sequenceExplanation, softmaxExplanation } from './canned';
import {
  canvasPixel,
  type FakeHost,
  horizontalOverflow,
  type OpenPage,
  type PageOptions,
  savedState,
  screenshot,
  visibleText,
} from './pageHarness';
import { THEME_NAMES } from './themes';
import { usePages } from './usePages';

const MAP = '.map-canvas';

describe('explain page', () => {
  const openPage = usePages();

  interface HostOptions extends Omit<FakeHost<'explain'>, 'explain'> {
    readonly context?: ExplainContext;
    /** @param requested the host's choice, with the target that is explained */
    readonly explain?: (
      requested: ExplainChoice,
      knownInput: string | null,
    ) => Result<Explanation> | Promise<Result<Explanation>>;
  }
  /** Explains the requested class of the sigmoid. */
  const explainEitherClass: HostOptions['explain'] = ({ target }) =>
    ok(
      target.index === 1 && !target.negative
        ? { ...binaryExplanation(1), map: { shape: [4, 4], min: 0, max: 0.1, top: 0.1 } }
        : binaryExplanation(0),
    );
  /** The requests for explanations to the last host, in order. */
  let requests: ExplainChoice[] = [];
  /** A host that keeps the choice, as the extension does. */
  const host = (options: HostOptions = {}): FakeHost<'explain'> => {
    const { context: initial = explainContext(), explain = explainEitherClass, ...overrides } = options;
    let context = initial;
    requests = [];
    return {
      ready: () => ok(context),
      change: (change) => {
        context = { ...context, choice: changedChoice(context.choice, change) };
        return context.choice;
      },
      explain: (knownInput, compared) => {
        const requested = { ...context.choice, target: compared?.target ?? context.choice.target };
        requests.push(requested);
        return explain(requested, knownInput);
      },
      cancel: () => undefined,
      showLog: () => undefined,
      retry: () => undefined,
      ...overrides,
    };
  };
  const openExplain = (fakeHost = host(), options?: PageOptions) => openPage('explain', fakeHost, options);
  /** Opens the page and waits for its first explanation. */
  const openExplained = async (fakeHost?: FakeHost<'explain'>) => {
    const opened = await openExplain(fakeHost);
    await opened.page.getByRole('status').filter({ hasText: 'of class' }).waitFor();
    return opened;
  };
  const setOpacity = async ({ page }: OpenPage, percent: number) =>
    page.getByLabel('Opacity').fill(String(percent));

  it.each(THEME_NAMES)('renders without errors in the %s theme', async (theme) => {
    const { page } = await openExplain(host(), { theme });
    await page.getByText('Grad-CAM of class 0 (cat)').waitFor();
    await page.locator('.stage').hover({ position: { x: 120, y: 140 } });
    await screenshot(page, `explain-${theme}`);
  });

  it('says once what it reached before the first map was painted', async () => {
    const painted: (readonly Mark[])[] = [];
    const before = now();
    const { page } = await openExplained(host({ painted: (marks) => void painted.push(marks) }));
    await expect.poll(() => painted).toHaveLength(1);
    const [marks = []] = painted;
    expect(marks.map(({ name }) => name)).toEqual([
      'page: document',
      'page: script',
      'page: context',
      'page: explanation',
      'page: painted',
    ]);
    const times = marks.map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    // Of the same clock as in other processes.
    expect(times.every((time) => Math.abs(time - before) < 60_000)).toBe(true);
    await page.getByRole('row', { name: /dog/ }).click();
    await expect.poll(() => requests.length).toBe(2);
    await page.locator('.content[aria-busy=false]').waitFor();
    expect(painted).toHaveLength(1);
  });

  it('shows the input alone at opacity 0 and the map alone at 100', async () => {
    const opened = await openExplained();
    await setOpacity(opened, 0);
    // Red is 4 x and green 4 y in the canned image.
    expect(await canvasPixel(opened.page, MAP, 10, 20)).toEqual([40, 80, 90]);
    await setOpacity(opened, 100);
    const table = colourTable('viridis');
    const { data } = binaryExplanation(0).displayMap;
    const heat = new Float32Array(Uint8Array.from(Buffer.from(data, 'base64')).buffer);
    for (const [x, y] of [
      [19, 19],
      [0, 63],
      [40, 30],
    ] as const) {
      const row = Math.round((heat[y * 64 + x] ?? 0) * 255) * 3;
      expect(await canvasPixel(opened.page, MAP, x, y)).toEqual([...table.subarray(row, row + 3)]);
    }
  });

  it('makes the map at the size of the input where the server left that to it', async () => {
    const base = binaryExplanation(0);
    const small = { shape: [4, 4], values: Float32Array.from({ length: 16 }, (_, i) => i - 2) };
    const rawMap = floats([4, 4], (i) => small.values[i] ?? 0);
    for (const display of ['positive', 'signed'] as const) {
      const table = colourTable(coloursFor(display, 'viridis'));
      const left = { ...base, display, rawMap, displayMap: { shape: [64, 64], data: null } };
      const opened = await openExplained(host({ explain: () => ok(left) }));
      await setOpacity(opened, 100);
      const { values } = displayMap(small, [64, 64], display);
      for (const [x, y] of [
        [0, 0],
        [19, 19],
        [63, 40],
      ] as const) {
        const row = Math.round((values[y * 64 + x] ?? 0) * 255) * 3;
        expect(await canvasPixel(opened.page, MAP, x, y)).toEqual([...table.subarray(row, row + 3)]);
      }
    }
  });

  it('blends image and map by the opacity, which the arrow keys change', async () => {
    const opened = await openExplained();
    const opacity = opened.page.getByLabel('Opacity');
    await opacity.focus();
    await opened.page.keyboard.press('End');
    const map = await canvasPixel(opened.page, MAP, 19, 19);
    await opened.page.keyboard.press('Home');
    const image = await canvasPixel(opened.page, MAP, 19, 19);
    for (let i = 0; i < 5; i += 1) await opened.page.keyboard.press('ArrowRight');
    expect(await opacity.inputValue()).toBe('25');
    // An export from the command palette must look like the page.
    expect(opened.calls.findLast(({ name }) => name === 'change')?.args[0]).toEqual({ opacity: 0.25 });
    const mixed = image.map((below, i) => Math.round(below * 0.75 + (map[i] ?? 0) * 0.25));
    expect(await canvasPixel(opened.page, MAP, 19, 19)).toEqual(mixed);
  });

  it('draws another colour map without a request', async () => {
    const opened = await openExplained();
    await setOpacity(opened, 100);
    const before = opened.calls.filter(({ name }) => name === 'explain').length;
    await opened.page.getByLabel('Colours').selectOption('inferno');
    const table = colourTable('inferno');
    const heat = binaryExplanation(0).displayMap;
    const value = Buffer.from(heat.data, 'base64').readFloatLE((19 * 64 + 19) * 4);
    const row = Math.round(value * 255) * 3;
    expect(await canvasPixel(opened.page, MAP, 19, 19)).toEqual([...table.subarray(row, row + 3)]);
    expect(await canvasPixel(opened.page, '.legend-bar', 255, 0)).toEqual([...table.subarray(765, 768)]);
    expect(opened.calls.filter(({ name }) => name === 'explain')).toHaveLength(before);
  });

  it('labels the legend with values of the raw map', async () => {
    const { page } = await openExplained();
    expect(await visibleText(page.locator('.legend-ticks'))).toMatch(/0\s+1\.609\s+3\.217/);
    expect(await visibleText(page.locator('.legend-range'))).toBe('Map 0.0123 to 3.217, 4 x 4');
  });

  it('shows NaN and infinities as such, and draws NaN in a colour of its own', async () => {
    const base = binaryExplanation(0);
    const [nan, inf] = [Number.NaN, Number.POSITIVE_INFINITY];
    const broken = {
      ...base,
      predictions: [
        { index: 0, label: 'cat', logit: inf, probability: 1 },
        { index: 1, label: 'dog', logit: -inf, probability: nan },
      ],
      map: { shape: [4, 4], min: -inf, max: inf, top: 2 },
      notices: ['Layer "conv" is the first to give NaN: its weights hold NaN.'],
      rawMap: floats([4, 4], (i) => [nan, inf, -inf, 1][i % 4] ?? 0),
      displayMap: floats([64, 64], (i) => [nan, 1, 0, 0.5][Math.floor((i % 64) / 16)] ?? 0),
    };
    const opened = await openExplained(host({ explain: () => ok(broken) }));
    await setOpacity(opened, 100);
    const { page } = opened;
    const table = colourTable('viridis');
    expect(await canvasPixel(page, MAP, 3, 3)).toEqual([...NAN_COLOUR]);
    expect(await canvasPixel(page, MAP, 20, 3)).toEqual([...table.subarray(765, 768)]);
    expect(await visibleText(page.locator('.legend-nan'))).toBe('NaN');
    expect(await canvasPixel(page, '.legend-swatch', 0, 0)).toEqual([...NAN_COLOUR]);
    expect(await visibleText(page.locator('.legend-range'))).toBe('Map -∞ to +∞, 4 x 4');
    expect(await visibleText(page.locator('.legend-ticks'))).toMatch(/0\s+1\s+2/);
    const rows = page.locator('.predictions tbody tr');
    expect(await visibleText(rows.nth(0))).toContain('+∞');
    expect(await visibleText(rows.nth(1))).toMatch(/-∞\s+NaN/);
    await page.getByText('Layer "conv" is the first to give NaN').waitFor();
    const readout = page.locator('.readout');
    await page.locator('.stage').focus();
    for (const value of ['NaN', '+∞', '-∞', '1 (50 % of the largest)']) {
      await page.keyboard.press(value === 'NaN' ? 'Home' : 'Shift+ArrowRight');
      expect(await visibleText(readout)).toContain(`Map ${value}`);
    }
    for (const theme of THEME_NAMES) {
      await opened.setTheme(theme);
      await screenshot(page, `explain-nan-${theme}`);
    }
  });

  it('offers a single sigmoid as two classes, and does not round its probability to 1', async () => {
    const opened = await openExplained();
    const rows = opened.page.locator('.predictions tbody tr');
    expect(await rows.count()).toBe(2);
    expect(await visibleText(rows.nth(0))).toContain('1 - 8.3e-8');
    expect(await visibleText(rows.nth(1))).toContain('8.3e-8');
    expect(await rows.nth(0).getAttribute('aria-current')).toBe('true');
    await rows.nth(1).click();
    await opened.page.getByText('of class 1 (dog)').waitFor();
    expect(await rows.nth(1).getAttribute('aria-current')).toBe('true');
    expect(await rows.nth(0).getAttribute('aria-current')).toBeNull();
    expect(requests.at(-1)?.target).toEqual({ index: 1, score: 'logit', output: 0, negative: false });
    await rows.nth(0).click();
    await opened.page.getByText('of class 0 (cat)').waitFor();
    expect(requests.at(-1)?.target).toMatchObject({ index: 0, negative: true });
  });

  it('treats an output of shape (None, 2, 1) as two units, not as the classes of a sigmoid', async () => {
    const context = explainContext();
    const outputs = [{ name: 'each', shape: [null, 2, 1], dtype: 'float32' }];
    const opened = await openExplained(
      host({
        context: { ...context, summary: { ...context.summary, outputs } },
        explain: () => ok({ ...binaryExplanation(1), binary: false }),
      }),
    );
    await opened.page.locator('.predictions tbody tr').nth(0).click();
    await expect.poll(() => requests.at(-1)).toMatchObject({ target: { index: 0, negative: false } });
    expect(await opened.page.getByText('Compare both classes').isVisible()).toBe(false);
  });

  it('compares both classes side by side and still exports and restores the main one', async () => {
    const opened = await openExplained();
    await opened.page.getByText('Compare both classes').click();
    await opened.page.locator('.compared').nth(1).getByText('Class 1 (dog)').waitFor();
    await opened.page.locator('.compared').nth(2).getByText('Difference').waitFor();
    expect(await opened.page.locator(`${MAP}:visible`).count()).toBe(3);
    const ticks = opened.page.locator('.legend-ticks');
    expect(await visibleText(ticks.nth(0))).toMatch(/1\.609\s+3\.217/);
    expect(await visibleText(ticks.nth(1))).toMatch(/0\.05\s+0\.1/);
    expect(await visibleText(ticks.nth(2))).toMatch(/-[\d.]+\s+0\s+[\d.]+/);
    await opened.page.locator('main > .content:not(.outdated)').waitFor();
    expect(requests.map(({ target }) => target.index)).toEqual(['auto', 1]);
    expect(await savedState(opened.page)).toMatchObject({ target: { index: 'auto' }, compare: true });
    await screenshot(opened.page, 'explain-compare');
    // A reload restores both.
    await opened.page.reload();
    await opened.page.locator('.compared').nth(1).getByText('Class 1 (dog)').waitFor();
  });

  it('names the class in a notice about the second of two maps', async () => {
    const opened = await openExplained(
      host({
        explain: ({ target }: ExplainChoice) =>
          ok(
            target.index === 1
              ? { ...binaryExplanation(1), notices: ['No positive evidence for this target at this layer.'] }
              : { ...binaryExplanation(0), notices: [] },
          ),
      }),
    );
    await opened.page.getByText('Compare both classes').click();
    await opened.page
      .getByText('Class 1 (dog): No positive evidence for this target at this layer.')
      .waitFor();
  });

  it('offers no choice of an input for a model without inputs', async () => {
    const context = explainContext({ inputs: [] });
    const { page } = await openExplain(
      host({
        context: { ...context, summary: { ...context.summary, inputs: [] }, inputNames: [] },
      }),
    );
    await page.getByText('This model takes no inputs').waitFor();
    expect(await page.getByRole('button', { name: 'Choose Input…' }).isVisible()).toBe(false);
  });

  it('makes predictions, layers and the map accessible by keyboard', async () => {
    const { page } = await openExplained(
      host({ explain: ({ target }) => ok(softmaxExplanation(target.index === 285 ? 1 : 0)) }),
    );
    await page.locator('tr[aria-current=true]').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByText('class 285 (Egyptian cat)').waitFor();
    expect(requests.at(-1)?.target.index).toBe(285);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-current'))).toBe('true');

    await page.getByRole('combobox', { name: 'Layer', exact: true }).focus();
    await page.keyboard.press('ArrowDown');
    expect(
      await visibleText(
        page.getByRole('listbox', { name: 'Layer', exact: true }).getByRole('option').first(),
      ),
    ).toContain('auto (vgg16/block5_conv3)');
    await page.keyboard.type('block1');
    expect(await page.getByRole('listbox', { name: 'Layer', exact: true }).getByRole('option').count()).toBe(
      1,
    );
    await screenshot(page, 'explain-layer-list');
    await page.keyboard.press('Enter');
    await expect.poll(() => requests.at(-1)?.layer).toBe('vgg16/block1_conv1');

    await page.locator('.stage').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Shift+ArrowRight');
    const readout = page.locator('.readout').first();
    expect(await visibleText(readout)).toMatch(/Position x 16, y 31/);
    expect(await visibleText(readout)).toMatch(/Cell about 1, 1 of 4 x 4/);
    await page.keyboard.press('Escape');
    expect(await visibleText(readout)).toContain('Point at the map');
  });

  it('shows the values of the map and the input under the pointer', async () => {
    const { page } = await openExplained();
    const box = await page.locator('.stage').boundingBox();
    if (box === null) throw new Error('no map');
    await page.mouse.move(box.x + (20.5 / 64) * box.width, box.y + (4.5 / 64) * box.height);
    const text = await visibleText(page.locator('.readout').first());
    expect(text).toContain('x 20, y 4');
    expect(text).toContain('Cell about 1, 0 of 4 x 4');
    expect(text).toMatch(/Map \d/);
    expect(text).toMatch(/Input 0\.\d+, 0\.\d+, 0\.\d+/);
  });

  it('ignores the result of an outdated request', async () => {
    const pending: ((value: unknown) => void)[] = [];
    const opened = await openExplain(
      host({
        explain: ({ layer }: ExplainChoice) =>
          new Promise((settle) => pending.push(() => settle(ok(explanationAt(layer))))),
      }),
    );
    await expect.poll(() => pending.length).toBe(1);
    const layer = opened.page.getByRole('combobox', { name: 'Layer', exact: true });
    await layer.click();
    await opened.page.getByRole('option', { name: 'block1_conv1' }).click();
    await expect.poll(() => pending.length).toBe(2);
    pending[1]?.(undefined);
    await opened.page.getByText('at vgg16/block1_conv1').waitFor();
    pending[0]?.(undefined);
    await opened.page.waitForTimeout(100);
    expect(await visibleText(opened.page.locator('.sentence'))).toContain('at vgg16/block1_conv1');
  });

  it('dims the old map while a new one is computed, and shows its progress and a button to cancel', async () => {
    let settle: ((value: Result<Explanation>) => void) | undefined;
    let count = 0;
    const opened = await openExplained(
      host({
        explain: () => {
          count += 1;
          if (count === 1) return ok(binaryExplanation(0));
          return new Promise((done) => {
            settle = done;
          });
        },
      }),
    );
    await opened.page.getByLabel('Method').selectOption('saliency');
    await opened.page.locator('main > .content.outdated').waitFor();
    await opened.tell('progress', { fraction: 0.42, message: 'Backward: block3_conv2' });
    await opened.page.getByText('Backward: block3_conv2').waitFor();
    expect(await opened.page.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('42');
    expect(await opened.page.locator(MAP).first().isVisible()).toBe(true);
    await screenshot(opened.page, 'explain-busy');
    await opened.page.getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => opened.calls.some(({ name }) => name === 'cancel')).toBe(true);
    settle?.({ ok: false, error: { kind: 'cancelled', message: 'Cancelled.' } });
    await opened.page.getByText('Cancelled').waitFor();
    // Saliency explains at the input: there is no layer to choose.
    expect(await opened.page.getByRole('combobox', { name: 'Layer', exact: true }).isDisabled()).toBe(true);
    expect(await opened.page.locator('main > .content.outdated').count()).toBe(0);
  });

  it('offers every method of the table of methods', async () => {
    const { page } = await openExplained();
    const options = page.getByLabel('Method').locator('option');
    expect(await options.evaluateAll((all) => all.map((one) => one.getAttribute('value')))).toEqual(
      METHOD_IDS,
    );
    expect(await options.allTextContents()).toEqual(METHOD_IDS.map((id) => METHODS[id].label));
  });

  it('offers attention layers for attention, and a head by number or by name', async () => {
    const base = explainContext({ method: 'attention' });
    const layers = {
      defaultLayer: 'dense',
      attentionLayers: ['heads0', 'heads1'],
      layers: ['heads0', 'heads1', 'dense'].map((path) => ({ path, shape: [null, 8, 8] })),
    };
    const { page } = await openExplained(host({ context: { ...base, layers } }));
    const combobox = page.getByRole('combobox', { name: 'Layer', exact: true });
    expect(await combobox.inputValue()).toBe('auto (heads1)');
    await combobox.click();
    const listed = page.getByRole('listbox').getByRole('option');
    expect(await listed.filter({ hasText: /heads|dense/ }).count()).toBe(3);
    expect(await listed.filter({ hasText: 'dense' }).count()).toBe(0);
    await page.keyboard.press('Escape');

    const head = page.getByLabel('head');
    expect(await head.inputValue()).toBe('mean');
    await head.fill('1');
    await head.press('Enter');
    await expect.poll(() => requests.at(-1)?.options).toEqual({ head: 1 });
    await page.getByLabel('query').fill('mean');
    await page.getByLabel('query').press('Enter');
    await expect.poll(() => requests.at(-1)?.options).toEqual({ head: 1, query: 'mean' });
    const asked = requests.length;
    await page.getByLabel('head').fill('first');
    await page.getByLabel('head').press('Enter');
    expect(await page.getByLabel('head').evaluate((box: HTMLInputElement) => box.validity.valid)).toBe(false);
    expect(requests.length).toBe(asked);
    await screenshot(page, 'explain-attention');
  });

  it('saves its choices and restores colour map and opacity after a reload', async () => {
    const opened = await openExplained();
    await setOpacity(opened, 80);
    await opened.page.getByLabel('Colours').selectOption('magma');
    await opened.page.getByLabel('Method').selectOption('saliency');
    await expect
      .poll(() => savedState(opened.page))
      .toMatchObject({ colourMap: 'magma', opacity: 0.8, method: 'saliency' });
    await opened.page.reload();
    await opened.page.getByText('Grad-CAM of class 0').waitFor();
    expect(await opened.page.getByLabel('Colours').inputValue()).toBe('magma');
    expect(await opened.page.getByLabel('Opacity').inputValue()).toBe('80');
  });

  it('states what went wrong and the remedy, and tries again', async () => {
    let broken = true;
    const { page, calls } = await openExplain(
      host({
        explain: () =>
          broken
            ? {
                ok: false,
                error: {
                  kind: 'bad-input',
                  message: 'cat.png has 2 channels, but "image" takes 3.',
                  remedy: 'Choose an RGB image.',
                },
              }
            : ok(binaryExplanation(0)),
      }),
    );
    const alert = page.getByRole('alert');
    await alert.getByText('cat.png has 2 channels').waitFor();
    await alert.getByText('Choose an RGB image.').waitFor();
    await screenshot(page, 'explain-error');
    // The same image would fail in the same way.
    const again = page.locator('vscode-button', { hasText: 'Try Again' });
    expect(await again.getAttribute('appearance')).toBe('secondary');
    await alert.getByRole('button', { name: 'Show Log' }).click();
    await expect.poll(() => calls.some(({ name }) => name === 'showLog')).toBe(true);
    broken = false;
    await alert.getByRole('button', { name: 'Try Again' }).click();
    await page.getByText('Grad-CAM of class 0').waitFor();
    expect(await alert.count()).toBe(0);
  });

  it('receives the input once and draws every further map over it', async () => {
    const knownInputs: unknown[] = [];
    const { page } = await openExplain(
      host({
        explain: (choice: ExplainChoice, knownInput: string | null) => {
          knownInputs.push(knownInput);
          const whole = binaryExplanation(choice.target.index === 1 ? 1 : 0);
          return ok(
            knownInput === null ? whole : { ...whole, inputKnown: true, inputImage: null, inputValues: null },
          );
        },
      }),
    );
    await page.getByText('of class 0').waitFor();
    const before = await canvasPixel(page, MAP, 3, 3);
    await page.locator('.predictions tbody tr', { hasText: 'dog' }).click();
    await page.getByText('of class 1').waitFor();
    await page.locator('.predictions tbody tr', { hasText: 'cat' }).click();
    await page.getByText('of class 0').waitFor();
    expect(knownInputs).toEqual([null, 'cat.png', 'cat.png']);
    expect(await canvasPixel(page, MAP, 3, 3)).toEqual(before);
  });

  it('gets the values of an image when somebody points at it, once for an input', async () => {
    const asked: number[] = [];
    const { inputValues } = binaryExplanation(0);
    const { page } = await openExplain(
      host({
        explain: (choice: ExplainChoice) =>
          ok({ ...binaryExplanation(choice.target.index === 1 ? 1 : 0), inputValues: null }),
        inputValues: (input: number) => {
          asked.push(input);
          return ok(inputValues);
        },
      }),
    );
    await page.getByText('of class 0').waitFor();
    expect(asked).toEqual([]);
    const readout = page.locator('.readout').first();
    await page.locator(MAP).hover();
    await expect.poll(() => visibleText(readout)).toMatch(/Input 0\.\d+, 0\.\d+, 0\.\d+/);
    await page.locator('.predictions tbody tr', { hasText: 'dog' }).click();
    await page.getByText('of class 1').waitFor();
    await page.locator(MAP).hover();
    await expect.poll(() => visibleText(readout)).toMatch(/Input 0\.\d+, 0\.\d+, 0\.\d+/);
    expect(asked).toEqual([0]);
  });

  it('makes a costly run only when the user insists', async () => {
    let insisted = false;
    const { page } = await openExplain(
      host({
        explain: () =>
          insisted
            ? ok(binaryExplanation(0))
            : {
                ok: false,
                error: { kind: 'too-costly', message: 'A run of pool.keras would take about 3 hours.' },
              },
        retry: (insist: boolean) => {
          insisted = insist;
        },
      }),
    );
    const alert = page.getByRole('alert');
    await alert.getByText('would take about 3 hours').waitFor();
    // A question, not an error.
    expect(await alert.locator('.icon').isVisible()).toBe(false);
    await screenshot(page, 'explain-costly');
    await alert.getByRole('button', { name: 'Run Anyway' }).click();
    await page.getByText('Grad-CAM of class 0').waitFor();
  });

  it('reports that the server is down, and recovers with a new context', async () => {
    let target: 0 | 1 = 0;
    const opened = await openExplained(host({ explain: () => ok(binaryExplanation(target)) }));
    await opened.tell('serverDown', {
      kind: 'closed',
      message: 'The analysis server stopped.',
      remedy: 'It is being restarted.',
    });
    await opened.page.getByRole('alert').getByText('The analysis server stopped.').waitFor();
    expect(await opened.page.locator(MAP).first().isVisible()).toBe(true);
    target = 1;
    await opened.tell('setContext', explainContext({ target: { index: target } }));
    await opened.page.getByText('of class 1 (dog)').waitFor();
    expect(await opened.page.getByRole('alert').count()).toBe(0);
  });

  it('offers the choice of an input when there is none', async () => {
    const opened = await openExplain(
      host({
        context: { ...explainContext({ inputs: [] }), inputNames: [] },
        pickInput: () => explainContext(),
      }),
    );
    await opened.page.getByText('No prediction is explained yet.').waitFor();
    await screenshot(opened.page, 'explain-empty');
    expect(opened.calls.some(({ name }) => name === 'explain')).toBe(false);
    await opened.page.getByRole('button', { name: 'Choose Input…' }).click();
    await opened.page.getByText('Grad-CAM of class 0').waitFor();
  });

  it('exports the formats of the chosen menu item', async () => {
    const opened = await openExplained(
      host({
        exportMap: (formats) => ok(formats.map((format) => `/out/cat.${format}`)),
      }),
    );
    await opened.page.getByRole('button', { name: 'Export' }).focus();
    await opened.page.keyboard.press('Enter');
    await screenshot(opened.page, 'explain-export');
    await opened.page.keyboard.press('End');
    await opened.page.keyboard.press('ArrowUp');
    await opened.page.keyboard.press('Enter');
    await opened.page.getByText('Exported /out/cat.map.png').waitFor();
    expect(opened.calls.at(-1)?.args[0]).toEqual([
      'map.png',
      'overlay.png',
      'side-by-side.png',
      'svg',
      'npy',
    ]);
    await opened.page.getByRole('button', { name: 'Export' }).click();
    await opened.page.getByRole('menuitem', { name: 'Raw map (NPY)' }).click();
    await expect.poll(() => opened.calls.at(-1)?.args[0]).toEqual(['npy']);
  });

  it('switches the evidence and the score of a class', async () => {
    const { page } = await openExplained(host({ explain: () => ok(softmaxExplanation()) }));
    await page.getByText('Probability', { exact: true }).last().click();
    await expect.poll(() => requests.at(-1)?.target.score).toBe('probability');
    await page.getByText('Against', { exact: true }).click();
    await expect.poll(() => requests.at(-1)?.target.negative).toBe(true);
    await page.getByText('Compare both classes').waitFor({ state: 'hidden' });
  });

  it('accepts any class of the output as target, found by its number', async () => {
    const { page } = await openExplained(host({ explain: () => ok(softmaxExplanation()) }));
    const box = page.getByRole('combobox', { name: 'Another class' });
    await box.click();
    await box.fill('class 974');
    await page.keyboard.press('Enter');
    await expect.poll(() => requests.at(-1)?.target.index).toBe(974);
    await page.getByRole('button', { name: 'Explain Predicted Class' }).click();
    await expect.poll(() => requests.at(-1)?.target.index).toBe('auto');
    await screenshot(page, 'explain-softmax');
  });

  it('draws a sequence of many channels as a strip', async () => {
    const opened = await openExplained(host({ explain: () => ok(sequenceExplanation()) }));
    await setOpacity(opened, 100);
    const table = colourTable('viridis');
    expect(await canvasPixel(opened.page, MAP, 42, 0)).toEqual([...table.subarray(765, 768)]);
    expect(await canvasPixel(opened.page, MAP, 42, 3)).toEqual([...table.subarray(765, 768)]);
    await setOpacity(opened, 50);
    await opened.page.locator('.stage').focus();
    await opened.page.keyboard.press('End');
    for (let i = 0; i < 120 - 1 - 42; i += 1) await opened.page.keyboard.press('ArrowLeft');
    // Cell 42 has the largest value; its receptive field is positions 42 and 43.
    const readout = await visibleText(opened.page.locator('.readout'));
    expect(readout).toContain('Position 42');
    expect(readout).toContain('Map 0.84 (100 % of the largest)');
    expect(readout).toContain('Cell 42 of 119');
    expect(readout).toContain('Receptive field 42 to 43');
    await screenshot(opened.page, 'explain-strip');
  });

  it('keeps the colours of the map when the theme changes', async () => {
    const opened = await openExplained();
    const before = await canvasPixel(opened.page, MAP, 19, 19);
    const background = () => opened.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(await background()).toBe('rgb(31, 31, 31)');
    await opened.setTheme('light');
    await expect.poll(background).toBe('rgb(255, 255, 255)');
    expect(await canvasPixel(opened.page, MAP, 19, 19)).toEqual(before);
  });

  it.each([
    ['age', 'age'],
    [null, 'output'],
  ])('shows neither classes nor probabilities for a regression (label %s)', async (label, shownName) => {
    const predictions = [{ index: 0, label, logit: 41.2, probability: null }];
    const target = { ...binaryExplanation(0).target, index: 0, label, probability: null };
    const sentence = 'Gradient saliency of the output, score 41.2, at x, 3 positions';
    const regression = { ...binaryExplanation(0), predictions, target, sentence, binary: false, units: 1 };
    const { page } = await openExplain(host({ explain: () => ok(regression) }));
    await page.getByText(sentence).waitFor();
    const table = page.getByRole('grid', { name: /^Predictions/ });
    expect(await visibleText(table)).toMatch(new RegExp(`^Output\\s+Value\\s+${shownName}\\s+41\\.2$`));
    expect(await table.getByRole('columnheader').count()).toBe(2);
    expect(await page.getByRole('group', { name: 'Score' }).isVisible()).toBe(false);
    expect(await page.getByRole('group', { name: 'Evidence' }).isVisible()).toBe(true);
    expect(await page.getByRole('button', { name: 'Class Names…' }).isVisible()).toBe(false);
    await screenshot(page, 'explain-regression');
  });

  it('shows neither probabilities nor a choice of the score where a classifier returns logits', async () => {
    const { predictions, target, ...rest } = softmaxExplanation();
    const logits = {
      ...{ ...rest, target: { ...target, probability: null } },
      predictions: predictions.map((one) => ({ ...one, probability: null })),
    };
    const { page } = await openExplained(host({ explain: () => ok(logits) }));
    const table = page.getByRole('grid', { name: /^Predictions/ });
    expect(await visibleText(table)).toMatch(/^Class\s+Value\s+281\s*tabby\s+11\.2/);
    expect(await page.getByRole('group', { name: 'Score' }).isVisible()).toBe(false);
  });

  it('reports an array that does not fit its shape', async () => {
    const broken = { ...binaryExplanation(0), displayMap: { ...floats([2], () => 0), shape: [64, 64] } };
    const { page } = await openExplain(host({ explain: () => ok(broken) }));
    await page.getByRole('alert').getByText('has 8 bytes instead of 16384').waitFor();
  });

  it('gives every control an accessible name', async () => {
    const { page } = await openExplained();
    const snapshot = await page.locator('main').ariaSnapshot();
    expect(snapshot).not.toMatch(/- (button|combobox|slider|checkbox|radio)(:|$)/m);
    expect(snapshot).toContain('button "Input: cat.png"');
  });

  it('fits into a narrow column', async () => {
    const { page } = await openExplain(host(), { width: 420, height: 900 });
    await page.getByText('Grad-CAM of class 0 (cat)').waitFor();
    expect(await horizontalOverflow(page)).toBeLessThanOrEqual(0);
    await screenshot(page, 'explain-narrow');
  });
});

function explanationAt(layer: string): Explanation {
  return { ...binaryExplanation(0), sentence: `Grad-CAM of class 0 (cat), at ${layer}` };
}
