import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { openModelFile } from '../../../src/server/formats/open';
import { kerasModelOf } from '../../../src/server/formats/savedModel/kerasMetadata';
import { resolveGraph } from '../../../src/server/session/modelGraph';

const FIXTURES = join(__dirname, '../../fixtures/keras_saved_models');
const scratch = mkdtempSync(join(tmpdir(), 'layerglass-keras-saved-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let folder = '';
let number = 0;
beforeEach(() => {
  folder = join(scratch, String(number++));
  cpSync(join(FIXTURES, 'functional'), folder, { recursive: true });
});

const metadata = (): string => join(folder, 'keras_metadata.pb');
const opened = async (path = folder) => resolveGraph(await openModelFile(path));

/** Writes `SavedMetadata` with one object, the model itself. */
function describeModel(json: string, identifier = '_tf_keras_network'): void {
  const field = (tag: number, bytes: Buffer): Buffer => {
    const size: number[] = [];
    let left = bytes.length;
    for (; left > 127; left >>>= 7) size.push((left & 127) | 128);
    return Buffer.concat([Buffer.from([(tag << 3) | 2, ...size, left]), bytes]);
  };
  const object = [field(4, Buffer.from(identifier)), field(5, Buffer.from(json))];
  writeFileSync(metadata(), field(1, Buffer.concat(object)));
}

describe('a SavedModel that Keras 2 saved', () => {
  test('opens as the model of layers that was saved', async () => {
    const { file, graph } = await opened();
    expect(file).toMatchObject({ format: 'saved-model', kerasVersion: '2.6.0' });
    const rows = graph.summary.layers.map(({ path, className, params }) => [path, className, params]);
    expect(rows).toEqual(
      expect.arrayContaining([
        ['left', 'InputLayer', 0],
        ['shared', 'Conv2D', 57],
        ['norm', 'BatchNormalization', 12],
        ['body/shared', 'Conv2D', 39],
        ['body/norm', 'BatchNormalization', 12],
        ['scores', 'Dense', 244],
      ]),
    );
    const { layout, entries } = await file.weights.index();
    expect(layout).toBe('tfjs');
    expect([...entries.keys()].filter((key) => key.startsWith('body/'))).toEqual(
      [
        ...['shared/kernel', 'shared/bias', 'deep/shared/kernel', 'deep/shared/bias'],
        ...['norm/gamma', 'norm/beta', 'norm/moving_mean', 'norm/moving_variance'],
      ].map((name) => `body/${name}`),
    );
  });

  test('keeps weights of the same name in both directions of a Bidirectional apart', async () => {
    const { file } = await opened(join(FIXTURES, 'sequence'));
    const { entries } = await file.weights.index();
    const both = [...entries.keys()].filter((key) => key.startsWith('both/'));
    expect(both).toEqual(
      ['kernel', 'recurrent_kernel', 'bias', 'kernel:1', 'recurrent_kernel:1', 'bias:1'].map(
        (name) => `both/${name}`,
      ),
    );
  });

  test('and is subclassed opens as a graph of operations, with a notice', async () => {
    const { file, graph } = await opened(join(FIXTURES, 'subclassed'));
    expect(file.graph).toBeDefined();
    expect(graph.summary.notices).toContain(
      "Shown are TensorFlow's operations, not the layers of Keras: Net is a subclassed model, whose structure is Python code.",
    );
  });

  test('lists its layers without its variables', async () => {
    rmSync(join(folder, 'variables'), { recursive: true });
    const { file, graph } = await opened();
    expect(graph.summary.layers.some(({ path }) => path === 'body/shared')).toBe(true);
    expect(file.notices?.[0]).toContain('The folder "variables", which contains the weights, is not beside');
    await expect(file.weights.index()).rejects.toThrow(/its folder "variables".* is not beside it/);
    await expect(file.weights.read('shared/kernel')).rejects.toThrow(/contains no values for shared\/kernel/);
  });
});

describe('damaged Keras metadata', () => {
  test.each<[string, () => void, RegExp]>([
    [
      'cut short',
      () => truncateSync(metadata(), 500),
      /not the layers of Keras: its metadata cannot be read: premature EOF\.$/,
    ],
    ['no JSON', () => describeModel('{"class_name": '), /is not valid JSON/],
    [
      'too deep JSON',
      () => describeModel(`{"class_name":"Functional","config":${'['.repeat(1e5)}`),
      /nests more than 512 levels deep/,
    ],
    ['no config', () => describeModel('{"class_name":"Mine"}'), /Mine is a subclassed model/],
    [
      'layers that are none',
      () => describeModel('{"class_name":"Functional","config":{"name":"m","layers":[1, 2]}}'),
      /its list of layers cannot be read/,
    ],
    [
      'layers without an input',
      () =>
        describeModel(
          '{"class_name":"Functional","config":{"name":"m","layers":[{"class_name":"Dense","config":{"name":"d"}}],"input_layers":[["x",0,0]],"output_layers":[["d",0,0]]}}',
        ),
      /not the layers of Keras/,
    ],
  ])('%s: a graph of operations, and why', async (_, damage, why) => {
    damage();
    const { file, graph } = await opened();
    expect(file.graph).toBeDefined();
    expect(graph.summary.notices.join(' ')).toMatch(why);
  });

  test('of something that is not a model is ignored', async () => {
    describeModel('{}', '_tf_keras_metric');
    const { file, graph } = await opened();
    expect(file.graph).toBeDefined();
    expect(graph.summary.notices.join(' ')).not.toContain('Keras');
  });

  test('an unknown class: operations, which compute it', async () => {
    const text = readFileSync(metadata()).toString('latin1');
    writeFileSync(
      metadata(),
      Buffer.from(text.replaceAll('"BatchNormalization"', '"SomeonesOwnLayer_x"'), 'latin1'),
    );
    const { file, graph } = await opened();
    expect(file.graph).toBeDefined();
    expect(graph.summary.notices.join(' ')).toMatch(
      /not the layers of Keras: the output is unknown because of layer "body\/norm"/,
    );
  });
});

describe('objects that contain each other', () => {
  const model = (name: string) => ({
    identifier: '_tf_keras_network',
    metadata: JSON.stringify({ name, class_name: 'Functional', config: { layers: [] } }),
  });
  const opens = (nodes: readonly unknown[]) => {
    const entry = { shape: [1], dtype: 'float32' as const, shard: 0, offset: 0, size: 4 };
    const bundle = {
      entries: new Map([['v', entry]]),
      isMissing: false,
      read: () => new Float32Array(1),
      elements: () => null,
      objects: () => ({ nodes }),
    };
    return kerasModelOf({ objectGraphDef: { nodes } }, bundle, join(scratch, 'none', 'saved_model.pb'));
  };

  test('endlessly are refused with a sentence', () => {
    const children = [{ localName: 'layer-0', nodeId: 0 }];
    expect(opens([{ children, userObject: model('m') }])).toMatch(/its models are nested without end/);
  });

  test('at many levels are refused before they fill the memory', () => {
    const level = (i: number) => ({
      userObject: model(`m${i}`),
      children: [
        { localName: 'layer-0', nodeId: 2 * i + 1 },
        { localName: 'layer-1', nodeId: 2 * i + 2 },
      ],
    });
    // Both children of a level are models over the same two of the next.
    const nodes = Array.from({ length: 60 }, (_, id) => ({
      ...level(Math.ceil(id / 2)),
      userObject: model(`m${id}`),
    }));
    expect(opens(nodes)).toMatch(/its models are nested without end/);
  });

  test('as a layer contains its parts are visited once', () => {
    const layer = {
      identifier: '_tf_keras_layer',
      metadata: '{"name":"dense","class_name":"Dense","config":{}}',
    };
    const opened = opens([
      { children: [{ localName: 'layer-0', nodeId: 1 }], userObject: model('m') },
      { children: [{ localName: 'self', nodeId: 1 }], userObject: layer },
    ]);
    expect(opened).toMatchObject({ kerasVersion: '2' });
  });
});
