import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ErrorKind } from '../../src/shared/errors';
import { fixture } from './cliProcess';

/** Writes a TensorFlow.js model without weights: a Sequential of an input of `shape` and `layers`. Returns its path. */
export function writeTfjs(
  folder: string,
  shape: readonly (number | null)[],
  layers: readonly { class_name: string; config: Record<string, unknown> }[],
): string {
  const input = { class_name: 'InputLayer', config: { name: 'x', batch_shape: [null, ...shape] } };
  const topology = { class_name: 'Sequential', config: { name: 's', layers: [input, ...layers] } };
  return writeTopology(folder, topology);
}

export function writeTopology(folder: string, modelTopology: unknown): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'model.json');
  writeFileSync(path, JSON.stringify({ format: 'layers-model', modelTopology, weightsManifest: [] }));
  return path;
}

export const activation = (name: string, kind = 'relu') => ({
  class_name: 'Activation',
  config: { name, activation: kind, dtype: 'float32' },
});

export interface BadModel {
  readonly what: string;
  readonly path: string;
  readonly kind: ErrorKind;
  readonly sentence: RegExp;
}

/** Files that must not open, written into `folder`. */
export function badModels(folder: string): BadModel[] {
  const write = (name: string, content: string | Uint8Array): string => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  };
  const truncated = (name: string, bytes: number): string =>
    write(`cut-${name}`, readFileSync(fixture('formats', name)).subarray(0, bytes));
  const layers = (...names: string[]) => names.map((name) => ({ ...activation(name), name }));
  const cyclic = {
    class_name: 'Functional',
    config: {
      name: 'm',
      layers: layers('a', 'b').map((layer, i) => ({
        ...layer,
        inbound_nodes: [[[i === 0 ? 'b' : 'a', 0, 0, {}]]],
      })),
      input_layers: [['a', 0, 0]],
      output_layers: [['b', 0, 0]],
    },
  };
  return [
    {
      what: 'a missing file',
      path: join(folder, 'none.keras'),
      kind: 'file-not-found',
      sentence: /none\.keras/,
    },
    { what: 'a folder', path: folder, kind: 'file-unreadable', sentence: /folder/ },
    { what: 'an empty file', path: write('empty.h5', ''), kind: 'empty-file', sentence: /empty\.h5/ },
    {
      what: 'text named .h5',
      path: write('text.h5', 'layers:\n  - dense\n'),
      kind: 'not-a-model',
      sentence: /text\.h5/,
    },
    {
      what: 'a truncated HDF5 file',
      path: truncated('tiny3.h5', 2000),
      kind: 'truncated',
      sentence: /cut-tiny3\.h5/,
    },
    {
      what: 'a truncated zip archive',
      path: truncated('tiny.keras', 3000),
      kind: 'truncated',
      sentence: /cut-tiny\.keras/,
    },
    {
      what: 'a shard of a checkpoint',
      path: fixture('stored_weights/subclassed.ckpt.data-00000-of-00001'),
      kind: 'weights-only',
      sentence: /values of a TensorFlow checkpoint/,
    },
    {
      what: 'other JSON',
      path: write('model-x.json', '{"a": 1}'),
      kind: 'not-a-model',
      sentence: /model-x\.json/,
    },
    {
      what: 'an archive with a path out of its folder',
      path: fixture('formats/outward.keras'),
      kind: 'path-escape',
      sentence: /leads out/,
    },
    {
      what: 'layers that depend on each other',
      path: writeTopology(join(folder, 'cyclic'), cyclic),
      kind: 'bad-config',
      sentence: /takes its own output/,
    },
    {
      what: 'a subclassed model',
      path: writeTopology(join(folder, 'subclassed'), { class_name: 'MyNet', config: { depth: 3 } }),
      kind: 'bad-config',
      sentence: /subclassed model \(MyNet\)/,
    },
    {
      what: 'JSON with too many levels',
      path: write('deep/model.json', `{"modelTopology": ${'['.repeat(100_000)}`),
      kind: 'bad-config',
      sentence: /levels deep/,
    },
  ];
}

/** Copies of a TensorFlow.js model that open but whose weights cannot be read, written into `folder`. */
export function brokenShards(folder: string, source: string): BadModel[] {
  const copy = (name: string, change: (copied: string) => void): string => {
    const target = join(folder, name);
    cpSync(source, target, { recursive: true });
    change(target);
    return join(target, 'model.json');
  };
  const shard = 'group1-shard1of1.bin';
  const edit = (target: string, from: string, to: string): void => {
    const path = join(target, 'model.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
  };
  return [
    {
      what: 'a missing shard',
      path: copy('missing', (target) => rmSync(join(target, shard))),
      kind: 'missing-shard',
      sentence: /group1-shard1of1\.bin/,
    },
    {
      what: 'a truncated shard',
      path: copy('short', (target) => writeFileSync(join(target, shard), new Uint8Array(8))),
      kind: 'truncated',
      sentence: /group1-shard1of1\.bin/,
    },
    {
      what: 'a shard with a path out of the folder',
      path: copy('outward', (target) => edit(target, shard, '../missing/../../secret.bin')),
      kind: 'path-escape',
      sentence: /outside its folder/,
    },
    {
      what: 'a shard that is a link out of the folder',
      path: copy('linked', (target) => {
        rmSync(join(target, shard));
        symlinkSync(join(source, shard), join(target, shard));
      }),
      kind: 'path-escape',
      sentence: /outside its folder/,
    },
  ];
}
