import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { openModelFile } from '../../../src/server/formats/open';
import { loadCustomLayers } from '../../../src/server/kinds/customLayers';
import { findKind, setCustomKinds } from '../../../src/server/kinds/registry';
import { startBackend } from '../../../src/server/run/backends/backend';
import { WeightCache } from '../../../src/server/run/weights/weightCache';
import { graphOf } from '../../../src/server/session/modelGraph';
import { Session } from '../../../src/server/session/session';
import { Failure } from '../../../src/shared/errors';
import { configOf } from './backends';

const folder = mkdtempSync(join(tmpdir(), 'layerglass-custom-'));
const MODEL = join(__dirname, '../../fixtures/custom/documented.keras');
let modules = 0;

function moduleOf(text: string, ending = 'cjs'): string {
  const path = join(folder, `layers${++modules}.${ending}`);
  writeFileSync(path, text);
  return path;
}

afterEach(() => setCustomKinds({}));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('modules', () => {
  test('CommonJS and ES modules define layers, found by their own or their registered name', async () => {
    const common = moduleOf('module.exports = { Half: { call: () => null } }');
    const es = moduleOf('export const Twice = { call: () => null };', 'mjs');
    setCustomKinds(await loadCustomLayers([common, es]));
    expect(findKind('my_package>Half')).toBe(findKind('Half'));
    expect(findKind('my_module.layers.Twice')).toBe(findKind('Twice'));
    expect(findKind('Half')?.outputShapes(configOf({}), [[null, 3]])).toEqual([[null, 3]]);
    expect(findKind('ops.Half')).toBeUndefined();
  });

  test.each([
    ['a missing file', () => join(folder, 'none.cjs'), 'file-unreadable', /could not be loaded/],
    ['a syntax error', () => moduleOf('module.exports = {'), 'file-unreadable', /could not be loaded/],
    [
      'a class name of Keras',
      () => moduleOf('module.exports = { Dense: { call() {} } }'),
      'bad-config',
      /built-in Keras layer/,
    ],
    [
      'a layer without call',
      () => moduleOf('module.exports = { Half: { weights() {} } }'),
      'bad-config',
      /needs a function "call"/,
    ],
    [
      'a layer that is not an object',
      () => moduleOf('module.exports = { Half: 7 }'),
      'bad-config',
      /is not a layer/,
    ],
  ])('%s is refused with the module named', async (_, path, kind, message) => {
    await expect(loadCustomLayers([path()])).rejects.toMatchObject({
      error: { kind, message: expect.stringMatching(message), remedy: expect.any(String) },
    });
  });

  test('an error in a function or its result is reported with the layer and the module', async () => {
    const path = moduleOf(`module.exports = {
      Throws: { call() {}, outputShape() { throw new Error('no such power'); } },
      Odd: { call() {}, outputShape: () => 'big', weights: () => [{ name: 'w', shape: [0.5] }] },
    }`);
    setCustomKinds(await loadCustomLayers([path]));
    const shapes = (className: string) => () => findKind(className)?.outputShapes(configOf({}), [[null, 3]]);
    expect(shapes('Throws')).toThrow(
      /^Layer "layer", implemented in layers\d+\.cjs: "outputShape" failed: no such power\.$/,
    );
    expect(shapes('Odd')).toThrow('should return a list of sizes');
    expect(() => findKind('Odd')?.weights?.(configOf({}), [])).toThrow(
      'entry 0 of "weights" should be {name, shape, trainable?}',
    );
  });
});

describe('a session', () => {
  const session = (customLayers: readonly string[], strict: boolean) =>
    new Session({ backend: 'cpu', nativePath: '', strict, customLayers });

  test('opens a model with unknown layers, which a module makes known', async () => {
    const without = await session([], false).open(MODEL);
    expect(without.graph.summary.layers.find((row) => row.name === 'attended')?.status).toBe('unknown');
    const path = moduleOf(`module.exports = {
      SqueezeExcite: { call() {}, weights: (config, [shape]) => [{ name: 'excite/bias', shape: [shape.at(-1)] }] },
    }`);
    const opened = await session([path], true).open(MODEL);
    expect(opened.graph.summary.layers.find((row) => row.name === 'attended')).toMatchObject({
      status: 'known',
      params: 4,
    });
  });

  test('opens a model with a notice if a module fails, unless it is strict', async () => {
    const { graph } = await session([join(folder, 'none.cjs')], false).open(MODEL);
    expect(graph.summary.notices).toEqual([expect.stringMatching(/none\.cjs could not be loaded/)]);
    await expect(session([join(folder, 'none.cjs')], true).open(MODEL)).rejects.toThrow('none.cjs');
  });
});

describe('weights that a module declares but the file does not contain', () => {
  const failureOf = async (weights: string, format = '.keras') => {
    const path = moduleOf(`module.exports = {
      SqueezeExcite: { call() {}, weights: (config, [shape]) => ${weights} },
    }`);
    setCustomKinds(await loadCustomLayers([path]));
    const file = await openModelFile(MODEL.replace('.keras', format));
    const graph = graphOf(file);
    const cache = new WeightCache(
      await startBackend({ backend: 'cpu', nativePath: '', strict: true }),
      graph,
      file.weights,
    );
    const node = graph.nodes.get('attended');
    if (!node) throw new Error('no such layer');
    const thrown: unknown = await cache.of(node).catch((error: unknown) => error);
    file.close();
    if (!(thrown instanceof Failure)) throw new Error(`it did not fail: ${String(thrown)}`);
    return thrown.error;
  };

  test('are reported with their path, the module and the weights of the file', async () => {
    const error = await failureOf(`[
      { name: 'squeeze/kernel', shape: [4, 2] }, { name: 'squeeze/bias', shape: [2] },
      { name: 'expand/kernel', shape: [2, 4] },
    ]`);
    expect(error.kind).toBe('bad-weights');
    expect(error.message).toMatch(
      /^The file holds no weight "expand\/kernel" \(2, 4\) for layer "attended" \(my_package>SqueezeExcite\), as layers\d+\.cjs declares it\.$/,
    );
    expect(error.remedy).toMatch(/^Correct "weights" in layers\d+\.cjs\. The file holds for this layer: /);
    expect(error.remedy).toContain('excite/vars/0 (2, 4)');
  });

  test('are reported for HDF5 and TensorFlow.js files, too', async () => {
    for (const format of ['.h5', '/model.json']) {
      const error = await failureOf(`[{ name: 'squeeze/kernel', shape: [9, 9] }]`, format);
      expect(error.message).toContain('"squeeze/kernel" (9, 9)');
      expect(error.remedy).toContain('attended/dense_1/kernel (2, 4)');
    }
  });

  test('are reported with the shape that the module declares', async () => {
    const error = await failureOf(`[{ name: 'squeeze/kernel', shape: [4, 3] }]`);
    expect(error.message).toMatch(
      /^Layer "attended": weight "squeeze\/kernel" should have shape \(4, 3\) by layers\d+\.cjs, but the file holds \(4, 2\)\.$/,
    );
    expect(error.remedy).toMatch(/^Correct "weights" in layers/);
  });

  test('cannot have the same name', async () => {
    const path = moduleOf(`module.exports = {
      Odd: { call() {}, weights: () => [{ name: 'a/w', shape: [1] }, { name: 'a/w', shape: [1] }] },
    }`);
    setCustomKinds(await loadCustomLayers([path]));
    expect(() => findKind('Odd')?.weights?.(configOf({}), [])).toThrow(
      '"weights" returns two weights named "a/w".',
    );
  });
});
