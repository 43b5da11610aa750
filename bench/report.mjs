/** The measurements as a Markdown page. */

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

export const ms = (value) => value.toFixed(value < 10 ? 1 : 0);
const seconds = (value) => value.toFixed(2);
const whole = (value) => value.toFixed(0);
export const ratio = (theirs, ours) => `${(theirs / ours).toFixed(theirs / ours < 10 ? 1 : 0)}x`;

const row = (cells) => `| ${cells.join(' | ')} |`;
export const table = (header, rows) =>
  [row(header), row(header.map(() => '---')), ...rows.map(row)].join('\n');

const METHODS = '\n## Methods: ';

/** The text with this section in place of the one of this title, or at the end. */
export function withSection(text, title, section) {
  const [before, ...others] = text.split(METHODS);
  const name = title.slice('Methods: '.length);
  const kept = others.filter((other) => !other.startsWith(`${name}\n`));
  return [before, ...kept, `${name}\n\n${section}`].join(METHODS);
}

/** The sections about methods, which another command writes. */
export const methodSections = (text) =>
  text
    .split(METHODS)
    .slice(1)
    .map((section) => METHODS + section)
    .join('');

const NAMES = {
  keras: 'Keras',
  compiled: 'Keras compiled',
  vis: 'tf-keras-vis',
  native: 'ours, native',
  wasm: 'ours, wasm',
  layerglass: 'ours',
};
const OURS = ['native', 'wasm', 'layerglass'];

/** The cells of a row: the median of every contestant, then how many times faster ours is than each peer. */
function compared(contestants) {
  const names = Object.keys(contestants);
  const pairs = names
    .filter((name) => OURS.includes(name))
    .flatMap((ours) => names.filter((name) => !OURS.includes(name)).map((theirs) => [theirs, ours]));
  return {
    header: [
      ...names.map((name) => NAMES[name]),
      ...pairs.map(([theirs, ours]) => `${NAMES[theirs]} / ${NAMES[ours]}`),
    ],
    cells(by, take, show) {
      const value = Object.fromEntries(names.map((name) => [name, median(by[name].map(take))]));
      return [
        ...names.map((name) => show(value[name])),
        ...pairs.map(([theirs, ours]) => ratio(value[theirs], value[ours])),
      ];
    },
  };
}

/** Rows of the measurements of whole processes. */
function processRows(name, columns, by, [wallAim, peakAim]) {
  return [
    [name, 'wall, s', ...columns.cells(by, (one) => one.wall, seconds), wallAim],
    ['', 'CPU, s', ...columns.cells(by, (one) => one.cpu, seconds), ''],
    ['', 'peak, MB', ...columns.cells(by, (one) => one.peak, whole), peakAim],
  ];
}

/**
 * Text of docs/benchmarks.md.
 * @param {object} measured by `run.mjs`: lists of { wall, cpu, peak } by contestant for `cold` and for each file of
 *   `listings`, lists of milliseconds by layer and contestant for `warm`
 */
export function page({ rounds, machine, date, busy, listings, cold, warm, first, others, farthest }) {
  const coldColumns = compared(cold);
  const [someListing] = Object.values(listings);
  const listColumns = compared(someListing);
  const warmColumns = compared(warm[first]);
  const itself = (value) => value;
  return `# Benchmarks

Written by \`npm run bench\` on ${date}, not by hand. VGG16 (138 million random weights, 553 MB), images of 224 x 224,
Grad-CAM of the logit of the predicted class. Medians of ${rounds} rounds, in each of which every contestant runs once, after
warm-up rounds that are not counted.

- Machine: ${machine.processor}, ${machine.memory}, ${machine.system}.
- Load average at start and end: ${busy.map((value) => value.toFixed(1)).join(' and ')}. The benchmark itself causes one or two; anything above that is other work, which
  slows all contestants: then only the ratios mean something, not the times.
- Node ${machine.node}; Python ${machine.python}, TensorFlow ${machine.tensorflow}, Keras ${machine.keras}; tf-keras-vis ${machine.tfKerasVis ?? 'is not installed here, so it was not compared'}.
- Our raw maps differ from Keras's by at most ${Object.entries(farthest)
    .map(([backend, share]) => `${share.toExponential(1)} (${backend})`)
    .join(' and ')} of the largest value, over all inputs and layers.
- Layerglass computes without oneDNN, the peer with TensorFlow's defaults. With oneDNN, a maximum or a ReLU near a tie may be decided
  differently, and a map differs by more than rounding; set \`TF_ENABLE_ONEDNN_OPTS=0\` to compare without it.

## Warm: the model is loaded

Milliseconds.

${table(
  ['', 'layer', ...warmColumns.header, 'aim (Keras / native)'],
  [
    ['Grad-CAM on a new input', first, ...warmColumns.cells(warm[first], itself, ms), '2.5x'],
    ...others.map((layer) => [
      'another layer, same input',
      layer,
      ...warmColumns.cells(warm[layer], itself, ms),
      '20x',
    ]),
  ],
)}

- Keras: the eager \`GradientTape\` code of Keras's own Grad-CAM example in one Python process, timed inside it.
- Keras compiled: the same inside \`tf.function\`. Tracing and compiling, needed once per layer, are not counted. It is the best that plain
  Keras can do: the eager tape also records the weights, which the compiled graph prunes.
- Ours: a request to the analysis server over LSP, timed by the client as a round trip; it includes reading the image, the
  display map and every number that a page shows.

## Cold start to a PNG

From start to exit of the process: load the model, read the image, Grad-CAM at ${first}, overlay written as PNG
(\`layerglass explain\` and \`bench/peer.py explain\`).

${table(['', '', ...coldColumns.header, 'aim'], processRows('vgg16.keras', coldColumns, cold, ['3x', '']))}

## Listing the structure

\`layerglass inspect --json\`; in Python, loading the model and \`model.summary()\`.

${table(
  ['', '', ...listColumns.header, 'aim'],
  Object.entries(listings).flatMap(([name, by]) =>
    processRows(name, listColumns, by, ['20x, below 0.5 s', 'below 150 MB']),
  ),
)}
`;
}
