/**
 * `node realWorldReference.cjs FOLDER MODEL...`: what TensorFlow.js's own loaders compute with each model of `FOLDER/models` and one
 * input, the same for all. Beside each model.json, reference.json: the input as base64, and for every layer or operation that the
 * loader lets look at its values (a sum of them and of their squares where there are many, for size).
 * A process of its own, with the copy of TensorFlow.js in FOLDER, since all copies in a process share one engine.
 */
const { readFileSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');

const [folder, ...models] = process.argv.slice(2);
const load = createRequire(join(folder, 'package.json'));
const tf = load('@tensorflow/tfjs-core');
const { loadGraphModel } = load('@tensorflow/tfjs-converter');
const tfl = load('@tensorflow/tfjs-layers');
load('@tensorflow/tfjs-backend-cpu');
const { setWasmPaths } = load('@tensorflow/tfjs-backend-wasm');
const MAX_VALUES = 4096;

/** As `tf.io.fileSystem` of tfjs-node, which this does without. */
function fromDisk(model) {
  const json = JSON.parse(readFileSync(join(model, 'model.json'), 'utf8'));
  const specs = json.weightsManifest.flatMap((group) => group.weights);
  const shards = json.weightsManifest
    .flatMap((group) => group.paths)
    .map((path) => readFileSync(join(model, path)));
  const bytes = Buffer.concat(shards);
  const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const { modelTopology, format, signature, userDefinedMetadata } = json;
  const artifacts = { modelTopology, format, signature, userDefinedMetadata, weightSpecs: specs, weightData };
  return { json, handler: { load: async () => artifacts } };
}

/** Numbers 0..1 that look random and are the same everywhere. */
function image(size) {
  const values = new Float32Array(size * size * 3);
  let state = 12345;
  for (let i = 0; i < values.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = state / 2 ** 32;
  }
  return values;
}

function summary(tensor) {
  const values = tensor.dataSync();
  const shape = tensor.shape;
  if (values.length <= MAX_VALUES) return { shape, values: [...values] };
  let [sum, squares] = [0, 0];
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  return { shape, sum, squares };
}

async function reference(model) {
  const { json, handler } = fromDisk(model);
  const isGraph = json.format === 'graph-model';
  const net = isGraph ? await loadGraphModel(handler) : await tfl.loadLayersModel(handler);
  const [, size] = net.inputs[0].shape;
  const values = image(size);
  const x = tf.tensor4d(values, [1, size, size, 3]);
  const found = {};
  if (isGraph) {
    const names = json.modelTopology.node
      .filter(({ op }) => !['Const', 'Placeholder', 'NoOp'].includes(op))
      .map(({ name }) => name);
    // One at a time: a node's value is freed when nothing more takes it.
    for (const name of names) found[name] = tf.tidy(() => summary(net.execute(x, name)));
  } else {
    const layers = net.layers.filter((layer) => layer.getClassName() !== 'InputLayer' && !layer.layers);
    const all = tfl.model({ inputs: net.inputs, outputs: layers.map((layer) => layer.output) });
    const outputs = all.predict(x);
    for (const [i, layer] of layers.entries()) found[layer.name] = summary(outputs[i]);
  }
  const input = Buffer.from(values.buffer).toString('base64');
  writeFileSync(join(model, 'reference.json'), JSON.stringify({ size, input, values: found }));
}

(async () => {
  setWasmPaths(`${join(folder, 'node_modules/@tensorflow/tfjs-backend-wasm/dist')}/`);
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  await tf.setBackend('wasm');
  for (const model of models) await reference(join(folder, 'models', model));
})().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
