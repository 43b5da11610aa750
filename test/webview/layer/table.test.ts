import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { ok } from '../../../src/shared/errors';
import type { TensorSlice } from '../../../src/shared/results/tensorSlice';
import type { TensorAxes } from '../../../src/shared/view';
import { channelMap, channelTiles, layerChannels, layerChoice, layerValues } from '../canned';
import { imageTrace } from '../cannedTraces';
import {
  type FakeHost,
  horizontalOverflow,
  type PageOptions,
  savedState,
  screenshot,
  visibleText,
} from '../pageHarness';
import { THEME_NAMES } from '../themes';
import { usePages } from '../usePages';
import { cannedUnit } from './cannedUnits';

const SHAPE = [1, 150, 40, 8];
const FIRST: TensorAxes = { rowAxis: 1, columnAxis: 2, at: [0, 0, 0, 0] };

/** Of a tensor in which each value is its index as a decimal number: 1.0120307 for the place 0, 12, 3, 7 of 1 + .... */
function slice(
  asked: TensorAxes | null,
  row: number,
  rows: number,
  column: number,
  columns: number,
): TensorSlice {
  const axes = asked ?? FIRST;
  const size = (axis: number | null) => (axis === null ? 1 : (SHAPE[axis] ?? 1));
  const at = (r: number, c: number) => {
    const index = axes.at.map((fixed, axis) =>
      axis === axes.rowAxis ? r : axis === axes.columnAxis ? c : fixed,
    );
    return Math.fround((index[1] ?? 0) + (index[2] ?? 0) / 100 + (index[3] ?? 0) / 10_000);
  };
  return {
    ...{ stage: 'post', stages: ['pre', 'post'], shape: SHAPE, dtype: 'float32', row, column, ...axes },
    axes: ['batch', 'height', 'width', 'channel'],
    values: Array.from({ length: Math.min(rows, size(axes.rowAxis) - row) }, (_, i) =>
      Array.from({ length: Math.min(columns, size(axes.columnAxis) - column) }, (__, k) =>
        at(row + i, column + k),
      ),
    ),
  };
}

