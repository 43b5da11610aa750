import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { fixture, json, layerglass, refusal } from '../cliProcess';

/** Keras's numbers for each epoch, from test/fixtures/make_checkpoints.py. */
const expectedEpoch = z.object({
  probabilities: z.array(z.number()),
  norms: z.record(z.string(), z.number()),
  norm: z.number(),
  dead: z.record(z.string(), z.number()),
});
const golden = z
  .object({
    names: z.array(z.string()),
    class: z.number(),
    keras: z.record(z.string(), expectedEpoch),
    distances: z.record(z.string(), z.record(z.string(), z.number())),
  })
  .parse(JSON.parse(readFileSync(fixture('checkpoints/golden.json'), 'utf8')));

interface Printed {
  readonly orderedBy: string;
  readonly others: readonly string[];
  readonly reference: unknown;
  readonly wrongTurn: {
    readonly file: string;
    readonly reasons: readonly { readonly kind: string }[];
  } | null;
  readonly epochs: readonly {
    readonly file: string;
    readonly error?: { readonly kind: string; readonly message: string };
    readonly scores: readonly number[];
    readonly predicted: number;
    readonly norm: number;
    readonly dead: number;
    readonly channels: number;
    readonly nonFinite: number;
    readonly weights: readonly { readonly layer: string; readonly norm: number }[];
    readonly changes?: readonly { readonly layer: string; readonly distance: number | null }[];
    readonly distance: number | null;
    readonly layers: readonly { readonly path: string; readonly dead: number | null }[];
    readonly map: { readonly layer: string; readonly method: string } | null;
  }[];
}

const FOLDER = fixture('checkpoints');
const INPUT = ['--input', join(FOLDER, 'shape.png'), '--backend', 'wasm'];
const strip = (folder: string, ...more: readonly string[]): Promise<Printed> =>
  json<Printed>(['checkpoints', folder, ...INPUT, ...more]);

const near = (value: number, expected: number): void =>
  expect(Math.abs(value - expected), `${value} instead of ${expected}`).toBeLessThanOrEqual(
    1e-5 * Math.abs(expected) + 1e-9,
  );

function expectAsKeras(epoch: Printed['epochs'][number] | undefined, name: string): void {
  const keras = golden.keras[name];
  if (epoch === undefined || keras === undefined) throw new Error(`no epoch ${name}`);
  for (const [i, p] of keras.probabilities.entries()) near(epoch.scores[i] ?? Number.NaN, p);
  expect(epoch.predicted).toBe(keras.probabilities.indexOf(Math.max(...keras.probabilities)));
  near(epoch.norm, keras.norm);
  expect(epoch.weights.map(({ layer }) => layer)).toEqual(Object.keys(keras.norms));
  for (const { layer, norm } of epoch.weights) near(norm, keras.norms[layer] ?? Number.NaN);
  const dead = epoch.layers.flatMap(({ path, dead: count }) => (count === null ? [] : [[path, count]]));
  expect(Object.fromEntries(dead)).toEqual(keras.dead);
}

