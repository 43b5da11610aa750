import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseNpy } from '../../src/server/inputs/arrays/npy';
import type { ExplanationHeader } from '../../src/shared/explanation';
import type { BackendName } from '../../src/shared/model';
import { fixture, json, layerglass, sample } from './cliProcess';

interface SampleCase {
  readonly model: string;
  readonly input?: string;
  readonly inputs?: readonly string[];
  readonly expectedClass?: number;
}

const index: SampleCase[] = JSON.parse(readFileSync(fixture('samples/index.json'), 'utf8'));
const BACKENDS: readonly BackendName[] = ['onnx', 'native', 'wasm', 'cpu'];
const TOLERANCE = 1e-4;

let folder = '';
const available: BackendName[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-samples-'));
  for (const backend of BACKENDS) {
    const args = ['explain', sample('5-sigmoid/scores.keras'), '--input', 'random', '--backend', backend];
    if ((await layerglass(args)).code === 0) available.push(backend);
  }
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Explained {
  readonly header: ExplanationHeader;
  readonly map: Float32Array;
}

async function explain(
  { model, input, inputs, expectedClass }: SampleCase,
  backend: BackendName,
): Promise<Explained> {
  const [raw, png] = ['npy', 'png'].map((ending) => join(folder, `${randomUUID()}.${ending}`)) as [
    string,
    string,
  ];
  const given = (inputs ?? [input ?? '']).flatMap((each) => ['--input', sample(each)]);
  const header = await json<ExplanationHeader>([
    ...['explain', sample(model), ...given, '--backend', backend, '--raw', raw, '--out', png],
  ]);
  expect(header.backend).toBe(backend);
  if (expectedClass !== undefined) expect(header.target.index).toBe(expectedClass);
  expect(header.map.max).toBeGreaterThan(0);
  expect(existsSync(png)).toBe(true);
  return { header, map: Float32Array.from(parseNpy(readFileSync(raw), raw).values) };
}

test('onnx, wasm and cpu are always available', () => {
  expect(available).toEqual(expect.arrayContaining(['onnx', 'wasm', 'cpu']));
});

// The suite of the samples compares every one with Keras on every backend.
test.each(index.map((entry, i) => [entry.inputs?.[0] ?? entry.input ?? '', entry, i] as const))(
  '%s is explained, on the backends in turn',
  async (_, entry, i) => {
    const backend = available[i % available.length] ?? 'cpu';
    const { map } = await explain(entry, backend);
    expect(map.every(Number.isFinite)).toBe(true);
  },
  120_000,
);

test('all backends agree on an explanation', async () => {
  const [entry] = index;
  if (!entry) throw new Error('no sample');
  const explained = await Promise.all(available.map((backend) => explain(entry, backend)));
  const [first, ...others] = explained;
  if (!first) throw new Error('no backend');
  for (const { header, map } of others) {
    expect(header.layer).toBe(first.header.layer);
    const scale = Math.max(1, Math.abs(first.header.target.value));
    expect(Math.abs(header.target.value - first.header.target.value) / scale).toBeLessThan(TOLERANCE);
    const error = Math.max(...Array.from(map, (v, i) => Math.abs(v - (first.map[i] ?? Number.NaN))));
    expect(error / first.header.map.max, `${header.backend} against ${first.header.backend}`).toBeLessThan(
      TOLERANCE,
    );
  }
}, 120_000);

test('every sample is explained', () => {
  const folders = readdirSync(sample()).filter((name) => /^\d-/.test(name));
  expect(new Set(index.map((entry) => entry.model.split('/')[0]))).toEqual(new Set(folders));
});
