import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DrawableExplanation, explainRun } from '../../../src/server/answers/explanation';
import { NO_CONTROL } from '../../../src/server/run/control';
import type { OpenModel } from '../../../src/server/session/openModels';
import { Session } from '../../../src/server/session/session';
import { fail } from '../../../src/shared/errors';
import type { MethodId } from '../../../src/shared/methods';
import type { BackendName } from '../../../src/shared/model';
import { onBackend } from '../backends';
import { type NpNumbers, readNumbers } from '../npz';

const FOLDER = join(__dirname, '../../fixtures/volume');
/** Relative to the largest value of a map. */
const TOLERANCE = 1e-5;

/** Compares maps of a 3D network with Keras's, in both data formats (test/fixtures/make_volume.py). */
export const testVolumes = (backend: BackendName): Promise<void> =>
  onBackend(backend, 'volumes', () => {
    describe.each(['last', 'first'])('channels %s', (format) => {
      const session = new Session({ backend, nativePath: '', strict: true });
      let model: OpenModel;
      let keras: ReadonlyMap<string, NpNumbers>;
      beforeAll(async () => {
        model = await session.open(join(FOLDER, `${format}.keras`));
        keras = await readNumbers(join(FOLDER, 'maps.npz'));
      });
      afterAll(() => session.close(model.id));

      const ask = (method: MethodId, layer: string): Promise<DrawableExplanation> => {
        const inputs = [{ kind: 'file', path: join(FOLDER, `${format}.npy`) }] as const;
        const preprocessing = { name: 'none' } as const;
        const target = { index: 'auto' } as const;
        const params = { modelId: model.id, inputs, preprocessing, method, layer, target };
        return session.run(model.id, inputs, preprocessing, NO_CONTROL, (run) =>
          explainRun(run, params, NO_CONTROL),
        );
      };

      test.each<[MethodId, string, string]>([
        ['grad-cam', 'conv_a', 'grad-cam:conv_a'],
        ['grad-cam', 'conv_b', 'grad-cam:conv_b'],
        ['saliency', 'auto', 'saliency'],
        ['guided-grad-cam', 'conv_a', 'guided-grad-cam:conv_a'],
        ['guided-grad-cam', 'conv_b', 'guided-grad-cam:conv_b'],
      ])('%s at %s', async (method, layer, name) => {
        const { header, maps, explanation } = await ask(method, layer);
        const [{ map: raw, display } = fail('internal', 'no map')] = maps;
        const wanted = keras.get(name);
        expect(raw.shape).toEqual(wanted?.shape);
        const largest = Math.max(...(wanted?.values ?? []));
        for (const [i, value] of (wanted?.values ?? []).entries())
          expect(Math.abs((raw.values[i] ?? Number.NaN) - value) / largest).toBeLessThanOrEqual(TOLERANCE);
        expect(header.target.index).toBe(keras.get('target')?.values[0]);
        expect(header.target.value).toBeCloseTo(keras.get('score')?.values[0] ?? Number.NaN, 6);

        // The slice with the maximum is drawn, over the same slice of the input.
        expect(display.shape).toEqual([8, 10]);
        expect(Math.max(...display.values)).toBe(1);
        expect(explanation.inputValues?.shape).toEqual([8, 10, 2]);
        expect(header.notices).toHaveLength(1);
        expect(header.notices[0]).toContain('the one with its largest value');
      });

      test('the default layer is the last convolution', async () => {
        expect((await ask('grad-cam', 'auto')).header.layer).toBe('conv_b');
      });
    });
  });
