import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { loadCustomLayers } from '../../../src/server/customLayers';
import { findKind, setCustomKinds } from '../../../src/server/layers/registry';
import { Session } from '../../../src/server/session/session';
import { configOf } from './backends';

const folder = mkdtempSync(join(tmpdir(), 'layerglass-custom-'));
const MODEL = join(__dirname, '../../fixtures/custom/model.keras');
let modules = 0;

function moduleOf(text: string, ending = 'cjs'): string {
  const path = join(folder, `layers${++modules}.${ending}`);
  writeFileSync(path, text);
  return path;
}

afterEach(() => setCustomKinds({}));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('modules', () => {
  test('CommonJS and ES modules both give layers, by their own or their registered name', async () => {
    const common = moduleOf('module.exports = { Half: { call: () => null } }');
    const es = moduleOf('export const Twice = { call: () => null };', 'mjs');
    setCustomKinds(await loadCustomLayers([common, es]));
    expect(findKind('my_package>Half')).toBe(findKind('Half'));
    expect(findKind('my_module.layers.Twice')).toBe(findKind('Twice'));
    expect(findKind('Half')?.outputShapes(configOf({}), [[null, 3]])).toEqual([[null, 3]]);
    expect(findKind('ops.Half')).toBeUndefined();
  });

  test.each([
    ['a file that is not there', () => join(folder, 'none.cjs'), 'file-unreadable', /could not be loaded/],
    ['a syntax error', () => moduleOf('module.exports = {'), 'file-unreadable', /could not be loaded/],
    [
      'a class of Keras',
      () => moduleOf('module.exports = { Dense: { call() {} } }'),
      'bad-config',
      /layer of Keras itself/,
    ],
    [
      'no call',
      () => moduleOf('module.exports = { Half: { weights() {} } }'),
      'bad-config',
      /needs a function "call"/,
    ],
    ['no object', () => moduleOf('module.exports = { Half: 7 }'), 'bad-config', /is no layer/],
  ])('%s is refused with the module named', async (_, path, kind, message) => {
    await expect(loadCustomLayers([path()])).rejects.toMatchObject({
      error: { kind, message: expect.stringMatching(message), remedy: expect.any(String) },
    });
  });

  test('what a function throws or gives is told with the layer and the module', async () => {
    const path = moduleOf(`module.exports = {
      Throws: { call() {}, outputShape() { throw new Error('no such power'); } },
      Odd: { call() {}, outputShape: () => 'big', weights: () => [{ name: 'w', shape: [0.5] }] },
    }`);
    setCustomKinds(await loadCustomLayers([path]));
    const shapes = (className: string) => () => findKind(className)?.outputShapes(configOf({}), [[null, 3]]);
    expect(shapes('Throws')).toThrow(
      /^Layer "layer", implemented in layers\d+\.cjs: "outputShape" failed: no such power$/,
    );
    expect(shapes('Odd')).toThrow('should give a list of sizes');
    expect(() => findKind('Odd')?.weights?.(configOf({}), [])).toThrow(
      'a weight is {name, shape, trainable?}',
    );
  });
});

describe('a session', () => {
  const session = (customLayers: readonly string[], strict: boolean) =>
    new Session({ backend: 'cpu', nativePath: '', strict, customLayers });

  test('opens the model without its layers, and with them when a module is named', async () => {
    const without = await session([], false).open(MODEL);
    expect(without.graph.summary.layers.find((row) => row.name === 'scaled')?.status).toBe('unknown');
    const path = moduleOf(`module.exports = {
      ChannelScale: { call() {}, weights: (config, [shape]) => [{ name: 'scale', shape: [shape.at(-1)] }] },
    }`);
    const opened = await session([path], true).open(MODEL);
    expect(opened.graph.summary.layers.find((row) => row.name === 'scaled')).toMatchObject({
      status: 'known',
      params: 3,
    });
  });

  test('with a module that cannot be used the model still opens in the editor and says so', async () => {
    const { graph } = await session([join(folder, 'none.cjs')], false).open(MODEL);
    expect(graph.summary.notices).toEqual([expect.stringMatching(/none\.cjs could not be loaded/)]);
    await expect(session([join(folder, 'none.cjs')], true).open(MODEL)).rejects.toThrow('none.cjs');
  });
});
