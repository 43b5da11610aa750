import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeNpy } from '../../../src/server/inputs/arrays/npy';
import * as protocol from '../../../src/shared/protocol';
import { writeTopology } from '../badModels';
import { fixture } from '../cliProcess';
import { errorOf, type ServerProcess, saliency, startServer, value } from '../serverProcess';

/** A server for an editor in German: sentences from every process are German, with what the file calls things. */

const ROOT = resolve(import.meta.dirname, '../../..');

let server: ServerProcess;
let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-german-'));
  server = await startServer(
    join(ROOT, 'dist/server.js'),
    { backend: 'wasm' },
    // As src/extension/language.ts passes it.
    { LAYERGLASS_TRANSLATIONS: join(ROOT, 'l10n/bundle.l10n.de.json') },
  );
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('a file that is no model', async () => {
  const path = join(folder, 'broken.keras');
  writeFileSync(path, 'no model');
  const error = errorOf(await server.request(protocol.openModel, { path }));
  expect(error).toMatchObject({
    kind: 'not-a-model',
    message:
      'broken.keras ist kein Modell: Der Inhalt ist weder HDF5 noch Zip noch JSON noch ein SavedModel.',
  });
});

/** A model of one operation on [batch, 2, 2]. */
const ofOperation = (module: string, className: string, config: object): string =>
  writeTopology(join(folder, className), {
    class_name: 'Functional',
    config: {
      name: 'm',
      layers: [
        {
          class_name: 'InputLayer',
          name: 'x',
          config: { name: 'x', batch_shape: [null, 2, 2] },
          inbound_nodes: [],
        },
        {
          module,
          class_name: className,
          name: 'y',
          config: { name: 'y', ...config },
          inbound_nodes: [
            {
              args: [
                {
                  class_name: '__keras_tensor__',
                  config: { shape: [null, 2, 2], dtype: 'float32', keras_history: ['x', 0, 0] },
                },
              ],
              kwargs: {},
            },
          ],
        },
      ],
      input_layers: [['x', 0, 0]],
      output_layers: [['y', 0, 0]],
    },
  });

test('an operation that refuses a shape', async () => {
  const path = ofOperation('keras.src.ops.numpy', 'Squeeze', { axis: 1 });
  const { summary } = value(await server.request(protocol.openModel, { path }));
  expect(summary.layers.at(-1)).toMatchObject({
    className: 'ops.Squeeze',
    notice:
      'Die Operation des Layers „y“ kann nicht berechnet werden: Achse 1 von [None, 2, 2] hat nicht die Größe 1.',
  });
});

test('an operation that refuses the values of an input', async () => {
  const { modelId } = value(
    await server.request(protocol.openModel, { path: ofOperation('keras.src.ops.linalg', 'Inv', {}) }),
  );
  const zeros = join(folder, 'zeros.npy');
  writeFileSync(zeros, writeNpy(new Float32Array(4), [1, 2, 2]));
  const error = errorOf(
    await server.request(protocol.explain, saliency(modelId, { inputs: [{ kind: 'file', path: zeros }] })),
  );
  expect(error).toMatchObject({
    kind: 'bad-input',
    message: 'Die Operation des Layers „y“ kann nicht berechnet werden: Ihre Matrix hat keine Inverse.',
    remedy: 'Eine andere Eingabe wählen; auch Keras lehnt diese ab.',
  });
});

test('the README of exported files', async () => {
  const { modelId } = value(await server.request(protocol.openModel, { path: fixture('golden/toy.keras') }));
  const set = join(folder, 'set');
  value(
    await server.request(protocol.exportSet, {
      ...saliency(modelId),
      folder: set,
      colourMap: 'turbo',
      opacity: 0.5,
    }),
  );
  const lines = readFileSync(join(set, 'README.txt'), 'utf8').split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'Modell: toy.keras',
      'Vorverarbeitung: none',
      'Methode: Gradient saliency',
      'Dateien (Arrays haben keine Batch-Achse; mit numpy.load laden)',
    ]),
  );
  expect(lines.filter((line) => /: Zufallswerte, Seed 1$/.test(line))).toHaveLength(1);
});
