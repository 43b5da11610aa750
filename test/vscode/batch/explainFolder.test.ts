import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { VsCode } from '../harness';
import { reloadBetweenTries, STORY } from '../tries';

let vscode: VsCode;
beforeAll(async () => {
  vscode = await VsCode.open({ theme: 'light' });
  writeFileSync(join(vscode.folder, '4-cat-or-dog', 'broken.png'), 'not an image');
});
afterAll(() => vscode?.close());
reloadBetweenTries(() => vscode);

test('a folder of the Explorer is explained into a report, with the failures counted', async () => {
  const { page } = vscode;
  // Once the Explorer knows the menu of the extension.
  await expect
    .poll(async () => vscode.contextMenuItems(await vscode.explorerRow('4-cat-or-dog')), { timeout: 40_000 })
    .toContain('Explain Folder…');
  await vscode.contextMenu(await vscode.explorerRow('4-cat-or-dog'), 'Explain Folder…');
  await vscode.pick('cat-or-dog.keras');
  await vscode.pick('The method that suits the model');
  await vscode.pick(/^4-cat-or-dog-report/);
  const told = vscode.notifications().filter({ hasText: '4-cat-or-dog-report: 4 inputs, 1 failed.' });
  await told.waitFor({ timeout: 60_000 });
  const out = join(vscode.folder, '4-cat-or-dog-report');
  const rows = readFileSync(join(out, 'predictions.csv'), 'utf8').trimEnd().split('\n');
  expect(rows).toHaveLength(5);
  expect(rows.find((row) => row.startsWith('cat.png,'))).toMatch(/^cat\.png,0,cat,0\.9999/);
  expect(existsSync(join(out, 'report.html'))).toBe(true);
  // In a browser the report lies on another machine.
  await told.getByRole('button', { name: 'Reveal Report' }).click();
  await page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'report.html' }).waitFor();
});

test('another choice for the same report is refused with the way out', async () => {
  await vscode.contextMenu(await vscode.explorerRow('4-cat-or-dog'), 'Explain Folder…');
  await vscode.pick('cat-or-dog.keras');
  await vscode.pick('Predictions alone');
  await vscode.pick('Go on with 4-cat-or-dog-report');
  await vscode
    .notifications()
    .filter({ hasText: 'of another model or with other options' })
    .waitFor({ timeout: 60_000 });
});

test(
  'a batch that is cancelled midway keeps what is done, and goes on with the rest',
  STORY,
  async ({ task }) => {
    const count = 5;
    // Of a try of its own: the batch of the one before may still be ending.
    const name = `many-${task.result?.retryCount ?? 0}`;
    const inputs = join(vscode.folder, name);
    mkdirSync(inputs, { recursive: true });
    for (let i = 0; i < count; i++)
      copyFileSync(join(vscode.folder, '4-cat-or-dog', 'cat.png'), join(inputs, `${i}.png`));
    const out = join(vscode.folder, `${name}-report`);
    const rows = (): string[] => {
      const path = join(out, 'rows.jsonl');
      return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
    };
    const explain = async (report: string | RegExp): Promise<void> => {
      await vscode.contextMenu(await vscode.explorerRow(name), 'Explain Folder…');
      await vscode.pick('cat-or-dog.keras');
      // Thousands of passes for each input: the batch lasts far longer than a click.
      await vscode.quickRows().filter({ hasText: 'Predictions alone' }).waitFor();
      await vscode.page.keyboard.type('RISE');
      await vscode.pick('RISE');
      await vscode.pick(report);
    };
    await explain(new RegExp(`^${name}-report`));
    // The first line is the header.
    await expect.poll(() => rows().length, { timeout: 120_000 }).toBeGreaterThan(1);
    const progress = vscode.notifications().filter({ hasText: `Explain ${name}` });
    await progress.getByRole('button', { name: 'Cancel' }).click();
    // The process has ended once it has given the folder back.
    const hidden = () => readdirSync(out).filter((name) => name.startsWith('.'));
    await expect.poll(hidden, { timeout: 60_000 }).toEqual([]);
    const before = rows();
    expect(before.length).toBeLessThan(count + 1);
    expect(existsSync(join(out, 'report.html'))).toBe(false);
    await explain(`Go on with ${name}-report`);
    await vscode
      .notifications()
      .filter({ hasText: `${name}-report: ${count} inputs, 0 failed.` })
      .waitFor({ timeout: 180_000 });
    expect(rows().slice(0, before.length)).toEqual(before);
    // The header, each input once, and the end.
    expect(rows()).toHaveLength(count + 2);
    expect(existsSync(join(out, 'report.html'))).toBe(true);
  },
);
