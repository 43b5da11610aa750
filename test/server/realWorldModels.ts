import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { explain } from '../../src/server/explain/explain';
import { writeNpy } from '../../src/server/inputs/arrays/npy';
import { startBackend } from '../../src/server/run/backends/backend';
import { NO_CONTROL } from '../../src/server/run/control';
import { Session } from '../../src/server/session/session';
import type { BackendName } from '../../src/shared/model';

/** Written by scripts/realWorld.mjs: published models, and the values that TensorFlow.js's own loaders compute for them. */
const FOLDER = resolve(import.meta.dirname, '../../.cache/real-world/models');
/** Relative to the largest value of the reference (or to 1). */
const TOLERANCE = 1e-4;

interface Reference {
  readonly size: number;
  /** [1, size, size, 3], float32 in base64. */
  readonly input: string;
  readonly values: Readonly<Record<string, Summary>>;
}

/** The values of one operation or, if there are many, their sum and the sum of their squares. */
type Summary = { readonly shape: readonly number[] } & (
  | { readonly values: readonly number[] }
  | { readonly sum: number; readonly squares: number }
);

/** Opens, lists, runs and explains each model on one backend. */
export async function testRealWorldModels(backend: BackendName): Promise<void> {
  if (!existsSync(FOLDER)) {
    test.skip('the models of nsfwjs are missing: npm test sets them up if the npm registry is reachable', () => {});
    return;
  }
  const options = { backend, nativePath: '', strict: true } as const;
  const runtime = await startBackend(options).catch((thrown: unknown) => String(thrown));
  if (typeof runtime === 'string') {
    test.skip(`${backend} is not available: ${runtime}`, () => {});
    return;
  }
  const session = new Session(options);
  const scratch = mkdtempSync(join(tmpdir(), 'layerglass-real-'));
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));
  describe(`models of nsfwjs on ${backend}`, () => {
    test.each(readdirSync(FOLDER))(
      '%s',
      async (name) => {
        const reference: Reference = JSON.parse(readFileSync(join(FOLDER, name, 'reference.json'), 'utf8'));
        const bytes = Uint8Array.from(Buffer.from(reference.input, 'base64'));
        const input = join(scratch, `${name}.npy`);
        writeFileSync(
          input,
          writeNpy(new Float32Array(bytes.buffer), [1, reference.size, reference.size, 3]),
        );
        const model = await session.open(join(FOLDER, name, 'model.json'));
        const { summary } = model.graph;
        expect(summary.layers.filter(({ unknownBecause }) => unknownBecause !== undefined)).toEqual([]);
        expect(summary.outputs.map(({ shape }) => shape)).toEqual([[null, 5]]);
        const source = { kind: 'file', path: input } as const;
        await session.run(model.id, [source], { name: 'none' }, NO_CONTROL, async ({ trace, walks }) => {
          const known = Object.keys(reference.values).filter((path) => model.graph.nodes.has(path));
          // Layerglass knows every operation that TensorFlow.js computes.
          expect(known.length).toBe(Object.keys(reference.values).length);
          for (const path of known) {
            const [value] = trace.at(path).outputs;
            const expected = reference.values[path];
            if (!value || !expected) throw new Error(`no value of ${path}`);
            expect(value.shape, `shape of ${path}`).toEqual(expected.shape);
            expect(difference(value.dataSync(), expected), path).toBeLessThanOrEqual(TOLERANCE);
          }
          const request = {
            method: 'grad-cam',
            layer: 'auto',
            target: { index: 'auto' },
            labels: [],
          } as const;
          const { header, map } = await explain(trace, walks, request, NO_CONTROL);
          expect(header.target.score).toBe('logit');
          expect(header.target.probability).toBeGreaterThan(0.2);
          expect(map.shape).toHaveLength(2);
          expect(Math.max(...map.values)).toBeGreaterThan(0);
          const saliency = await explain(trace, walks, { ...request, method: 'saliency' }, NO_CONTROL);
          expect(saliency.map.shape).toEqual([reference.size, reference.size]);
        });
        session.close(model.id);
      },
      120_000,
    );
  });
}

function difference(values: ArrayLike<number>, expected: Summary): number {
  if ('values' in expected) {
    const largest = expected.values.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    return (
      expected.values.reduce(
        (most, value, i) => Math.max(most, Math.abs((values[i] ?? Number.NaN) - value)),
        0,
      ) / largest
    );
  }
  let [sum, squares] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? Number.NaN;
    sum += value;
    squares += value * value;
  }
  const size = Math.sqrt(expected.squares * values.length);
  return Math.max(
    Math.abs(sum - expected.sum) / size,
    Math.abs(squares - expected.squares) / expected.squares,
  );
}
