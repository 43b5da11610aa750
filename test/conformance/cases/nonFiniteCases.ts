import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openModelFile } from '../../../src/server/formats/open';
import { NO_CONTROL } from '../../../src/server/run/control';
import { runForward } from '../../../src/server/run/trace';
import { WeightCache } from '../../../src/server/run/weights/weightCache';
import { graphOf } from '../../../src/server/session/modelGraph';
import type { BackendName } from '../../../src/shared/model';
import { onBackend } from '../backends';
import { readNumbers } from '../npz';

const FOLDER = join(__dirname, '../../fixtures/non_finite');
const TOLERANCE = 1e-5;

/** After every layer of the fixtures, NaN and infinities are where they are in Keras, and all other values agree. */
export const testNonFinite = (backend: BackendName): Promise<void> =>
  onBackend(backend, 'NaN and infinities', (runtime) => {
    test.each(['inputs', 'weights'])('in %s pass through every layer as in Keras', async (name) => {
      const file = await openModelFile(join(FOLDER, `${name}.keras`));
      const graph = graphOf(file);
      const weights = new WeightCache(runtime, graph, file.weights);
      const keras = await readNumbers(join(FOLDER, `${name}.npz`));
      const inputs = graph.inputs.map((_, i) => {
        const given = keras.get(`input.${i}`);
        if (given === undefined) throw new Error(`${name}.npz has no input ${i}`);
        return runtime.tf.tensor(given.values, [...given.shape]);
      });
      const trace = await runForward(runtime, graph, weights, inputs, NO_CONTROL);
      const wrong: string[] = [];
      for (const [key, expected] of keras) {
        const path = /^post\.(.*)$/.exec(key)?.[1];
        if (path === undefined || isKnown(backend, name, path)) continue;
        const values = trace.at(path).outputs[0]?.dataSync() ?? [];
        const largest = Math.max(1, ...[...expected.values].filter(Number.isFinite).map(Math.abs));
        const at = expected.values.findIndex((value, i) => !isSame(Number(values[i]), value, largest));
        if (at >= 0) wrong.push(`${path}: ${values[at]} at ${at} for ${expected.values[at]}`);
      }
      expect(wrong).toEqual([]);
      trace.dispose();
      weights.dispose();
      file.close();
    });
  });

/** On wasm, a transposed convolution also multiplies the zeros between its inputs, so that NaN in its kernel reaches more positions. */
const isKnown = (backend: BackendName, name: string, path: string): boolean =>
  backend === 'wasm' && name === 'weights' && path === 'transposed';

const isSame = (got: number, wanted: number, largest: number): boolean =>
  Object.is(got, wanted) || Math.abs(got - wanted) <= TOLERANCE * largest;
