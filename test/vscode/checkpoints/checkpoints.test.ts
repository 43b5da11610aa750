import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { projectDir, VsCode } from '../harness';
import { reloadBetweenTries } from '../tries';

/** Waits as long as servers and pages may take to start. */
const eventually = <T>(ask: () => T | Promise<T>) => expect.poll(ask, { timeout: 40_000, interval: 200 });

const FIXTURE = join(projectDir, 'test/fixtures/checkpoints');
/** Keras's numbers for each epoch, from test/fixtures/make_checkpoints.py. */
const golden = z
  .object({ keras: z.record(z.string(), z.object({ probabilities: z.array(z.number()) })) })
  .parse(JSON.parse(readFileSync(join(FIXTURE, 'golden.json'), 'utf8')));

let vscode: VsCode;
beforeAll(async () => {
  vscode = await VsCode.open({ theme: 'dark', folder: FIXTURE });
});
afterAll(() => vscode?.close());
reloadBetweenTries(() => vscode);

describe('the page of checkpoints', () => {
  test('opens from a folder, compares the epochs as Keras does, marks the wrong turn and opens an epoch', async () => {
    const { page } = vscode;
    writeFileSync(join(vscode.folder, 'keras', 'epoch-02.keras'), 'not a model');
    // Once the extension has looked for folders of epochs.
    await eventually(async () => vscode.contextMenuItems(await vscode.explorerRow('keras'))).toContain(
      'Open Checkpoints of This Folder',
    );
    await vscode.contextMenu(await vscode.explorerRow('keras'), 'Open Checkpoints of This Folder');
    await vscode.pick('shape.png');
    await page.getByRole('tab', { name: /^Checkpoints of keras/ }).waitFor();
    const frame = vscode.webview();
    await frame.locator('.content[aria-busy=false]').waitFor({ timeout: 40_000 });

    const table = frame.getByRole('table', { name: 'All epochs' });
    await table.locator('tbody tr').nth(5).waitFor();
    expect(await table.locator('tbody tr').count()).toBe(6);
    for (const [i, [name, { probabilities }]] of Object.entries(golden.keras).entries()) {
      const row = table.locator('tbody tr').nth(i);
      const [file, predicted, probability] = await row.locator('th, td').allTextContents();
      expect(file).toContain(name);
      if (i === 1) {
        expect(predicted).toContain('epoch-02.keras');
        continue;
      }
      const largest = Math.max(...probabilities);
      expect(predicted).toBe(String(probabilities.indexOf(largest)));
      // The page rounds to four decimals.
      if (largest < 0.9999) expect(Number(probability)).toBeCloseTo(largest, 3);
    }
    expect(await frame.locator('.verdict').textContent()).toContain('First wrong turn: epoch-05.keras');
    await vscode.screenshot('checkpoints-dark');

    await frame.getByRole('combobox', { name: 'Right class' }).fill('0');
    await page.keyboard.press('Enter');
    await eventually(() => frame.locator('.verdict').textContent()).toContain(
      'From here on, class 0 is not predicted any more, but 2.',
    );

    const cell = frame.getByRole('list', { name: 'Epochs' }).getByRole('button', { name: 'epoch-04.keras' });
    await cell.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    await page.getByRole('tab', { name: /^Explain epoch-04\.keras/ }).waitFor();
    const sentence = vscode.webview().locator('header [role=status]').first();
    await eventually(() => sentence.textContent()).toContain('Grad-CAM of class 0');
    expect(await vscode.webview().locator('.details').first().textContent()).toContain('shape.png');
    expect(await sentence.textContent()).toContain('at parts');
  });

  test('opens from a file of weights and from the palette, and is offered for folders of epochs only', async () => {
    const { page } = vscode;
    await vscode.command('View: Close All Editors');
    await vscode.command('View: Show Explorer');
    await vscode.contextMenu(
      await vscode.explorerRow('tensorflow/ckpt-4.index'),
      'Open Checkpoints of This Folder',
    );
    await vscode.pick('shape.png');
    const frame = vscode.webview();
    await frame.locator('.content[aria-busy=false]').waitFor({ timeout: 40_000 });
    await eventually(() => frame.locator('.cells .stamp').count()).toBe(2);
    expect(await frame.locator('.page-header').textContent()).toContain('2 epochs');
    const other = await vscode.contextMenuItems(await vscode.explorerRow('shape.png'));
    expect(other).not.toContain('Open Checkpoints of This Folder');

    await vscode.command('Layerglass: Open Checkpoints');
    await vscode.pick('not-a-number');
    await vscode.pick('shape.png');
    await page.getByRole('tab', { name: /^Checkpoints of not-a-number/ }).waitFor();
    await eventually(() => vscode.webview().locator('.verdict').textContent()).toContain(
      'First wrong turn: step3.keras',
    );
    expect(await vscode.webview().locator('.verdict').textContent()).toContain('values are NaN or infinite');
  });
});
