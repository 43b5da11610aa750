import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ExplainResult, explain } from '../../../src/server/explain/explain';
import { NO_CONTROL } from '../../../src/server/run/control';
import type { OpenModel } from '../../../src/server/session/openModels';
import { Session } from '../../../src/server/session/session';
import { METHOD_IDS, METHODS, type MethodId, type OptionValues } from '../../../src/shared/methods';
import type { BackendName } from '../../../src/shared/model';
import { onBackend } from '../backends';
import { type NpNumbers, readNumbers } from '../npz';

const FOLDER = join(__dirname, '../../fixtures/methods');
/** Relative to the largest value of a map. */
const TOLERANCE = 1e-5;

/** As in test/fixtures/method_reference.py. */
const OPTIONS: Partial<Record<MethodId, OptionValues>> = {
  'integrated-gradients': { steps: 8, baseline: 'baseline.npy' },
  'score-cam': { channels: 8 },
};

/** Methods of the compared groups that draw random numbers or whose reference is elsewhere (perturbation.test.ts, golden.test.ts). */
const ELSEWHERE: ReadonlySet<MethodId> = new Set([
  'deep-lift',
  'expected-gradients',
  'smooth-grad',
  'smooth-grad-squared',
  'var-grad',
]);

const networks = readdirSync(FOLDER).flatMap((file) => /^(.*)\.keras$/.exec(file)?.[1] ?? []);
const keras = new Map<string, ReadonlyMap<string, NpNumbers>>();
for (const name of networks) keras.set(name, await readNumbers(join(FOLDER, `${name}.npz`)));

/** Compares the class activation and gradient methods with plain Keras code on small networks (test/fixtures/make_methods.py). */
export const testMethods = (backend: BackendName): Promise<void> =>
  onBackend(backend, 'methods', () => {
    const session = new Session({ backend, nativePath: '', strict: true });
    describe.each(networks)('%s', (name) => {
      const arrays = keras.get(name) ?? new Map<string, NpNumbers>();
      let model: OpenModel;
      beforeAll(async () => {
        model = await session.open(join(FOLDER, `${name}.keras`));
      });
      afterAll(() => session.close(model.id));

      const ask = (method: MethodId, layer: string): Promise<ExplainResult> => {
        const inputs = [{ kind: 'file', path: join(FOLDER, `${name}.npy`) }] as const;
        return session.run(model.id, inputs, { name: 'none' }, NO_CONTROL, ({ trace, walks }) =>
          explain(
            trace,
            walks,
            {
              method,
              layer: layer === 'input' ? 'auto' : layer,
              options: OPTIONS[method] ?? {},
              target: { index: 'auto' },
              labels: [],
              insist: true,
            },
            NO_CONTROL,
            async () => {
              const { shape, values } = arrays.get('baseline') ?? { shape: [], values: [] };
              return { shape, values: Float32Array.from(values) };
            },
          ),
        );
      };

      const maps = [...arrays.keys()].flatMap((key) => {
        const [method, layer] = key.split('@');
        const id = METHOD_IDS.find((one) => one === method);
        return id === undefined || layer === undefined ? [] : [[id, layer] as const];
      });
      test.each(maps)('%s at %s', async (method, layer) => {
        const { raw, header } = await ask(method, layer);
        expect(header.target.index).toBe(arrays.get('target')?.values[0]);
        const wanted = arrays.get(`${method}@${layer}`);
        expect(raw.shape).toEqual(wanted?.shape);
        let [largest, farthest] = [0, 0];
        for (const [i, value] of (wanted?.values ?? []).entries()) {
          largest = Math.max(largest, Math.abs(value));
          farthest = Math.max(farthest, Math.abs((raw.values[i] ?? Number.NaN) - value));
        }
        expect(farthest / largest).toBeLessThanOrEqual(TOLERANCE);
      });
    });

    test('every class activation and gradient method is compared', () => {
      const compared = new Set(
        [...keras.values()].flatMap((arrays) => [...arrays.keys()]).map((key) => key.split('@')[0]),
      );
      const expected = METHOD_IDS.filter(
        (id) => ['Class activation', 'Gradients'].includes(METHODS[id].group) && !ELSEWHERE.has(id),
      );
      expect(expected.filter((id) => !compared.has(id))).toEqual([]);
    });
  });
