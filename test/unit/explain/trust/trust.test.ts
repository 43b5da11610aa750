import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ExplainRequest, explain } from '../../../../src/server/explain/explain';
import type { ExplainedMap } from '../../../../src/server/explain/maps/explainedMaps';
import { randomMap } from '../../../../src/server/explain/trust/randomMap';
import { examine } from '../../../../src/server/explain/trust/trust';
import type { Runtime } from '../../../../src/server/run/backends/backend';
import { startBackend } from '../../../../src/server/run/backends/backend';
import { type Control, NO_CONTROL } from '../../../../src/server/run/control';
import type { Trace } from '../../../../src/server/run/trace';
import type { MethodId } from '../../../../src/shared/methods';
import { mulberry32, normal } from '../../../../src/shared/random';
import { type MemoryModel, traceOf, walksOf } from '../../run/memoryModel';
import { linearModel } from '../perturbationModels';

let runtime: Runtime;
const traces: Trace[] = [];
beforeAll(async () => {
  runtime = await startBackend({ backend: 'cpu', nativePath: '', strict: true });
});
afterAll(() => {
  for (const trace of traces) trace.dispose();
});

/** A sequence of 64 values: the score is the sum of the second quarter, with small weights elsewhere. */
const gauss = normal(mulberry32(5));
const kernel = Array.from({ length: 64 }, (_, i) => (i >= 16 && i < 32 ? 1 : 0) + 0.01 * gauss());
const sequence = Array.from({ length: 64 }, (_, i) => 1 + ((i * 7) % 5));

async function traced(model: MemoryModel): Promise<Trace> {
  const trace = await traceOf(runtime, model, { shape: [64, 1], values: sequence });
  traces.push(trace);
  return trace;
}

async function examined(
  model: MemoryModel,
  {
    method = 'occlusion',
    change = (map) => map,
    control = NO_CONTROL,
  }: { method?: MethodId; change?: (map: ExplainedMap) => ExplainedMap; control?: Control } = {},
) {
  const trace = await traced(model);
  const walks = walksOf(trace);
  const question: ExplainRequest = { method, layer: 'auto', target: { index: 0 }, labels: [], insist: true };
  const readArray = async (): Promise<never> => {
    throw new Error('No file.');
  };
  const { header, maps } = await explain(trace, walks, question, NO_CONTROL, readArray);
  const found = { header, maps: maps.map(change) };
  return examine({ trace, walks, question, found, readArray, control });
}

/** The same map with its values at random positions. */
const scattered =
  (seed: number) =>
  (one: ExplainedMap): ExplainedMap => {
    const uniform = mulberry32(seed);
    return { ...one, map: randomMap(one.map, true, uniform), raw: randomMap(one.raw, true, uniform) };
  };

describe('a linear model', () => {
  test('its exact map is believed', async () => {
    const trust = await examined(linearModel([64, 1], kernel));
    expect(trust).toMatchObject({ verdict: 'believe', otherClass: null, completeness: null });
    expect(trust.insertionAuc).toBeGreaterThan(trust.randomInsertionAuc ?? Number.NaN);
    expect(trust.deletionAuc).toBeLessThan(trust.randomDeletionAuc ?? Number.NaN);
    expect(Math.abs(trust.randomisation ?? Number.NaN)).toBeLessThan(0.5);
    expect(trust.sensitivity).toBeLessThan(0.2);
    expect(trust.notes).toContain('The output has one unit, so there is no map of another class.');
  });

  test('random maps are doubted, but for one in ten', async () => {
    const doubts: string[] = [];
    for (let seed = 100; seed < 110; seed++) {
      const trust = await examined(linearModel([64, 1], kernel), { change: scattered(seed) });
      if (trust.verdict === 'doubt') doubts.push(trust.reasons.join(' '));
    }
    expect(doubts.length).toBeGreaterThanOrEqual(8);
    expect(doubts[0]).toContain('no more to the score than those of random maps');
  });

  test('a map that is the same everywhere is no evidence', async () => {
    const flat = (one: ExplainedMap): ExplainedMap => ({
      ...one,
      map: { ...one.map, values: one.map.values.map(() => 1) },
    });
    expect(await examined(linearModel([64, 1], kernel), { change: flat })).toMatchObject({
      verdict: 'no-evidence',
      reasons: ['The map is the same everywhere: it marks nothing.'],
      insertionAuc: null,
    });
  });

  test('the verdict is the same each time', async () => {
    const first = await examined(linearModel([64, 1], kernel));
    expect(await examined(linearModel([64, 1], kernel))).toEqual(first);
  });

  test('a cancellation stops it', async () => {
    const control: Control = { isCancelled: () => true, report: () => {} };
    await expect(examined(linearModel([64, 1], kernel), { control })).rejects.toThrow('Cancelled.');
  });
});

test('a score that the input does not change is no evidence', async () => {
  const model = linearModel(
    [64, 1],
    kernel.map(() => 0),
  );
  const marked = (one: ExplainedMap): ExplainedMap => ({
    ...one,
    map: { ...one.map, values: one.map.values.map((_, i) => i) },
  });
  expect(await examined(model, { change: marked })).toMatchObject({
    verdict: 'no-evidence',
    reasons: ['The score stays the same whatever is taken from the input.'],
  });
});

test('a random map has the same values, and neighbours stay together', () => {
  const values = Float32Array.from({ length: 100 * 90 }, (_, i) => i);
  const moved = randomMap({ shape: [100, 90], values }, false, mulberry32(3)).values;
  expect([...moved].sort((a, b) => a - b)).toEqual([...values]);
  expect(moved).not.toEqual(values);
  const beside = moved.filter((value, i) => moved[i + 1] === value + 1).length;
  expect(beside / moved.length).toBeGreaterThan(0.8);
});
