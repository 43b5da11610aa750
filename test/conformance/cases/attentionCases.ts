import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { explainRun } from '../../../src/server/answers/explanation';
import { NO_CONTROL } from '../../../src/server/run/control';
import { Session } from '../../../src/server/session/session';
import { fail } from '../../../src/shared/errors';
import type { MethodId, OptionValues } from '../../../src/shared/methods';
import type { BackendName } from '../../../src/shared/model';
import { failureOf } from '../../unit/run/memoryModel';
import { onBackend } from '../backends';
import { type NpNumbers, readNumbers } from '../npz';

const FOLDER = join(__dirname, '../../fixtures/attention');
/** Relative to the largest value of a map. */
const TOLERANCE = 1e-5;

type Numbers = Pick<NpNumbers, 'shape'> & { readonly values: ArrayLike<number> };

/** The rows that each model's score depends on, and the keys that are drawn, as the grid that they form on the input. */
const MODELS = {
  // Five words, then three positions of padding.
  text: { layers: ['heads0', 'heads1'], rows: [0, 1, 2, 3, 4], first: 0, grid: [8], masked: [5, 6, 7] },
  causal: { layers: ['heads0', 'heads1'], rows: [5], first: 0, grid: [6], masked: [] },
  // The class token is read, and not drawn.
  vit: { layers: ['heads0', 'heads1'], rows: [0], first: 1, grid: [2, 3], masked: [] },
  vit_pooled: {
    layers: ['heads0', 'heads1', 'heads2'],
    rows: [0, 1, 2, 3, 4, 5],
    first: 0,
    grid: [2, 3],
    masked: [],
  },
  lost: { layers: ['heads0'], rows: [0, 1, 2, 3, 4, 5], first: 0, grid: [6], masked: [] },
} as const;
const NAMES = ['text', 'causal', 'vit', 'vit_pooled', 'lost'] as const;

/** Compares attention with the scores of Keras and rollouts by numpy on one backend (test/fixtures/make_attention.py). */
export const testAttention = (backend: BackendName): Promise<void> =>
  onBackend(backend, 'attention', () => {
    const session = new Session({ backend, nativePath: '', strict: true });
    afterAll(async () => {
      for (const name of opened.keys()) session.close((await opened.get(name))?.id ?? '');
    });
    const opened = new Map<string, ReturnType<Session['open']>>();
    const ask = async (
      name: string,
      method: MethodId,
      more: { layer?: string; options?: OptionValues; fusedLayers?: string[] } = {},
    ) => {
      const opening = opened.get(name) ?? session.open(join(FOLDER, `${name}.keras`));
      opened.set(name, opening);
      const model = await opening;
      const text = join(FOLDER, `${name}.txt`);
      const inputs = [{ kind: 'file', path: existsSync(text) ? text : join(FOLDER, `${name}.npy`) }] as const;
      const preprocessing = { name: 'none' } as const;
      const asked = { layer: 'auto', target: { index: 'auto' }, ...more } as const;
      const params = { modelId: model.id, inputs, preprocessing, method, ...asked } as const;
      const explained = await session.run(model.id, inputs, preprocessing, NO_CONTROL, (run) =>
        explainRun(run, params, NO_CONTROL),
      );
      const [map = fail('internal', 'no map')] = explained.maps;
      return { ...map, header: explained.header };
    };
    const kerasOf = async (name: string, array: string): Promise<NpNumbers> => {
      const found = (await readNumbers(join(FOLDER, `${name}.npz`))).get(array);
      return found ?? fail('internal', `${name} has no ${array}`);
    };

    describe.each(NAMES)('%s', (name) => {
      const { layers, rows, first, grid, masked } = MODELS[name];

      test.each([...layers])('attention at %s', async (layer) => {
        const scores = await kerasOf(name, `scores:${layer}`);
        const [heads = 0] = scores.shape;
        for (let head = 0; head < heads; head++) {
          const { raw } = await ask(name, 'attention', { layer, options: { head } });
          expectClose(raw, headOf(scores, head));
        }
        for (const head of ['mean', 'max', 'min'] as const) {
          const { raw, map } = await ask(name, 'attention', { layer, options: { head, query: 'mean' } });
          const fused = fusedHeads(scores, head);
          expectClose(raw, fused);
          const visible = Array.from({ length: fused.shape[0] ?? 0 }, (_, i) => i).filter(
            (row) => !masked.some((position) => position === row),
          );
          expectClose(map, drawn(fused, visible, first, grid));
        }
        const { map, header } = await ask(name, 'attention', { layer, options: { query: 1 } });
        expectClose(map, drawn(fusedHeads(scores, 'mean'), [1], first, grid));
        expect(header.layer).toBe(layer);
        for (const position of masked) expect(map.values[position]).toBe(0);
      });

      test.each([...layers])('rollout up to %s', async (layer) => {
        const { raw, map } = await ask(name, 'attention-rollout', { layer });
        const rollout = await kerasOf(name, `rollout:${layer}`);
        const all = Array.from({ length: rollout.shape[0] ?? 0 }, (_, i) => i).filter(
          (row) => !masked.some((position) => position === row),
        );
        expectClose(raw, rollout);
        // The score depends on what the last layer gives at some positions, and on every position before it.
        const used = layer === layers.at(-1) ? rows : all;
        expectClose(map, drawn(rollout, used, first, grid));
        for (const position of masked) expect(map.values[position]).toBe(0);
      });

      test('the default is the last layer, for the queries that the score depends on', async () => {
        const { map, header } = await ask(name, 'attention');
        const layer = layers.at(-1) ?? '';
        expect(header).toMatchObject({
          layer,
          onInput: name !== 'lost',
          options: { head: 'mean', query: 'auto' },
        });
        expectClose(
          map,
          drawn(fusedHeads(await kerasOf(name, `scores:${layer}`), 'mean'), rows, first, grid),
        );
      });
    });

    // Reference cases of attention rollout (L2 @ L1 of (A + I) / 2) and of fused heads.
    test('rollout multiplies later layers on the left', async () => {
      const { raw } = await ask('rollout', 'attention-rollout');
      expectClose(raw, { shape: [2, 2], values: [0.51, 0.49, 0.1725, 0.8275] });
    });
    test.each([
      ['mean', [0.2, 0.8, 0.3, 0.7]],
      ['max', [0.3, 0.9, 0.4, 0.8]],
      ['min', [0.1, 0.7, 0.2, 0.6]],
    ])('heads fused by %s', async (head, values) => {
      const { raw } = await ask('fuse', 'attention', { options: { head } });
      expectClose(raw, { shape: [2, 2], values });
    });

    test('patches are placed on the image', async () => {
      const { drawing, header } = await ask('vit', 'attention', { layer: 'heads0' });
      expect(drawing.placement).toEqual([
        { centre: 1.5, stride: 4, window: 4 },
        { centre: 1.5, stride: 4, window: 4 },
      ]);
      expect(drawing.displayMap.shape).toEqual([8, 12]);
      expect(drawing.inputImage?.shape).toEqual([8, 12, 3]);
      expect(header.notices.join(' ')).toContain(
        '1 of 7 positions, such as a class token, is not on the input',
      );
    });
    test('words are named, padding has no heat', async () => {
      const { drawing } = await ask('text', 'attention-rollout');
      expect(drawing.names?.values).toEqual(['the', 'film', 'was', 'not', 'good', '', '', '']);
      expect(drawing.displayMap.shape).toEqual([8]);
      expect(drawing.placement).toEqual([{ centre: 0, stride: 1, window: 1 }]);
    });
    test('without a place on the input the map is drawn alone', async () => {
      const { drawing, header } = await ask('lost', 'attention');
      expect(drawing).toMatchObject({
        onInput: false,
        placement: null,
        inputKey: null,
        inputValues: null,
        names: null,
      });
      expect(header.notices).toContain(
        'Where the 6 positions that layer "heads0" attends to are on an input is not known: the map is drawn in the positions of the layer, counted from 0.',
      );
    });
    test('a head, a query and layers that there are not are refused', async () => {
      expect(await failureOf(ask('text', 'attention', { options: { head: 2 } }))).toMatchObject({
        kind: 'bad-input',
        message: 'Layer "heads1" has no head 2.',
      });
      expect(await failureOf(ask('text', 'attention', { options: { query: 8 } }))).toMatchObject({
        kind: 'bad-input',
        message: 'Query 8 is not one of the 8 of layer "heads1".',
      });
      expect(await failureOf(ask('text', 'attention', { layer: 'embedding' }))).toMatchObject({
        kind: 'not-applicable',
        message: 'Layer "embedding" (Embedding) is not an attention layer.',
        remedy: 'Choose one of the attention layers: heads0 and heads1.',
      });
      expect(
        await failureOf(ask('text', 'attention', { layer: 'heads0', fusedLayers: ['heads1'] })),
      ).toMatchObject({ kind: 'bad-input' });
    });
  });

