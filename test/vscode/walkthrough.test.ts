import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExplainPage } from './explainPage';
import { VsCode } from './harness';
import { reloadBetweenTries } from './tries';

let vscode: VsCode;
beforeAll(async () => {
  vscode = await VsCode.open({ theme: 'light' });
});
afterAll(() => vscode?.close());
reloadBetweenTries(() => vscode);

test('an empty Layers view leads to the walkthrough, whose steps open samples', async () => {
  const { page } = vscode;
  await page
    .getByRole('tab', { name: /^Layerglass/ })
    .first()
    .click();
  await page.getByRole('button', { name: 'Get Started with Samples' }).click();
  const walkthrough = page.locator('.gettingStartedContainer');
  await walkthrough.getByText('Look inside a Keras model').first().waitFor();
  const steps = walkthrough.locator('.getting-started-step');
  await expect.poll(() => steps.count()).toBe(6);
  await vscode.screenshot('walkthrough');

  await walkthrough.getByText('Why does the map look wrong on my cat?').first().click();
  await walkthrough.getByRole('button', { name: 'Explain Cat and Dog' }).click();
  const explained = new ExplainPage(vscode);
  expect(await explained.settled()).toMatch(/^Grad-CAM of class 1 \(dog\), p = 0\.993/);
});
