/** The measurements as a page of markdown. */

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

const milliseconds = (value) => (value < 10 ? value.toFixed(1) : value.toFixed(0));
const seconds = (value) => value.toFixed(2);
const times = (theirs, ours) => `${(theirs / ours).toFixed(theirs / ours < 10 ? 1 : 0)}x`;

const row = (cells) => `| ${cells.join(' | ')} |`;
const table = (header, rows) => [row(header), row(header.map(() => '---')), ...rows.map(row)].join('\n');

/**
 * Text of docs/benchmarks.md.
 * @param {object} run what `run.mjs` measured: lists of { wall, cpu, peak } by contestant for `cold` and for each file of
 *   `listings`, lists of milliseconds by layer and contestant for `warm`
 */
export function page({ times: rounds, machine, date, busy, listings, cold, warm, first, others, farthest }) {
  const wall = (list) => median(list.map((one) => one.wall));
  const cpu = (list) => median(list.map((one) => one.cpu));
  const peak = (list) => median(list.map((one) => one.peak));
  const processes = table(
    [
      'from start to end of the process',
      '',
      'Keras',
      'native',
      'wasm',
      'native faster',
      'wasm faster',
      'aim',
    ],
    [
      ['cold start to a PNG', 'wall s', ...three(cold, wall, seconds), '3x'],
      ['', 'CPU s', ...three(cold, cpu, seconds), ''],
      ['', 'peak MB', ...three(cold, peak, (value) => value.toFixed(0)).slice(0, 3), '', '', ''],
    ],
  );
  const lists = table(
    ['list the structure of', '', 'Keras', 'ours', 'ratio', 'aim'],
    Object.entries({ 'vgg16.keras': listings.keras, 'vgg16.h5': listings.h5 }).flatMap(([name, list]) => [
      [name, 'wall s', ...two(list, wall, seconds), '20x, under 0.5 s'],
      ['', 'CPU s', ...two(list, cpu, seconds), ''],
      ['', 'peak MB', ...two(list, peak, (value) => value.toFixed(0)), 'under 150 MB'],
    ]),
  );
  const warmRows = [
    ['Grad-CAM on a new input', first, '2.5x'],
    ...others.map((layer) => ['another layer, same input', layer, '20x']),
  ].map(([what, layer, aim]) => {
    const by = warm[layer];
    const [keras, compiled, native, wasm] = [by.keras, by.compiled, by.native, by.wasm].map(median);
    return [
      what,
      layer,
      ...[keras, compiled, native, wasm].map(milliseconds),
      times(keras, native),
      times(compiled, native),
      times(keras, wasm),
      aim,
    ];
  });
  const warmTable = table(
    [
      'everything loaded, ms',
      'layer',
      'Keras',
      'Keras compiled',
      'native',
      'wasm',
      'native / Keras',
      'native / compiled',
      'wasm / Keras',
      'aim',
    ],
    warmRows,
  );
  return `# Benchmarks

Written by \`npm run bench\` on ${date}; not edited by hand. VGG16 (138 million random weights, 553 MB), pictures of
224 x 224, Grad-CAM of the predicted class's logit. Medians of ${rounds} rounds in which all contestants take turns, after
rounds that are not counted.

- Machine: ${machine.processor}, ${machine.memory}, ${machine.system}. Average load when it began and ended: ${busy.map((value) => value.toFixed(1)).join(' and ')}; our own work is 1 to 2 of
  it, anything above that is other work on the machine, which slows all contestants.
- Node ${machine.node}; Python ${machine.python}, TensorFlow ${machine.tensorflow}, Keras ${machine.keras}; tf-keras-vis: ${
    machine.tfKerasVis === null
      ? 'not installed here, so it was not compared'
      : `${machine.tfKerasVis} is installed but is not compared`
  }.
- Our raw maps differ from Keras's by at most ${farthest.toExponential(1)} of the largest value, over all layers, inputs and backends
  of this run.

## Processes

${processes}

${lists}

Keras: \`bench/peer.py\`, which imports Keras, loads the model and computes or prints. Ours: \`layerglass explain\` and
\`layerglass inspect --json\`. Both read the model from the page cache.

## Warm

${warmTable}

- Keras: the eager \`GradientTape\` code of Keras's own Grad-CAM example, in one process with the model loaded, timed inside it.
- Keras compiled: the same inside \`tf.function\`; making and compiling the function is not counted.
- Ours: a request to \`dist/server.js\` over LSP, timed in the client there and back, with reading the picture, the map for
  display and all numbers a page shows.
`;
}

function three(by, take, show) {
  const [keras, native, wasm] = [take(by.keras), take(by.native), take(by.wasm)];
  return [show(keras), show(native), show(wasm), times(keras, native), times(keras, wasm)];
}

function two(by, take, show) {
  const [keras, ours] = [take(by.keras), take(by.layerglass)];
  return [show(keras), show(ours), times(keras, ours)];
}
