import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { weightsReport } from '../../../src/server/inspect/weights/weightsReport';
import { NO_CONTROL } from '../../../src/server/run/control';
import { storedWeights } from '../../../src/server/run/weights/storedWeights';
import { OpenModels, settingsFile } from '../../../src/server/session/openModels';
import { Session } from '../../../src/server/session/session';
import { Failure, type LayerglassError } from '../../../src/shared/errors';
import { weightDocument } from '../../../src/shared/results/weights';
import { zipOf } from '../../server/zipFile';

const FIXTURES = join(__dirname, '../../fixtures');
const STORED = join(FIXTURES, 'stored_weights');
const PIECES = join(FIXTURES, 'pieces');

let scratch = '';
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'layerglass-weights-only-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let models = new OpenModels({ strict: true });
let folder = '';
beforeEach(() => {
  models = new OpenModels({ strict: true });
  folder = mkdtempSync(join(scratch, 'folder-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const copy = (from: string, name: string): string => {
  cpSync(from, join(folder, name));
  return join(folder, name);
};

async function failure(work: Promise<unknown>): Promise<LayerglassError> {
  const thrown: unknown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof Failure) return thrown.error;
  throw new Error('nothing failed as expected');
}

interface Row {
  readonly path: string;
  readonly name: string;
  readonly norm: number;
}
const numpy = (name: string): Row[] => JSON.parse(readFileSync(join(STORED, name), 'utf8'));

/** Path, name, and norm of every weight, sorted by path. */
async function listed(path: string): Promise<{ path: string; name: string; norm: number }[]> {
  const { graph, file } = await models.open(path);
  const report = await weightsReport(await storedWeights(graph, file.weights), undefined);
  return report.map(weightDocument).map(({ path, name, norm }) => ({ path, name, norm: norm ?? Number.NaN }));
}

const sorted = <T extends { readonly path: string; readonly norm: number }>(rows: readonly T[]): T[] =>
  [...rows].sort((a, b) => a.path.localeCompare(b.path) || a.norm - b.norm);

describe('a file of weights alone', () => {
  test.each([
    ['stored.weights.h5', 'stored.json'],
    ['subclassed.weights.h5', 'subclassed.json'],
    ['subclassed.keras', 'subclassed.json'],
    ['keras2_weights.h5', 'keras2_weights.json'],
  ])('%s lists the layers by name with the values that NumPy has', async (name, expected) => {
    const got = sorted(await listed(copy(join(STORED, name), name)));
    const wanted = sorted(numpy(expected));
    expect(got.map(({ path }) => path)).toEqual(wanted.map(({ path }) => path));
    for (const [i, { norm, path }] of wanted.entries()) expect(got[i]?.norm, path).toBeCloseTo(norm, 4);
  });

  test('of a TensorFlow checkpoint is listed by its variables', async () => {
    for (const shard of ['.index', '.data-00000-of-00001'])
      copy(join(STORED, `subclassed.ckpt${shard}`), `model.ckpt${shard}`);
    const got = (await listed(join(folder, 'model.ckpt'))).filter(({ path }) => path.startsWith('model/'));
    expect(got.map(({ norm }) => norm.toFixed(4)).sort()).toEqual(
      numpy('subclassed.json')
        .map(({ norm }) => norm.toFixed(4))
        .sort(),
    );
    expect(got.map(({ path, name }) => `${path}/${name}`)).toContain('model/first/_kernel');
    const shard = await failure(models.open(join(folder, 'model.ckpt.data-00000-of-00001')));
    expect(shard).toMatchObject({
      kind: 'weights-only',
      suggestion: { open: join(folder, 'model.ckpt.index') },
    });
  });

  test('names classes, weights, shapes and parameters where the file tells them', async () => {
    const { graph } = await models.open(copy(join(STORED, 'stored.weights.h5'), 'w.weights.h5'));
    const { summary } = graph;
    expect(summary.weightsOnly?.why).toContain('w.weights.h5 contains only weights');
    expect(summary.layers.find(({ path }) => path === 'conv')).toMatchObject({
      className: 'Conv2D',
      params: 3 * 3 * 3 * 8 + 8,
    });
    expect(summary.layers.find(({ path }) => path === 'conv/kernel')).toMatchObject({
      parent: 'conv',
      className: 'float32',
      outputShapes: [[3, 3, 3, 8]],
    });
    expect(summary.params.total).toBe(1165);
    // The state of the optimizer is not a weight.
    expect(summary.layers.some(({ path }) => path.startsWith('optimizer'))).toBe(false);
  });

  test.each([
    [64, /damaged|cut short/],
    [9000, /damaged|cut short|cannot be read/],
  ])('of which %i bytes are left names the file', async (length, sentence) => {
    const path = join(folder, 'cut.weights.h5');
    writeFileSync(path, readFileSync(join(STORED, 'stored.weights.h5')).subarray(0, length));
    const error = await failure(models.open(path));
    expect(error.message).toMatch(sentence);
    expect(error.message).toContain('cut.weights.h5');
    expect(error.kind).not.toBe('internal');
  });

  test('a damaged index of a checkpoint names the file', async () => {
    const path = join(folder, 'bad.ckpt.index');
    const bytes = readFileSync(join(STORED, 'subclassed.ckpt.index'));
    writeFileSync(path, bytes.fill(0xff, 0, 60));
    const error = await failure(models.open(path));
    expect(error).toMatchObject({ kind: 'bad-weights' });
    expect(error.message).toContain('bad.ckpt.index');
  });
});

describe('weights beside a model', () => {
  test.each([
    ['stored.keras', 'model.keras'],
    ['stored.keras', 'anything.keras'],
    ['stored.h5', 'trained.h5'],
  ])('open as %s (%s) with these weights', async (from, name) => {
    const architecture = copy(join(STORED, from), name);
    const path = copy(join(STORED, 'stored.weights.h5'), 'epoch-3.weights.h5');
    const model = await models.open(path);
    expect(model).toMatchObject({ architecture, architectures: [], path });
    expect(settingsFile(model)).toBe(architecture);
    expect(model.companionFiles).toEqual([architecture]);
    expect(model.graph.summary.weightsOnly).toBeUndefined();
    expect(model.graph.summary.notices).toContain(
      `The layers are those of ${name}, with the weights of epoch-3.weights.h5.`,
    );
    const rows = await listed(path);
    expect(rows.map(({ path }) => path)).toEqual(numpy('stored.json').map(({ path }) => path));
  });

  test.each([
    ['apart', 'pieces.weights.h5', 'pieces.json'],
    ['sharded', 'pieces.weights.json', 'model.json'],
    ['keras2', 'architecture_weights.h5', 'architecture.json'],
  ])('%s: %s', async (name, weights, topology) => {
    const model = await models.open(join(PIECES, name, weights));
    expect(model.architecture).toBe(join(PIECES, name, topology));
    expect(model.graph.nodes.size).toBeGreaterThan(0);
  });

  test('several checkpoints of one model count as that model', async () => {
    copy(join(STORED, 'stored.keras'), 'epoch-1.keras');
    copy(join(STORED, 'stored.keras'), 'epoch-2.keras');
    const model = await models.open(copy(join(STORED, 'stored.weights.h5'), 'x.weights.h5'));
    expect(model.architecture).toBe(join(folder, 'epoch-1.keras'));
  });

  test('several different ones that fit leave the choice to the user', async () => {
    const one = copy(join(PIECES, 'apart/pieces.json'), 'model.json');
    const other = join(folder, 'other_model.json');
    const topology = readFileSync(one, 'utf8');
    writeFileSync(other, topology.replace('"activation": "tanh"', '"activation": "relu"'));
    expect(readFileSync(other, 'utf8')).not.toBe(topology);
    const path = copy(join(PIECES, 'apart/pieces.weights.h5'), 'x.weights.h5');
    const unsure = await models.open(path);
    expect(unsure).toMatchObject({ architecture: null, architectures: [one, other] });
    expect(unsure.graph.summary.weightsOnly).toBeDefined();
    expect((await models.open(path, other)).architecture).toBe(other);
    expect((await models.open(path, one)).architecture).toBe(one);
  });

  test('of another shape stay weights, and the layer that does not fit is named', async () => {
    copy(join(PIECES, 'apart/pieces.json'), 'model.json');
    const path = copy(join(STORED, 'stored.weights.h5'), 'x.weights.h5');
    const model = await models.open(path);
    expect(model.architecture).toBeNull();
    expect(model.graph.summary.notices.join(' ')).toContain('x.weights.h5 does not fit model.json');
    const error = await failure(models.open(path, join(folder, 'model.json')));
    expect(error).toMatchObject({ kind: 'bad-weights' });
    expect(error.message).toMatch(/^x\.weights\.h5 does not fit model\.json: of the weights of layer "\w+"/);
  });

  test('of none of several models stay weights, which one sentence says', async () => {
    copy(join(PIECES, 'apart/pieces.json'), 'model.json');
    copy(join(FIXTURES, 'formats/tiny.keras'), 'tiny.keras');
    const { graph } = await models.open(copy(join(STORED, 'stored.weights.h5'), 'x.weights.h5'));
    expect(graph.summary.notices).toContain('None of the 2 models beside x.weights.h5 has these weights.');
  });

  test('a model whose layers are a part of those of the file does not fit', async () => {
    copy(join(STORED, 'stored.keras'), 'model.keras');
    const model = await models.open(copy(join(PIECES, 'apart/pieces.weights.h5'), 'x.weights.h5'));
    expect(model.architecture).toBeNull();
  });

  test.each([
    ['subclass.json', (config: string) => Buffer.from(config)],
    ['subclass.keras', (config: string) => zipOf({ 'config.json': Buffer.from(config) })],
  ])('%s is a subclassed model, which a notice says', async (name, pack) => {
    const path = copy(join(PIECES, 'apart/pieces.weights.h5'), 'subclass.weights.h5');
    writeFileSync(join(folder, name), pack('{"class_name": "Net", "config": {"units": 3}}'));
    const { graph, architecture } = await models.open(path);
    expect(architecture).toBeNull();
    expect(graph.summary.notices).toContain(
      `${name} contains a subclassed model (Net): its structure is Python code, which a file cannot contain.`,
    );
  });

  test('one shard of several is a part of the weights only', async () => {
    const { graph, architecture } = await models.open(join(PIECES, 'sharded/pieces_00001.weights.h5'));
    expect(architecture).toBeNull();
    expect(graph.summary.notices.join(' ')).toContain('pieces_00001.weights.h5 does not fit model.json');
  });

  test('alone cannot be run, which says why and names a way out', async () => {
    const session = new Session({ backend: 'cpu', nativePath: '', strict: true });
    const model = await session.open(copy(join(STORED, 'stored.weights.h5'), 'alone.weights.h5'));
    const error = await failure(
      session.run(model.id, [], { name: 'none' }, NO_CONTROL, async () => undefined),
    );
    expect(error).toMatchObject({
      kind: 'weights-only',
      message: 'alone.weights.h5 contains only weights: it does not describe the layers of the model.',
    });
    expect(error.remedy).toContain('Put the model beside it');
    session.close(model.id);
  });

  test('a subclassed model or a link out of the folder is not taken', async () => {
    copy(join(STORED, 'subclassed.keras'), 'model.keras');
    symlinkSync(join(STORED, 'stored.keras'), join(folder, 'linked.keras'));
    const path = copy(join(STORED, 'stored.weights.h5'), 'x.weights.h5');
    expect((await models.open(path)).architecture).toBeNull();
    const error = await failure(models.open(path, join(folder, 'model.keras')));
    expect(error.message).toContain('contains a subclassed model (Subclassed)');
  });
});
