/**
 * `node bench/python.mjs [--rounds 20]`: how long the hints of a Python file of 1,000 lines take after an edit, as the editor asks for them: a
 * changed character, then the hints of what is visible, over LSP. Written to docs/benchmarks.md with 5 rounds or more.
 */
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { main, Trouble } from '../scripts/lib.mjs';
import { buildProduct, commit, dist, machine } from './networks.mjs';
import { MIN_ROUNDS, median, ms, table, writeSection } from './report.mjs';
import { connect } from './server.mjs';

const LINES = 1000;
/** Rounds that are not counted. */
const WARM_UP = 10;
/** What the server prepares at its start is over by then. */
const START_MS = 3000;
/** As between two words. */
const PAUSE_MS = 500;
/** Lines that are visible at once. */
const VISIBLE = 60;

const HEAD = [
  'import os',
  'import keras',
  'import numpy as np',
  'from keras import layers',
  'from PIL import Image',
  'import matplotlib.pyplot as plt',
  '',
];
/** A block and a small network of it. */
const part = (number) => `
def block_${number}(x, filters, stride=1):
    shortcut = x
    if stride != 1 or x.shape[-1] != filters:
        shortcut = layers.Conv2D(filters, 1, strides=stride, use_bias=False)(x)
        shortcut = layers.BatchNormalization()(shortcut)
    x = layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    return layers.ReLU()(layers.Add()([x, shortcut]))

inputs = keras.Input((64, 64, 3))
x = layers.Conv2D(16, 3, padding="same")(inputs)
for stage, filters in enumerate([16, 32, 64]):
    for i in range(2):
        x = block_${number}(x, filters, stride=2 if stage > 0 and i == 0 else 1)
x = layers.GlobalAveragePooling2D()(x)
outputs = layers.Dense(10, activation="softmax", name="head_${number}")(x)
model_${number} = keras.Model(inputs, outputs, name="net_${number}")
model_${number}.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
`;
/** A class of a layer, a network of Keras and its head. */
const other = (network) => `
class Scale_${network}(layers.Layer):
    def build(self, shape):
        self.factor = self.add_weight(shape=(shape[-1],), initializer="ones")
    def call(self, x):
        return x * self.factor

base = keras.applications.${network}(include_top=False, input_shape=(224, 224, 3), pooling="avg")
base.trainable = False
y = Scale_${network}()(base.output)
model_${network} = keras.Model(base.input, layers.Dense(5)(y))
`;

/** What is around the networks of a program. */
const surroundings = (number) => `
class Reader_${number}:
    """Reads what train_${number} needs."""
    def __init__(self, folder, size=(64, 64), batch_size=32):
        self.folder = folder
        self.size = size
        self.batch_size = batch_size

    def files(self):
        return sorted(os.path.join(self.folder, name) for name in os.listdir(self.folder) if name.endswith(".png"))

    def batches(self):
        found = []
        for path in self.files():
            image = np.asarray(Image.open(path).resize(self.size)) / 255.0
            found.append((image - image.mean()) / (image.std() + 1e-7))
            if len(found) == self.batch_size:
                yield np.stack(found)
                found = []

def train_${number}(model, reader, epochs=10, rate=1e-3):
    history = {"loss": [], "accuracy": []}
    optimizer = keras.optimizers.Adam(rate)
    for epoch in range(epochs):
        for step, batch in enumerate(reader.batches()):
            labels = np.random.randint(0, 10, size=len(batch))
            loss = model.train_on_batch(batch, labels)
            if step % 100 == 0:
                print(f"epoch {epoch} step {step}: {loss:.4f}")
        history["loss"].append(loss)
    plt.plot(history["loss"], label="loss")
    plt.legend()
    return history
`;

/**
 * A file of 1,000 lines: what is given, then whole blocks and networks of them, and comments to its end.
 * @param besides how much of other code follows each network
 */
function fileOf(more, besides = 0) {
  const lines = [...HEAD, ...more.flatMap((text) => text.split('\n'))];
  for (let number = 0; ; number++) {
    const around = Array.from({ length: besides }, (_, i) => surroundings(`${number}_${i}`));
    const next = [part(number), ...around].flatMap((text) => text.split('\n'));
    if (lines.length + next.length > LINES) break;
    lines.push(...next);
  }
  return [...lines, ...Array(LINES - lines.length).fill('# end')].join('\n');
}

const FILES = {
  'networks, and five times as many lines around them': fileOf([], 4),
  'blocks and networks of them': fileOf([]),
  'the same, and EfficientNetV2B0 and ResNet50 of keras.applications': fileOf([
    other('EfficientNetV2B0'),
    other('ResNet50'),
  ]),
  'blocks and networks of them, and at the end a bracket that is never closed': `${fileOf([])}\nx = layers.Dense(`,
};

/** Times of hints after an edit, and how many hints a whole file has. */
async function measured(connection, uri, text, rounds) {
  const document = { uri, languageId: 'python', version: 1, text };
  const lines = text.split('\n');
  const at = { line: lines.findIndex((line) => line.includes('layers.Conv2D(16, 3')), character: 18 };
  const hints = (from, to) =>
    connection.sendRequest('textDocument/inlayHint', {
      textDocument: { uri },
      range: { start: { line: from, character: 0 }, end: { line: to, character: 0 } },
    });
  await wait(START_MS);
  const start = performance.now();
  await connection.sendNotification('textDocument/didOpen', { textDocument: document });
  const all = await hints(0, lines.length);
  const first = performance.now() - start;
  if (all.length === 0) throw new Trouble('the file has no hints');
  const times = [];
  for (let round = -WARM_UP; round < rounds; round++) {
    // A digit that comes and goes: all that follows moves.
    const isThere = round % 2 !== 0;
    const edit = {
      range: { start: at, end: { ...at, character: at.character + Number(isThere) } },
      text: isThere ? '' : '1',
    };
    await wait(PAUSE_MS);
    const before = performance.now();
    await connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version: round + WARM_UP + 2 },
      contentChanges: [edit],
    });
    await hints(Math.max(0, at.line - VISIBLE / 2), at.line + VISIBLE / 2);
    if (round >= 0) times.push(performance.now() - before);
  }
  return { first, times, count: all.length };
}

await main(async () => {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } });
  const rounds = Number(values.rounds);
  await buildProduct();
  const [before] = loadavg();
  const rows = [];
  for (const [name, text] of Object.entries(FILES)) {
    const server = await connect(join(dist, 'server.js'), 'cpu');
    try {
      const { first, times, count } = await measured(
        server.connection,
        'file:///code/train.py',
        text,
        rounds,
      );
      const spread = `${ms(median(times))} (${ms(Math.min(...times))} to ${ms(Math.max(...times))})`;
      rows.push([name, `${count}`, ms(first), spread]);
    } finally {
      await server.stop();
    }
  }
  const text = [
    `Written by \`node bench/python.mjs\` on ${new Date().toISOString().slice(0, 10)}, commit ${commit()}, ${rounds} rounds: ${machine()}, load average at start and end ${before.toFixed(1)} and ${loadavg()[0].toFixed(1)}.`,
    `A file of 1,000 lines, in a server that has answered ${WARM_UP} edits of it. After an edit: from the changed character to the hints of ${VISIBLE} lines around it, there and back over LSP; the whole file is followed again. Median, least and most.`,
    table(['File of', 'hints', 'opened, ms', 'after an edit, ms'], rows),
  ].join('\n\n');
  process.stdout.write(`${text}\n`);
  if (rounds >= MIN_ROUNDS) writeSection('python', `## Shapes in Python\n\n${text}`);
  return 0;
});
