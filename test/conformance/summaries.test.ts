import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openModelFile } from '../../src/server/formats/open';
import type { Graph } from '../../src/server/graph/graph';
import { buildGraph } from '../../src/server/graph/keras/build';
import { findKind } from '../../src/server/kinds/registry';
import { kerasShape } from '../../src/shared/kerasShape';
import type { LayerRow, MaybeShape, ParameterCount } from '../../src/shared/model';

/** One entry of test/fixtures/summaries/index.json: a model as Keras and TensorFlow's profiler describe it. */
interface Printed {
  readonly model: string;
  readonly params: ParameterCount;
  /** Name, class, shape, parameters and, if the model is not sequential, the inputs of the layer. */
  readonly rows: readonly (readonly string[])[];
  readonly totals: Readonly<Record<'Total' | 'Trainable' | 'Non-trainable', number>>;
  readonly plot: readonly string[];
  readonly floatOperations?: number;
}

const FOLDER = join(__dirname, '../fixtures/summaries');
const index: readonly Printed[] = JSON.parse(readFileSync(join(FOLDER, 'index.json'), 'utf8'));

async function graphOf(name: string): Promise<Graph> {
  const path = join(FOLDER, name);
  if (name.endsWith('.gz')) {
    const topology: unknown = JSON.parse(gunzipSync(readFileSync(path)).toString());
    return buildGraph({ topology, format: 'keras', kerasVersion: '3', path }, findKind);
  }
  const file = await openModelFile(path);
  try {
    const { topology, format, kerasVersion } = file;
    return buildGraph({ topology, format, kerasVersion, path }, findKind);
  } finally {
    file.close();
  }
}

/** The shapes of all outputs, as Keras prints them. */
function shapesText(shapes: readonly MaybeShape[]): string {
  const texts = shapes.map((shape) => kerasShape(shape, '?'));
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
}

/** The rows of first calls: Keras lists a layer only once. */
const onceEach = (rows: readonly LayerRow[]): LayerRow[] => rows.filter(({ path }) => !path.includes('@'));
/** The class without our prefix for operations, which Keras does not have. */
const className = (row: LayerRow): string => row.className.replace(/^ops\./, '');

/** `parts[1][2]`: the third output of the second call. */
function connection(path: string, output: number): string {
  const [name, call = '1'] = path.split('/').at(-1)?.split('@') ?? [];
  return `${name}[${Number(call) - 1}][${output}]`;
}

describe.each(index.map((printed) => [printed.model, printed] as const))('%s', (name, printed) => {
  test('has the rows and totals that summary(expand_nested=True) prints', async () => {
    const { summary } = await graphOf(name);
    const ours = onceEach(summary.layers);
    expect(
      ours.map((row) => [row.name, className(row), shapesText(row.outputShapes), String(row.params)]),
    ).toEqual(
      printed.rows.map(([layer, kind, shape, params]) => [layer, kind, shape, params?.replaceAll(',', '')]),
    );
    expect(summary.params).toEqual(printed.params);
    expect(summary.params).toEqual({
      total: printed.totals.Total,
      trainable: printed.totals.Trainable,
      nonTrainable: printed.totals['Non-trainable'],
    });
  });

  test('states which output of which call each layer uses', async () => {
    const { summary } = await graphOf(name);
    const connected = printed.rows.filter(([, , , , inputs]) => inputs !== undefined && inputs !== '-');
    for (const [layer, , , , inputs = ''] of connected) {
      const calls = summary.layers.filter((row) => row.name === layer && row.parent === null);
      const ours = calls.flatMap((row) =>
        row.inbound.map((path, i) => connection(path, row.inboundOutputs[i] ?? 0)),
      );
      expect(ours.join(', '), layer).toBe(inputs);
    }
  });

  test('has the shapes that plot_model draws', async () => {
    const { summary } = await graphOf(name);
    const outputs = printed.plot.map((box) =>
      box.replace(/ Input shape: .* Output shape: | Output shape: /, ' '),
    );
    const leaves = onceEach(summary.layers).filter((row) => !row.isModel);
    const ours = leaves.map((row) => `${row.name} (${className(row)}) ${shapesText(row.outputShapes)}`);
    expect(ours.sort()).toEqual(expect.arrayContaining(outputs.sort()));
  });

  test.runIf(printed.floatOperations !== undefined)(
    'has half as many multiply-adds as the profiler counts operations',
    async () => {
      const { summary } = await graphOf(name);
      expect(2 * (summary.multiplyAdds ?? Number.NaN)).toBe(printed.floatOperations);
    },
  );
});

test('costs that depend on an unknown size are unknown', async () => {
  const { summary } = await graphOf('unknown_sizes.keras');
  const costs = summary.layers.map(({ name, multiplyAdds, activationBytes }) => [
    name,
    multiplyAdds,
    activationBytes,
  ]);
  expect(costs).toEqual([
    ['picture', 0, null],
    ['conv', null, null],
    ['pool', 0, null],
    ['gap', 0, 16],
    ['head', 8, 8],
  ]);
  expect([summary.multiplyAdds, summary.activationBytes]).toEqual([null, null]);
});

test('multiply-adds count the whole batch if its size is fixed', async () => {
  const { summary } = await graphOf('fixed_batch.keras');
  // 4 gates of 5 units from 3 features and 5 states, 6 steps, 4 examples.
  expect(summary.layers.find(({ name }) => name === 'lstm')?.multiplyAdds).toBe(4 * 5 * (3 + 5) * 6 * 4);
});
