import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { expect } from 'vitest';
import { z } from 'zod';
import { projectDir, type VsCode } from '../harness';

const stats = z.object({
  min: z.number(),
  max: z.number(),
  mean: z.number(),
  std: z.number(),
  negative: z.number(),
  zero: z.number(),
});
export type KerasStats = z.infer<typeof stats>;
const shape = z.array(z.number().nullable());
const scores = z.object({
  layers: z.record(z.string(), z.object({ before: stats, after: stats })),
  logit: z.number(),
  complement: z.number(),
  bias: z.number(),
  terms: z.array(z.object({ unit: z.number(), product: z.number() })),
  weights: z.record(z.string(), stats.extend({ norm: z.number() })),
});
const scenarios = z.object({
  triplet: z.object({
    params: z.object({ total: z.number(), trainable: z.number(), nonTrainable: z.number() }),
    outputShape: shape,
    calls: z.number(),
    taken: z.array(z.number()),
    outputs: z.array(z.object({ layer: z.string(), shape })),
    layerParams: z.record(z.string(), z.number()),
  }),
  scores: z.object({ sure: scores, malignant: scores }),
  cat: z.object({
    path: z.string(),
    before: stats,
    after: stats,
    channels: z.number(),
    deadChannels: z.number(),
    largest: z.record(z.string(), z.number()),
    params: z.record(z.string(), z.number()),
  }),
});

/** What Keras says, see test/fixtures/make_scenarios.py. */
export const keras = scenarios.parse(
  JSON.parse(readFileSync(join(projectDir, 'test/fixtures/scenarios.json'), 'utf8')),
);

/** What a record has under a name. */
export function of<T>(record: Readonly<Record<string, T>>, name: string): T {
  const found = record[name];
  if (found === undefined) throw new Error(`There is no "${name}".`);
  return found;
}

/** Waits as long as servers and pages may take to start. */
export const eventually = <T>(ask: () => T | Promise<T>) =>
  expect.poll(ask, { timeout: 40_000, interval: 200 });

export const textOf = async (locator: Locator): Promise<string> =>
  ((await locator.textContent()) ?? '').trim();

/** As Keras prints it. */
export const shapeText = (sizes: readonly (number | null)[]): string =>
  `(${sizes.map((size) => size ?? 'None').join(', ')})`;

/** As pages and tree print counts. */
export const countText = (count: number): string => count.toLocaleString('en-US');

/**
 * Compares a number that a page shows with that of Keras: equal but for 1e-5 of it, and for half a unit of the last digit
 * that the page shows, of four significant ones, of three in exponent form.
 */
export function expectShown(shown: string, value: number, digits = 4): void {
  const size = Math.abs(value);
  const shownDigits = size < 1e-3 ? digits - 1 : digits;
  const unit = size === 0 ? 0 : 10 ** (Math.floor(Math.log10(size)) - shownDigits + 1);
  const error = Math.abs(Number(shown) - value);
  expect(error, `${shown} for ${value}`).toBeLessThanOrEqual(unit / 2 + 1e-5 * size);
}

/** Compares the rows of a table "Statistics" with Keras: one column each. */
export async function expectStatistics(table: Locator, columns: readonly KerasStats[]): Promise<void> {
  for (const [term, key] of [
    ['Smallest', 'min'],
    ['Largest', 'max'],
    ['Mean', 'mean'],
    ['Standard deviation', 'std'],
    ['Negative', 'negative'],
    ['Zero', 'zero'],
  ] as const) {
    const cells = table.locator('tr', { hasText: new RegExp(`^${term}`) }).locator('td');
    // "276 (45.1 %)"
    const shown = (await cells.allTextContents()).map((text) => text.replace(/ \(.*/, '').replace(/,/g, ''));
    expect(shown, term).toHaveLength(columns.length);
    for (const [i, column] of columns.entries()) {
      if (key === 'negative' || key === 'zero') expect(shown[i], term).toBe(String(column[key]));
      else expectShown(shown[i] ?? '', column[key]);
    }
  }
}

/** Closes all pages, and waits until they are gone. */
export async function closePages(vscode: VsCode): Promise<void> {
  await vscode.command('View: Close All Editors');
  await eventually(() => vscode.page.locator('.tabs-container .tab').count()).toBe(0);
}

/** The Layers view, read and used as by a user. */
export class Tree {
  constructor(private readonly vscode: VsCode) {}

  async open(): Promise<void> {
    const tab = this.vscode.page.getByRole('tab', { name: /^Layerglass/ }).first();
    if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
    await this.rows.first().waitFor();
  }

  get rows(): Locator {
    return this.vscode.page.locator('.sidebar .pane-body .monaco-list-row');
  }

  /** The first row of this name. */
  row(name: string): Locator {
    const exact = new RegExp(`^${name.replace(/[.*+?^${}()|[\]\\@]/g, '\\$&')}$`);
    return this.rows.filter({ has: this.vscode.page.locator('.label-name', { hasText: exact }) }).first();
  }

  get selected(): Locator {
    return this.vscode.page.locator('.sidebar .pane-body .monaco-list-row.selected').first();
  }
}
