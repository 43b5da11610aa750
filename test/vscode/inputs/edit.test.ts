import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExplainPage } from '../explainPage';
import { VsCode } from '../harness';
import { reloadBetweenTries, STORY, step } from '../tries';

/** The cat of sample 4 is painted over: the prediction follows. */

const MODEL = '4-cat-or-dog/cat-or-dog.keras';

let vscode: VsCode;
let page: ExplainPage;

beforeAll(async () => {
  vscode = await VsCode.open({ theme: 'dark' });
  await vscode.page.getByRole('tab', { name: /^Layerglass/ }).waitFor();
  page = new ExplainPage(vscode);
});
afterAll(() => vscode?.close());
reloadBetweenTries(() => vscode);

const eventually = <T>(ask: () => T | Promise<T>) => expect.poll(ask, { timeout: 40_000, interval: 200 });
const picture = () => page.frame.locator('.paint-stage');
const button = (name: string) => page.frame.getByRole('button', { name, exact: true });

/** Drags from one place of the picture to another, as shares of its sides. */
async function drag(from: number, to: number): Promise<void> {
  await picture().scrollIntoViewIfNeeded();
  const box = await picture().boundingBox();
  if (box === null) throw new Error('The picture is not shown.');
  const { mouse } = vscode.page;
  await mouse.move(box.x + from * box.width, box.y + from * box.height);
  await mouse.down();
  await mouse.move(box.x + to * box.width, box.y + to * box.height, { steps: 5 });
  await mouse.up();
}

test('the cat is painted over and the prediction follows', STORY, async () => {
  await step('the editor is opened beside the map of the cat', async () => {
    expect(await page.open(MODEL, 'cat.png')).toMatch(/^Grad-CAM of class 0 \(cat\)/);
    await button('Edit the Input').click();
    await picture().waitFor();
  });

  await step('a black rectangle over the cat turns the prediction', async () => {
    await page.frame.locator('.paint-tools label', { hasText: 'Rectangle' }).click();
    await page.frame.getByLabel('Fill').selectOption('Black');
    await drag(0.1, 0.9);
    await eventually(() => page.explanation()).toMatch(
      /^Grad-CAM of class 1 \(dog\).*, of the edited input$/,
    );
    await page.settled();
    expect(await page.frame.locator('.edit-outcome-sentence').textContent()).toBe('cat → dog');
    expect(await page.frame.locator('header').textContent()).toContain('cat.png, edited');
    await vscode.screenshot('edit-painted');
  });
});
