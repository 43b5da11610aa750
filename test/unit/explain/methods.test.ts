import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explainCommand } from '../../../src/cli/explain';
import { parseExplainChoice } from '../../../src/extension/settings/savedState';
import { startBackend } from '../../../src/server/run/backends/backend';
import type { Trace } from '../../../src/server/run/trace';
import {
  defaultMethod,
  METHOD_IDS,
  METHODS,
  type MethodId,
  methodAtLayer,
  type OptionValues,
} from '../../../src/shared/methods';
import { params } from '../../../src/shared/schemas';
import { ask, chain, failureOf, type MemoryModel, traceOf, type Values } from '../run/memoryModel';
import { methodsPage } from './methodsPage';

const ROOT = join(__dirname, '../../..');

const camelCase = (id: string): string =>
  id.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The option of `layerglass explain`. */
function methodOption() {
  const command = explainCommand(() => {
    throw new Error('The command is not to be run.');
  });
  return command.options.find(({ long }) => long === '--method');
}

/**
 * The raw map of each method on a model that can be computed by hand: input x of [2, 2, 1], `conv` = relu(2 * x), score 0 =
 * sum of W * conv, in the order of the pickers; null for a method that refuses this model.
 */
const MAPS: Readonly<Record<MethodId, readonly number[] | null>> = {
  // No global average pooling.
  cam: null,
  // The mean of W, 0.625, times 2 * x; drawn, so that the gradients below are absolute.
  'grad-cam': [1.25, 2.5, 3.75, 5],
  // The sum of 1/22, 1/21 and 1/24 over the positive W, times 2 * x.
  'grad-cam++': [0.26948, 0.538961, 0.808442, 1.077922],
  'hires-cam': [2, 0, 12, 4],
  'layer-cam': [2, 0, 12, 4],
  // The sum of W * 2 * x, 14, by that of 2 * x, 20.
  'xgrad-cam': [1.4, 2.8, 4.2, 5.6],
  // 2 * x less its mean, and 2 * W * x less its mean.
  'eigen-cam': [3, 1, 0, 0],
  'eigen-grad-cam': [0, 0, 8.5, 0.5],
  // 2 * x times the score of x under the mask x - 1 divided by 3; that of nothing is 0.
  'score-cam': [64 / 3, 128 / 3, 64, 256 / 3],
  // Without the only channel all of the score is lost.
  'ablation-cam': [2, 4, 6, 8],
  saliency: [2, 2, 4, 1],
  'gradient-x-input': [2, -4, 12, 4],
  'smooth-grad': [2, 2, 4, 1],
  'smooth-grad-squared': [4, 4, 16, 1],
  'var-grad': [0, 0, 0, 0],
  'integrated-gradients': [2, -4, 12, 4],
  'expected-gradients': [2, -4, 12, 4],
  // The activation changes by as much as 2 * x.
  'deep-lift': [2, -4, 12, 4],
  'guided-backprop': [2, 0, 4, 1],
  deconvnet: [2, 0, 4, 1],
  // The positive part of 2 * W, times Grad-CAM.
  'guided-grad-cam': [2.5, 0, 15, 5],
  // Of a linear model, the positive part of 2 * W * x.
  occlusion: [2, 0, 12, 4],
  'feature-ablation': [2, 0, 12, 4],
  // Over all grids and shifts.
  rise: [3.5, 1.5, 3.5, 1.75],
  lime: [2, 0, 12, 4],
  'kernel-shap': [2, 0, 12, 4],
  // No attention layer.
  attention: null,
  'attention-rollout': null,
};
/** Options with which a method gives that map, and its decimals that hold. */
const QUESTIONS: Partial<Record<MethodId, { readonly options: OptionValues; readonly digits: number }>> = {
  // So little that no value gets below 0.
  'smooth-grad': { options: { noise: 0.01 }, digits: 5 },
  'smooth-grad-squared': { options: { noise: 0.01 }, digits: 5 },
  'var-grad': { options: { noise: 0.01 }, digits: 5 },
  // Half of the first step is lost: the gradient of ReLU at 0 is 0.
  'integrated-gradients': { options: { steps: 1600 }, digits: 2 },
  'expected-gradients': { options: { noise: 0 }, digits: 5 },
  rise: { options: { samples: 4000 }, digits: 0 },
  lime: { options: { alpha: 1e-6, samples: 200 }, digits: 5 },
};
const X: Values = { shape: [2, 2, 1], values: [1, 2, 3, 4] };
const W = [1, -1, 2, 0.5];