describe('checkpoints', () => {
  let scratch = '';
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'layerglass-checkpoints-'));
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  test('computes for each epoch what Keras computes, and finds the learning rate that was too high', async () => {
    const { epochs, orderedBy, wrongTurn, reference } = await strip(
      join(FOLDER, 'keras'),
      ...['--label', String(golden.class)],
    );
    expect(orderedBy).toBe('number');
    expect(epochs.map(({ file }) => file)).toEqual(Object.keys(golden.keras));
    for (const epoch of epochs) expectAsKeras(epoch, epoch.file);
    for (const { file, changes, distance } of epochs.slice(1)) {
      const keras = golden.distances[file] ?? {};
      expect(changes?.map(({ layer }) => layer)).toEqual(Object.keys(keras));
      for (const change of changes ?? [])
        near(change.distance ?? Number.NaN, keras[change.layer] ?? Number.NaN);
      near(distance ?? Number.NaN, Math.hypot(...Object.values(keras)));
    }
    expect(epochs[0]).not.toHaveProperty('changes');
    expect(reference).toEqual({ index: golden.class, from: 'label' });
    expect(wrongTurn?.file).toBe('epoch-05.keras');
    expect(wrongTurn?.reasons.map(({ kind }) => kind)).toEqual(['dead', 'prediction']);
    expect(epochs[0]?.map).toMatchObject({ method: 'grad-cam', layer: 'parts' });
  });

  test.each([
    ['weights', 'epoch-1.weights.h5', 'epoch-4.weights.h5'],
    ['sharded', 'epoch-1.weights.json', 'epoch-4.weights.json'],
    ['tensorflow', 'ckpt-1.index', 'ckpt-4.index'],
  ])('opens the files in %s as the model beside them', async (folder, first, second) => {
    const { epochs, wrongTurn } = await strip(join(FOLDER, folder));
    expect(epochs.map(({ file }) => file)).toEqual([first, second]);
    expectAsKeras(epochs[0], 'epoch-01.keras');
    expectAsKeras(epochs[1], 'epoch-04.keras');
    expect(wrongTurn).toBeNull();
  });

  test('names the first epoch with NaN', async () => {
    const { stdout } = await layerglass(['checkpoints', join(FOLDER, 'not-a-number'), ...INPUT]);
    expect(stdout).toMatch(/^! step3\.keras +nothing +NaN/m);
    expect(stdout).toContain(
      'First wrong turn: step3.keras\n  From here on, values are NaN or infinite, first in edges.',
    );
  });

  test('tells the class that most epochs predict where no label is given, and the norm of each epoch', async () => {
    const { stdout } = await layerglass(['checkpoints', join(FOLDER, 'keras'), ...INPUT, '--target', '0']);
    expect(stdout).toContain('6 epochs, ordered by the number in their names.');
    expect(stdout).toContain('2 is taken for it, which most epochs predict');
    expect(stdout).toMatch(/^file +predicted +p +p of 0 +dead +not finite +norm +change +moved by$/m);
    expect(stdout).toMatch(/^! epoch-05\.keras +2 +1 +2\.\S+ +14 of 14 +0 +\d+ +× \d+ +\d+$/m);
  });

  test('goes on after an epoch that cannot be read, and says why', async () => {
    const folder = join(scratch, 'damaged');
    cpSync(join(FOLDER, 'keras'), folder, { recursive: true });
    writeFileSync(join(folder, 'epoch-02.keras'), 'not a model');
    const { epochs, wrongTurn } = await strip(folder);
    expect(epochs[1]).toMatchObject({ file: 'epoch-02.keras', error: { kind: 'not-a-model' } });
    expectAsKeras(epochs[2], 'epoch-03.keras');
    expect(wrongTurn?.file).toBe('epoch-05.keras');
    const { stdout } = await layerglass(['checkpoints', folder, ...INPUT]);
    expect(stdout).toMatch(/^ {2}epoch-02\.keras +epoch-02\.keras .+$/m);
  });

  test('orders files without numbers by their times, and leaves others out by name', async () => {
    const folder = join(scratch, 'times');
    for (const [name, seconds] of Object.entries({
      'late.keras': 300,
      'early.keras': 100,
      'middle.keras': 200,
    })) {
      cpSync(join(FOLDER, 'keras/epoch-01.keras'), join(folder, name));
      utimesSync(join(folder, name), seconds, seconds);
    }
    cpSync(join(FOLDER, 'weights/epoch-1.weights.h5'), join(folder, 'other.weights.h5'));
    const { epochs, orderedBy, others } = await strip(folder);
    expect(orderedBy).toBe('time');
    expect(epochs.map(({ file }) => file)).toEqual(['early.keras', 'middle.keras', 'late.keras']);
    expect(others).toEqual(['other.weights.h5']);
  });

  test('writes a heat map for each epoch', async () => {
    const out = join(scratch, 'maps');
    await strip(join(FOLDER, 'weights'), '--out', out, '--method', 'saliency');
    expect(readdirSync(out).sort()).toEqual([
      'epoch-1.weights.h5.overlay.png',
      'epoch-4.weights.h5.overlay.png',
    ]);
  });

  test('refuses a folder that is none or holds none, and an input that no epoch can take', async () => {
    expect(await refusal(['checkpoints', join(scratch, 'nowhere'), ...INPUT])).toContain(
      'There is no folder',
    );
    expect(await refusal(['checkpoints', fixture('images'), ...INPUT])).toContain('holds no checkpoints');
    const missing = ['checkpoints', join(FOLDER, 'keras'), '--input', join(scratch, 'none.png')];
    expect(await refusal([...missing, '--backend', 'wasm'])).toContain('none.png');
    expect(await refusal(['checkpoints', join(FOLDER, 'keras'), ...INPUT, '--label', 'cat'])).toContain(
      'There is no class "cat"',
    );
  });
});
