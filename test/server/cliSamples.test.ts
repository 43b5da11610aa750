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
const BACKENDS: readonly BackendName[] = ['native', 'wasm', 'cpu'];
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

test('wasm and cpu are always available', () => {
  expect(available).toEqual(expect.arrayContaining(['wasm', 'cpu']));
});

test.each(index.map((entry) => [entry.inputs?.[0] ?? entry.input ?? '', entry] as const))(
  'all backends agree on the explanation of %s',
  async (name, entry) => {
    const explained: { header: ExplanationHeader; map: ArrayLike<number> }[] = [];
    for (const backend of available) {
      const raw = join(folder, `${name.replaceAll('/', '-')}.${backend}.npy`);
      const png = join(folder, `${name.replaceAll('/', '-')}.${backend}.png`);
      const inputs = (entry.inputs ?? [name]).flatMap((input) => ['--input', sample(input)]);
      const header = await json<ExplanationHeader>([
        ...['explain', sample(entry.model), ...inputs, '--backend', backend, '--raw', raw, '--out', png],
      ]);
      expect(header.backend).toBe(backend);
      if (entry.expectedClass !== undefined) expect(header.target.index).toBe(entry.expectedClass);
      expect(existsSync(png)).toBe(true);
      explained.push({ header, map: parseNpy(readFileSync(raw), raw).values });
    }
    const [first, ...others] = explained;
    if (!first) throw new Error('no backend');
    expect(first.header.map.max).toBeGreaterThan(0);
    for (const { header, map } of others) {
      expect(header.layer).toBe(first.header.layer);
      const scale = Math.max(1, Math.abs(first.header.target.value));
      expect(Math.abs(header.target.value - first.header.target.value) / scale).toBeLessThan(TOLERANCE);
      const error = Math.max(...Array.from(map, (v, i) => Math.abs(v - (first.map[i] ?? Number.NaN))));
      expect(error / first.header.map.max, `${header.backend} against ${first.header.backend}`).toBeLessThan(
        TOLERANCE,
      );
    }
  },
  120_000,
);

test('every sample is explained', () => {
  const folders = readdirSync(sample()).filter((name) => /^\d-/.test(name));
  expect(new Set(index.map((entry) => entry.model.split('/')[0]))).toEqual(new Set(folders));
});
