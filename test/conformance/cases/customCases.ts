import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openModelFile } from '../../../src/server/formats/open';
import { buildGraph } from '../../../src/server/graph/keras/build';
import { loadCustomLayers } from '../../../src/server/kinds/customLayers';
import { findKind, setCustomKinds } from '../../../src/server/kinds/registry';
import { BackwardWalk } from '../../../src/server/run/backward';
import { NO_CONTROL } from '../../../src/server/run/control';
import { runForward } from '../../../src/server/run/trace';
import { WeightCache } from '../../../src/server/run/weights/weightCache';
import type { BackendName } from '../../../src/shared/model';
import { onBackend } from '../backends';
import { readNpz } from '../npz';
import { compare, computed } from './layerCases';

const FOLDER = join(__dirname, '../../fixtures/custom');
const folder = mkdtempSync(join(tmpdir(), 'layerglass-custom-'));

/** Writes the module in docs/custom-layers.md to a file; `edit` changes its text. */
export function moduleOfDocs(edit: (text: string) => string = (text) => text): string {
  const page = readFileSync(join(__dirname, '../../../docs/custom-layers.md'), 'utf8');
  const text = /```js\n([\s\S]*?)```/.exec(page)?.[1];
  if (text === undefined) throw new Error('docs/custom-layers.md has no module');
  const path = join(folder, `layers-${edit(text).length}.cjs`);
  writeFileSync(path, edit(text));
  return path;
}

const FORMATS = ['.keras', '.h5', '/model.json'] as const;

/**
 * Compares the example of the documentation, with its own gradient and with TF.js's, and layers nested three levels deep with the
 * values of the Python classes, in each format.
 */
export async function testCustomCases(backend: BackendName): Promise<void> {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  setCustomKinds(await loadCustomLayers([moduleOfDocs()]));
  await onBackend(backend, 'custom layers', (runtime) => {
    const play = async (name: string, format: string, module: string): Promise<void> => {
      setCustomKinds(await loadCustomLayers([module]));
      const file = await openModelFile(join(FOLDER, `${name}${format}`));
      const graph = buildGraph(file, findKind);
      expect(graph.summary.layers.filter((row) => row.status === 'unknown')).toEqual([]);
      const counts = JSON.parse(readFileSync(join(FOLDER, 'parameters.json'), 'utf8'));
      expect(graph.summary.params).toEqual(counts[name]);
      const keras = await readNpz(join(FOLDER, `${name}.npz`));
      const tensorOf = (array: string) => {
        const { values, shape, dtype } = keras.get(array) ?? { values: [], shape: [], dtype: 'float32' };
        return runtime.tf.tensor(values, [...shape], dtype);
      };
      const weights = new WeightCache(runtime, graph, file.weights);
      const trace = await runForward(runtime, graph, weights, [tensorOf('input.0')], NO_CONTROL);
      const walk = new BackwardWalk(trace, {
        node: 'out',
        output: 0,
        stage: 'post',
        gradient: tensorOf('cotangent'),
      });
      let compared = 0;
      for (const [array, expected] of keras) {
        const got = await computed(array, graph, trace, walk);
        if (got === undefined) continue;
        compare(got, expected, 1e-5, array);
        compared++;
      }
      expect(compared).toBe(keras.size - 2);
      walk.dispose();
      trace.dispose();
      weights.dispose();
      file.close();
    };

    test.each(FORMATS)('the example of the documentation, %s', (format) =>
      play('documented', format, moduleOfDocs()),
    );
    test('the example of the documentation, differentiated by TF.js', () =>
      play(
        'documented',
        '.keras',
        moduleOfDocs((text) => text.replace(/\n {4}gradient\([\s\S]*?\n {4}\},/, '')),
      ));
    test.each(FORMATS)('layers in a layer in a layer, %s', (format) =>
      play('nested', format, join(FOLDER, 'nested.cjs')),
    );
  });
}