describe('table of the layer page', () => {
  const openPage = usePages();
  const host = (overrides: FakeHost<'layer'> = {}): FakeHost<'layer'> => ({
    ready: () => ok({ choice: layerChoice, inputNames: ['cat.png'] }),
    values: () => ok(layerValues),
    trace: () => ok(imageTrace),
    openUnit: () => ok({ unit: cannedUnit, names: [] }),
    channels: () => ok(layerChannels),
    tiles: (_, __, channels) => ok(channelTiles(channels)),
    channelMap: (_, __, channel) => ok(channelMap(channel)),
    tensorSlice: (_, axes, row, rows, column, columns) => ok(slice(axes, row, rows, column, columns)),
    ...overrides,
  });
  const openTable = async (fakeHost = host(), options?: PageOptions) => {
    const opened = await openPage('layer', fakeHost, options);
    await opened.page.getByRole('tab', { name: 'Table' }).click();
    await opened.page.getByRole('table', { name: 'Values' }).waitFor();
    return opened;
  };
  const cells = async (page: Page, row: number) =>
    (await visibleText(page.getByRole('table', { name: 'Values' }).locator('tbody tr').nth(row))).split(
      /\s+/,
    );

  it('is reached with the arrow keys, asks for nothing before, and is chosen again after a reload', async () => {
    const { page, calls } = await openPage('layer', host());
    await page.getByRole('heading', { name: 'Statistics' }).waitFor();
    await page.getByRole('tab', { name: 'Values' }).focus();
    expect(calls.some(({ name }) => name === 'tensorSlice')).toBe(false);
    await page.keyboard.press('ArrowRight');
    const table = page.getByRole('table', { name: 'Values' });
    await table.waitFor();
    expect(await page.getByRole('tab', { selected: true }).textContent()).toBe('Table');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Table');
    expect(await page.getByRole('tabpanel').count()).toBe(1);
    expect(await savedState(page)).toMatchObject({ tab: 'table' });
    const asked = () => calls.filter(({ name }) => name === 'values').length;
    const before = asked();
    await page.reload();
    await table.waitFor();
    expect(asked()).toBe(before);
    await page.getByRole('tab', { name: 'Table' }).focus();
    await page.keyboard.press('Home');
    await page.getByRole('heading', { name: 'Statistics' }).waitFor();
  });

  it('shows exact values, a page at a time', async () => {
    const { page, calls } = await openTable();
    expect((await cells(page, 12)).slice(0, 4)).toEqual(['12', '12', '12.01', '12.02']);
    expect(calls.at(-1)?.args).toEqual(['post', null, 0, 100, 0, 32]);
    await page.getByText('Rows 0 to 99 of 150, columns 0 to 31 of 40; float32, 1 x 150 x 40 x 8').waitFor();
    await page.getByRole('button', { name: 'Next Rows' }).click();
    await page.getByText('Rows 100 to 149 of 150').waitFor();
    await page.getByRole('button', { name: 'Next Columns' }).click();
    await page.getByText('columns 32 to 39 of 40').waitFor();
    expect(await cells(page, 49)).toEqual([
      '149',
      '149.32',
      '149.33',
      '149.34',
      '149.35',
      '149.36',
      '149.37',
      '149.38',
      '149.39',
    ]);
  });

  it('shows any slice', async () => {
    const { page, calls } = await openTable();
    await page.getByLabel('channel, 0 to 7').fill('7');
    await page.keyboard.press('Tab');
    await expect.poll(() => calls.at(-1)?.args[1]).toEqual({ ...FIRST, at: [0, 0, 0, 7] });
    await expect.poll(() => cells(page, 2).then((row) => row[1])).toBe('2.0007');
    await page.getByLabel('Columns', { exact: true }).selectOption('3');
    await expect.poll(() => calls.at(-1)?.args[1]).toEqual({ rowAxis: 1, columnAxis: 3, at: [0, 0, 0, 7] });
    await expect
      .poll(() => cells(page, 2))
      .toEqual(['2', ...[0, 1, 2, 3, 4, 5, 6, 7].map((i) => (i === 0 ? '2' : `2.000${i}`))]);
    // The axis of the rows goes to the columns in exchange.
    await page.getByLabel('Rows', { exact: true }).selectOption('3');
    await expect.poll(() => calls.at(-1)?.args[1]).toEqual({ rowAxis: 3, columnAxis: 1, at: [0, 0, 0, 7] });
    await page.getByLabel('width, 0 to 39').waitFor();
  });

  it('copies what is shown, and exports the slice or everything', async () => {
    const copies: string[] = [];
    const { page, calls } = await openTable(
      host({ copy: (text) => void copies.push(text), exportTensor: () => ok('relu.csv') }),
    );
    await page.getByRole('button', { name: 'Copy as CSV' }).click();
    await page.getByText('Copied the values that are shown.').waitFor();
    const lines = copies[0]?.split('\r\n') ?? [];
    expect(lines[0]?.slice(0, 12)).toBe('height,0,1,2');
    expect(lines[13]?.slice(0, 18)).toBe('12,12,12.01,12.02,');
    expect(lines).toHaveLength(102);
    await page.getByLabel('Format of the exported file').selectOption('csv');
    await page.getByRole('button', { name: 'Export Slice…' }).click();
    await page.getByText('Exported relu.csv.').waitFor();
    expect(calls.at(-1)?.args).toEqual(['post', FIRST, 'csv']);
    await page.getByRole('button', { name: 'Export All…' }).click();
    await expect.poll(() => calls.at(-1)?.args).toEqual(['post', null, 'csv']);
  });

  it('says what to do where no input was chosen', async () => {
    const { page, calls } = await openPage(
      'layer',
      host({
        ready: () => ok({ choice: { ...layerChoice, inputs: [] }, inputNames: [] }),
        pickInput: () => undefined,
      }),
    );
    await page.getByRole('tab', { name: 'Table' }).click();
    await page
      .getByRole('tabpanel', { name: 'Table' })
      .getByRole('button', { name: 'Choose an Input…' })
      .click();
    await expect.poll(() => calls.at(-1)?.name).toBe('pickInput');
  });

  it.each([...THEME_NAMES.map((theme) => [theme, 1100] as const), ['dark', 320] as const])(
    'fits into the page (%s, %i px)',
    async (theme, width) => {
      const { page } = await openTable(host(), { theme, width });
      expect(await horizontalOverflow(page)).toBe(0);
      await screenshot(page, `layer-table-${theme}-${width}`);
    },
  );
});
