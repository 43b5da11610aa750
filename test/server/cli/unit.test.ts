import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import * as protocol from '../../../src/shared/protocol';
import type { OpenedUnit } from '../../../src/shared/results/unit';
import { readNumbers } from '../../conformance/npz';
import { fixture, json, layerglass, refusal, sample } from '../cliProcess';
import { startServer, value } from '../serverProcess';

const MODEL = sample('5-sigmoid/scores.keras');
const INPUT = sample('5-sigmoid/malignant.npy');
const SOFTPLUS = ['unit', MODEL, '--input', INPUT, '--layer', 'dense_612', '--backend', 'wasm'];

test('a unit of the 612 is the sum of its terms, as Keras computes it', async () => {
  const arrays = await readNumbers(fixture('samples/5-sigmoid-malignant.npz'));
  const [inputs, before, after] = ['post:normalization', 'pre:dense_612', 'post:dense_612'].map((name) =>
    arrays.get(name),
  );
  for (const unit of [0, 300, 611]) {
    const opened = await json<OpenedUnit>([...SOFTPLUS, '--unit', String(unit)]);
    const { pre, post, bias, terms, sumOfRest } = opened;
    expect(opened).toMatchObject({ unit, units: 612, form: 'sum', activation: 'softplus', others: 0 });
    expect(pre).toBeCloseTo(before?.values[unit] ?? Number.NaN, 4);
    expect(post).toBeCloseTo(after?.values[unit] ?? Number.NaN, 4);
    const sum = terms.reduce((all, { product }) => all + product, sumOfRest + (bias ?? 0));
    expect(Math.abs(sum - pre)).toBeLessThan(1e-5 * Math.max(1, Math.abs(pre)));
    expect(terms).toHaveLength(30);
    for (const { input, from } of terms) {
      expect(from?.layer).toBe('normalization');
      expect(input).toBeCloseTo(inputs?.values[from?.unit ?? -1] ?? Number.NaN, 4);
    }
  }
});

test('without --unit the strongest, as text', async () => {
  const { code, stdout } = await layerglass(SOFTPLUS);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^dense_612, unit \d+ \(Dense\): [\d.]+\n/);
  expect(stdout).toContain('bias: ');
  expect(stdout).toContain('after softplus: ');
  expect(stdout).toMatch(/ {2}[-\d.]+ x [-\d.]+ = [-\d.]+ {2}normalization, unit \d+\n/);
});

test('the window of a convolution, and the gates of a recurrent layer', async () => {
  const image = ['unit', fixture('units/image.keras'), '--input', fixture('units/image.npy')];
  const opened = await json<OpenedUnit>([...image, '--layer', 'strided', '--unit', '2', '--position', '0,1']);
  expect(opened.window).toMatchObject({ sizes: [3, 3], others: 0 });
  const planes = opened.window?.planes ?? [];
  const sum = planes.reduce((all, plane) => all + plane.sum, opened.bias ?? 0);
  expect(sum).toBeCloseTo(opened.pre, 5);
  const sequence = ['unit', fixture('units/recurrent.keras'), '--input', fixture('units/recurrent.npy')];
  const { stdout } = await layerglass([...sequence, '--layer', 'lstm', '--unit', '1', '--position', '3']);
  for (const name of ['input', 'forget', 'candidate', 'output']) expect(stdout).toContain(`Gate ${name}: `);
});

test('what there is not is refused with a way out', async () => {
  expect(await refusal([...SOFTPLUS, '--unit', '612'])).toContain('Choose a number from 0 to 611.');
  expect(await refusal([...SOFTPLUS, '--position', '1'])).toContain('leave the position out');
  const { code, stderr } = await layerglass([...SOFTPLUS, '--unit', '-1']);
  expect(code).not.toBe(0);
  expect(stderr).toContain('Give whole numbers from 0.');
});

test('the request of the layer page gives the same', async () => {
  const server = await startServer(resolve(import.meta.dirname, '../../../dist/server.js'), {
    backend: 'wasm',
  });
  try {
    const { modelId } = value(await server.request(protocol.openModel, { path: MODEL }));
    const opened = value(
      await server.request(protocol.openUnit, {
        ...{ modelId, inputs: [{ kind: 'file', path: INPUT }], preprocessing: { name: 'none' } },
        ...{ layer: 'dense_612', unit: 5 },
      }),
    );
    expect(opened).toEqual(await json([...SOFTPLUS, '--unit', '5']));
  } finally {
    await server.stop();
  }
});