function headOf({ shape, values }: NpNumbers, head: number): Numbers {
  const size = values.length / (shape[0] ?? 1);
  return { shape: shape.slice(1), values: values.subarray(head * size, (head + 1) * size) };
}

function fusedHeads(scores: NpNumbers, rule: 'mean' | 'max' | 'min'): Numbers {
  const heads = Array.from({ length: scores.shape[0] ?? 0 }, (_, head) => headOf(scores, head).values);
  const at = (i: number): number[] => heads.map((values) => values[i] ?? Number.NaN);
  const values = Array.from({ length: heads[0]?.length ?? 0 }, (_, i) =>
    rule === 'mean' ? at(i).reduce((a, b) => a + b, 0) / heads.length : Math[rule](...at(i)),
  );
  return { shape: scores.shape.slice(1), values };
}

/** The mean of rows of a matrix, without the keys that are not on the grid. */
function drawn(matrix: Numbers, rows: readonly number[], first: number, grid: readonly number[]): Numbers {
  const [, keys = 1] = matrix.shape;
  const count = grid.reduce((a, b) => a * b, 1);
  const mean = (key: number): number =>
    rows.reduce((sum, row) => sum + (matrix.values[row * keys + key] ?? Number.NaN), 0) / rows.length;
  return { shape: grid, values: Array.from({ length: count }, (_, i) => mean(first + i)) };
}

function expectClose(got: Numbers, wanted: Numbers): void {
  expect(got.shape).toEqual(wanted.shape);
  expect(got.values.length).toBe(wanted.values.length);
  const largest = Math.max(...Array.from(wanted.values));
  for (let i = 0; i < wanted.values.length; i++) {
    const error = Math.abs((got.values[i] ?? Number.NaN) - (wanted.values[i] ?? Number.NaN)) / largest;
    expect(error, `value ${i}`).toBeLessThanOrEqual(TOLERANCE);
  }
}
