/** Models that the benchmarks make themselves: large in one way, and the same in every run. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A residual network of so many layers, as a topology. */
export function residual(count) {
  const layers = [
    {
      class_name: 'InputLayer',
      name: 'layer_0',
      config: { name: 'layer_0', batch_input_shape: [null, 8] },
      inbound_nodes: [],
    },
  ];
  const call = (index) => [`layer_${index}`, 0, 0, {}];
  for (let i = 1; i < count; i++) {
    const joins = i % 8 === 0;
    const name = `layer_${i}`;
    layers.push({
      class_name: joins ? 'Add' : 'Activation',
      name,
      config: joins ? { name } : { name, activation: 'relu' },
      inbound_nodes: [joins ? [call(i - 1), call(i - 8)] : [call(i - 1)]],
    });
  }
  const config = {
    name: 'residual',
    layers,
    input_layers: [['layer_0', 0, 0]],
    output_layers: [[`layer_${count - 1}`, 0, 0]],
  };
  return { class_name: 'Functional', config, keras_version: '2.15.0' };
}

/** A graph model of so many operations in name scopes of 20, every second scope with a skip connection. */
export function operations(count) {
  const type = { T: { type: 'DT_FLOAT' } };
  const node = [
    {
      name: 'x',
      op: 'Placeholder',
      attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim: [{ size: '-1' }, { size: '8' }] } } },
    },
  ];
  const name = (i) => (i === 0 ? 'x' : `stage_${Math.floor(i / 400)}/block_${Math.floor(i / 20)}/op_${i}`);
  for (let i = 1; i < count; i++) {
    const joins = i % 40 === 39;
    node.push({
      name: name(i),
      op: joins ? 'AddV2' : 'Relu',
      input: joins ? [name(i - 1), name(i - 18)] : [name(i - 1)],
      attr: type,
    });
  }
  const modelTopology = { node, versions: { producer: 1 } };
  return { format: 'graph-model', modelTopology, weightsManifest: [] };
}

/** Side of the image that the wide layer sees, and of each of its channels. */
const SIDE = 56;

/** Writes a convolution of 3 x 3 with so many channels, with random weights, into a folder. Returns the path of the model. */
export function writeWide(folder, channels) {
  mkdirSync(folder, { recursive: true });
  const random = lehmer(7);
  const weights = Float32Array.from({ length: 9 * 3 * channels + channels }, () => random() - 0.5);
  writeFileSync(join(folder, 'weights.bin'), new Uint8Array(weights.buffer));
  const layers = [
    { class_name: 'InputLayer', config: { name: 'x', batch_input_shape: [null, SIDE, SIDE, 3] } },
    {
      class_name: 'Conv2D',
      config: { name: 'wide', filters: channels, kernel_size: [3, 3], padding: 'same', activation: 'relu' },
    },
  ];
  const path = join(folder, 'model.json');
  writeFileSync(
    path,
    JSON.stringify({
      format: 'layers-model',
      modelTopology: { class_name: 'Sequential', config: { name: 'wide', layers } },
      weightsManifest: [
        {
          paths: ['weights.bin'],
          weights: [
            { name: 'wide/kernel', shape: [3, 3, 3, channels], dtype: 'float32' },
            { name: 'wide/bias', shape: [channels], dtype: 'float32' },
          ],
        },
      ],
    }),
  );
  return path;
}

/** Lehmer's generator of random numbers, 0..1. */
function lehmer(seed) {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
