import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseNpy } from '../../../src/server/inputs/arrays/npy';
import { SET_FILES, type SetFile } from '../../../src/shared/results/exportSet';
import { readNumbers } from '../../conformance/npz';
import { ExplainPage } from '../explainPage';
import { projectDir, VsCode } from '../harness';
import { reloadBetweenTries, STORY, step } from '../tries';

let vscode: VsCode;
beforeAll(async () => {
  vscode = await VsCode.open({ theme: 'light' });
});
afterAll(() => vscode?.close());
reloadBetweenTries(() => vscode);

const FOLDER = '3-binary/digit-grad-cam';

const exported = async (name: SetFile) => parseNpy(await readFile(join(vscode.folder, FOLDER, name)), name);
/** An array that Keras computed for the same input. */
async function keras(name: string): Promise<number[]> {
  const array = (await readNumbers(join(projectDir, 'test/fixtures/samples/3-binary-digit.npz'))).get(name);
  if (array === undefined) throw new Error(`The fixture has no array "${name}".`);
  return Array.from(array.values);
}
const mean = (values: Iterable<number>): number => {
  const all = [...values];
  return all.reduce((sum, value) => sum + value, 0) / all.length;
};
/** The page shows four digits, of small values three. */
function expectShown(shown: number, value: number): void {
  expect(Math.abs(shown - value), `${shown} for ${value}`).toBeLessThanOrEqual(2e-3 * Math.abs(value));
}
function expectEqual(values: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(values.length).toBe(expected.length);
  const top = Math.max(...Array.from(expected, Math.abs));
  for (let i = 0; i < expected.length; i += 1)
    expect(Math.abs((values[i] ?? Number.NaN) - (expected[i] ?? 0))).toBeLessThanOrEqual(1e-5 * top);
}

