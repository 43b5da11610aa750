import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import * as protocol from '../../../src/shared/protocol';
import { trainingFacts } from '../../../src/shared/results/modelConfig';
import { fixture, json, refusal, sample } from '../cliProcess';
import { errorOf, startServer, value } from '../serverProcess';

interface Inspected {
  readonly compile: unknown;
  readonly layers: readonly { readonly path: string; readonly config?: Record<string, unknown> }[];
}

test('inspect prints how the model was compiled, and on request the config of each layer', async () => {
  const plain = await json<Inspected>(['inspect', sample('5-sigmoid/scores.keras')]);
  expect(trainingFacts(plain.compile)).toEqual({
    optimizer: 'Adam, learning rate 0.002',
    loss: 'binary_crossentropy',
  });
  expect(plain.layers[1]).not.toHaveProperty('config');
  const { layers } = await json<Inspected>(['inspect', sample('5-sigmoid/scores.keras'), '--config']);
  const dense = layers.find(({ path }) => path === 'dense_612');
  expect(dense?.config).toMatchObject({ units: 612, activation: 'softplus', use_bias: true });
  expect(await refusal(['inspect', sample('5-sigmoid/scores.keras'), '--config'])).toContain('Add --json.');
});

test('the pages read it from the file, without a run', async () => {
  const server = await startServer(resolve(import.meta.dirname, '../../../dist/server.js'), {
    backend: 'wasm',
  });
  try {
    const { modelId } = value(
      await server.request(protocol.openModel, { path: fixture('units/image.keras') }),
    );
    const strided = value(await server.request(protocol.layerConfig, { modelId, layer: 'strided' }));
    expect(strided).toMatchObject({ isCut: false, config: { kernel_size: [3, 3], padding: 'same' } });
    expect(value(await server.request(protocol.layerConfig, { modelId, layer: 'relu6' }))).toMatchObject({
      config: { max_value: 6 },
    });
    const missing = await server.request(protocol.layerConfig, { modelId, layer: 'constructor' });
    expect(errorOf(missing)).toMatchObject({ kind: 'no-such-layer' });
    // The model was never compiled.
    expect(value(await server.request(protocol.trainingConfig, { modelId }))).toEqual({
      config: null,
      isCut: false,
    });
    const flat = value(
      await server.request(protocol.openModel, { path: sample('4-cat-or-dog/cat-or-dog.keras') }),
    );
    const nested = flat.summary.layers.find(({ isModel }) => isModel);
    expect(nested).toBeDefined();
    const model = value(
      await server.request(protocol.layerConfig, { modelId: flat.modelId, layer: nested?.path ?? '' }),
    );
    expect(model.config).toHaveProperty('layers');
  } finally {
    await server.stop();
  }
});