const model = (): MemoryModel =>
  chain(X.shape, [
    {
      className: 'Conv2D',
      config: { name: 'conv', filters: 1, kernel_size: 1, activation: 'relu' },
      weights: [
        { shape: [1, 1, 1, 1], values: [2] },
        { shape: [1], values: [0] },
      ],
    },
    { className: 'Flatten', config: { name: 'flatten' } },
    {
      className: 'Dense',
      config: { name: 'dense', units: 2 },
      weights: [
        { shape: [4, 2], values: W.flatMap((value) => [value, 0]) },
        { shape: [2], values: [0, 0] },
      ],
    },
  ]);

let trace: Trace;
beforeAll(async () => {
  const runtime = await startBackend({ backend: 'cpu', nativePath: '', strict: true });
  trace = await traceOf(runtime, model(), X);
});
afterAll(() => trace.dispose());

test('ids, in the order of the pickers', () => {
  expect(METHOD_IDS).toEqual(Object.keys(MAPS));
});

describe.each(METHOD_IDS)('%s', (id) => {
  test('gives the map that was computed by hand, or refuses the model', async () => {
    const { options = {}, digits = 5 } = QUESTIONS[id] ?? {};
    const asked = ask(trace, { method: id, options, layer: 'conv', target: { index: 0 } });
    const wanted = MAPS[id];
    if (wanted === null) {
      expect(await failureOf(asked)).toMatchObject({ kind: 'not-applicable', remedy: expect.any(String) });
      return;
    }
    const { map } = await asked;
    expect(map.shape).toEqual([2, 2]);
    expect([...map.values]).toEqual(wanted.map((value) => expect.closeTo(value, digits)));
  });

  test('has a file of its own', () => {
    const folder = camelCase(METHODS[id].group.toLowerCase().replace(' ', '-'));
    expect(existsSync(join(ROOT, `src/server/explain/methods/${folder}/${camelCase(id)}.ts`))).toBe(true);
  });

  test('names its paper', () => {
    expect(METHODS[id].paper).toMatch(/ \d{4}$/);
    expect(METHODS[id].description).toMatch(/\.$/);
  });

  test('can be asked for, saved and restored', () => {
    const run = { inputs: [{ kind: 'random', seed: 1 }], preprocessing: { name: 'none' } };
    const asked = { ...run, method: id, layer: 'auto', target: { index: 'auto' } };
    expect(params.explain.safeParse({ ...asked, modelId: 'm' }).data).toMatchObject({ method: id });
    const choice = { ...asked, modelPath: '/m.keras', colourMap: 'viridis', opacity: 0.5 };
    expect(parseExplainChoice(choice)).toEqual(choice);
    expect(parseExplainChoice({ ...choice, method: 'magic' })).toBeUndefined();
  });
});

test('docs/methods.md is written from the table', async () => {
  await expect(methodsPage()).toMatchFileSnapshot(join(ROOT, 'docs/methods.md'));
});

test('the command line offers them all and names its default', () => {
  expect(methodOption()?.argChoices).toEqual(METHOD_IDS);
  expect(methodOption()?.description).toContain('default: grad-cam, or saliency for a model without a layer');
});

test('the default explains at a layer where there is one', () => {
  expect([defaultMethod(true), defaultMethod(false)]).toEqual(['grad-cam', 'saliency']);
  expect(METHODS[defaultMethod(true)].scope).toBe('layer');
  expect(METHODS[defaultMethod(false)].scope).toBe('input');
});

test('to explain at a layer keeps a method that does', () => {
  for (const id of METHOD_IDS)
    expect(methodAtLayer(id)).toBe(METHODS[id].scope === 'layer' ? id : 'grad-cam');
  expect(methodAtLayer('saliency')).toBe('grad-cam');
  expect(methodAtLayer('guided-grad-cam')).toBe('guided-grad-cam');
});
