import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Trace } from '../../../src/server/run/trace';
import type { BackendName } from '../../../src/shared/model';
import {
  askWith,
  captumModel,
  file,
  linearModel,
  ones,
  type Question,
} from '../../unit/explain/perturbationModels';
import { traceOf } from '../../unit/run/memoryModel';
import { onBackend } from '../backends';

interface Case extends Question {
  readonly name: string;
  readonly expected: readonly number[];
  readonly within?: number;
}
// Captum, tests/attr/test_occlusion.py, test_feature_ablation.py, test_kernel_shap.py, test_lime.py
const CASES: readonly Case[] = [
  { name: 'window 1', method: 'occlusion', options: { window: 1, stride: 1 }, expected: [80, 200, 120] },
  { name: 'a column at a time by default', method: 'occlusion', expected: [80, 200, 120] },
  {
    name: 'window 2 with a baseline of 10',
    method: 'occlusion',
    options: { window: 2, stride: 1, baseline: 'file.npy' },
    file: file(10),
    expected: [200, 220, 240],
  },
  { name: 'stride 2', method: 'occlusion', options: { window: 2, stride: 2 }, expected: [280, 280, 120] },
  { name: 'each column', method: 'feature-ablation', expected: [80, 200, 120] },
  {
    name: 'groups of a file',
    method: 'feature-ablation',
    options: { groups: 'file.npy' },
    file: file(0, 0, 1),
    expected: [280, 280, 120],
  },
  { name: 'exact', method: 'kernel-shap', expected: [230 / 3, 590 / 3, 350 / 3] },
  {
    name: 'exact, with a baseline',
    method: 'kernel-shap',
    options: { baseline: 'file.npy' },
    file: file(10, 20, 10),
    expected: [40, 120, 80],
  },
  {
    name: 'lasso',
    method: 'lime',
    options: { samples: 500, width: 10, regression: 'lasso' },
    expected: [73.3716, 193.3349, 113.3349],
    within: 1,
  },
];
/** Tests the perturbation cases of public test suites on one backend. */
export const testPerturbation = (backend: BackendName): Promise<void> =>
  onBackend(backend, 'perturbation methods', (runtime) => {
    describe('Captum’s smallest model', () => {
      let trace: Trace;
      beforeAll(async () => {
        trace = await traceOf(runtime, captumModel(), { shape: [3], values: [20, 50, 30] });
      });
      afterAll(() => trace.dispose());

      test.each(CASES)('$method: $name', async ({ expected, within = 1e-3, ...question }) => {
        const found = [...(await askWith(trace, question)).raw.values];
        expect(found.length).toBe(expected.length);
        for (const [i, value] of found.entries()) {
          expect(Math.abs(value - (expected[i] ?? 0))).toBeLessThan(within);
        }
      });
    });

    // PAIR, saliency/core/occlusion_test.py, with overlaps averaged
    test('occlusion averages overlapping windows of an image', async () => {
      const values = ones(25, 0).map((_, i) => (i === 6 || i === 18 ? 1 : 0));
      const image = { shape: [5, 5, 1], values };
      const trace = await traceOf(runtime, linearModel(image.shape, ones(25, 3)), image);
      try {
        const { raw } = await askWith(trace, { method: 'occlusion', options: { window: 3, stride: 1 } });
        expect(raw.shape).toEqual(image.shape);
        const expected = [
          [3, 3, 2, 1.5, 0],
          [3, 3.75, 3, 3, 1.5],
          [2, 3, 2.6667, 3, 2],
          [1.5, 3, 3, 3.75, 3],
          [0, 1.5, 2, 3, 3],
        ];
        expect([...raw.values]).toEqual(expected.flat().map((value) => expect.closeTo(value, 4)));
      } finally {
        trace.dispose();
      }
    });
  });