test('scenario 3: the page and the exported files have the quantities of Keras', STORY, async () => {
  await step('every quantity is on the page by name, and one export writes all of them', async () => {
    await rm(join(vscode.folder, FOLDER), { recursive: true, force: true });
    await vscode.contextMenu(await vscode.explorerRow('3-binary/spot/model.json'), 'Explain Prediction');
    await vscode.pick('digit.png');
    const page = new ExplainPage(vscode);
    expect(await page.settled()).toMatch(/^Grad-CAM of class 1 \(digit\), p = 0\.99, at conv2d_1, 44 x 44$/);

    await page.frame.getByText('Layer output, gradient and channel weights at conv2d_1').click();
    const weights = page.frame.getByRole('table', { name: 'Channel weights' });
    await weights.waitFor();
    expect(await page.frame.locator('.relation').textContent()).toContain(
      'CAM is 484 (22 x 22) times Grad-CAM',
    );
    const strongest = weights.locator('tbody tr').first();
    const channel = Number(await strongest.locator('th').textContent());
    const weight = Number(await strongest.locator('td.number').first().textContent());
    await vscode.screenshot('export-quantities');

    await page.frame.getByRole('button', { name: 'Export' }).click();
    await page.frame.getByRole('menuitem', { name: /^Everything/ }).click();
    await vscode.quickInput().waitFor();
    await vscode.screenshot('export-folder');
    await vscode.page.keyboard.press('Enter');
    await vscode.notifications().filter({ hasText: 'Exported 20 files to digit-grad-cam' }).waitFor();
    await vscode.screenshot('export-done');

    for (const name of SET_FILES)
      expect((await readFile(join(vscode.folder, FOLDER, name))).length, name).toBeGreaterThan(50);
    const written = await exported('channel-weights.npy');
    expect(written.shape).toEqual([20]);
    expect(written.values[channel]).toBeCloseTo(weight, 6);
    expect((await exported('layer-gradient.npy')).shape).toEqual([44, 44, 20]);
  });

  await step('the output, the gradient and the channel weights on the page are those of Keras', async () => {
    const page = new ExplainPage(vscode);
    const output = await keras('post:conv2d_1');
    const gradient = await keras('grad.post:conv2d_1');
    const statistics = page.frame.locator('.quantities').getByRole('table', { name: 'Statistics' });
    for (const [term, of] of [
      ['Smallest', (values: ArrayLike<number>) => Math.min(...Array.from(values))],
      ['Largest', (values: ArrayLike<number>) => Math.max(...Array.from(values))],
      ['Mean', (values: ArrayLike<number>) => mean(Array.from(values))],
    ] as const) {
      const cells = statistics.locator('tr', { hasText: new RegExp(`^${term}`) }).locator('td');
      const [ofOutput, ofGradient] = (await cells.allTextContents()).map(Number);
      expectShown(ofOutput ?? Number.NaN, of(output));
      expectShown(ofGradient ?? Number.NaN, of(gradient));
    }
    const rows = page.frame.getByRole('table', { name: 'Channel weights' }).locator('tbody tr:not(.total)');
    expect(await rows.count()).toBe(20);
    for (const row of await rows.all()) {
      const channel = Number(await row.locator('th').textContent());
      const [weight = Number.NaN, average = Number.NaN, part] = (
        await row.locator('td.number').allTextContents()
      ).map(Number);
      // The channel weight is the mean over the positions of the gradient.
      expectShown(weight, mean(gradient.filter((_, i) => i % 20 === channel)));
      expectShown(average, mean(output.filter((_, i) => i % 20 === channel)));
      expect(Math.abs(weight * average - (part ?? Number.NaN))).toBeLessThan(
        5e-3 * Math.abs(weight * average) + 1e-9,
      );
    }
  });

  await step(
    'the files have the values of Keras, and the CAM is 22 x 22 times Grad-CAM at its layer',
    async () => {
      for (const [file, name] of [
        ['input.npy', 'input.0'],
        ['layer-output.npy', 'post:conv2d_1'],
        ['layer-gradient.npy', 'grad.post:conv2d_1'],
        ['input-gradient.npy', 'grad.in:0'],
      ] as const)
        expectEqual((await exported(file)).values, await keras(name));
      const gradCam = await exported('grad-cam.npy');
      expect(gradCam.shape).toEqual([44, 44]);
      const positive = Float32Array.from(gradCam.values, (value) => Math.max(0, value));
      expectEqual(positive, await keras('gradcam.raw:conv2d_1'));
      // The gradient at the pooled channels is the row of GAP weights.
      const weights = await keras('grad.post:global_average_pooling2d');
      const output = await keras('post:conv2d_1');
      const at = (y: number, x: number, channel: number) => output[(y * 44 + x) * 20 + channel] ?? 0;
      const cam = Array.from({ length: 22 * 22 }, (_, i) => {
        const [y, x] = [2 * Math.floor(i / 22), 2 * (i % 22)];
        return weights.reduce(
          (sum, weight, k) =>
            sum + weight * Math.max(at(y, x, k), at(y, x + 1, k), at(y + 1, x, k), at(y + 1, x + 1, k)),
          0,
        );
      });
      const written = await exported('cam.npy');
      expect(written.shape).toEqual([22, 22]);
      expectEqual(written.values, cam);
    },
  );

  for (const [method, file, sentence] of [
    ['cam', 'cam.npy', /^CAM of class 1 \(digit\)/],
    ['saliency', 'input-gradient.npy', /^Gradient saliency of class 1 \(digit\)/],
    ['guided-backprop', 'guided-backprop.npy', /^Guided backpropagation of class 1 \(digit\)/],
    ['guided-grad-cam', 'guided-grad-cam.npy', /^Guided Grad-CAM of class 1 \(digit\)/],
  ] as const)
    await step(`the map of ${method} on the page is that of ${file}`, async () => {
      const page = new ExplainPage(vscode);
      await page.frame.getByLabel('Method', { exact: true }).selectOption(method);
      await expect.poll(() => page.explanation(), { timeout: 40_000 }).toMatch(sentence);
      await page.settled();
      const { values } = await exported(file);
      const isPositive = method === 'cam';
      const top = Math.max(...Array.from(values, (value) => (isPositive ? value : Math.abs(value))));
      expectShown(Number(await page.frame.locator('.legend-ticks span').last().textContent()), top);
      await vscode.screenshot(`export-${method}`);
    });
});
