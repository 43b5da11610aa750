import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { explain } from '../../../src/server/explain/explain';
import { readScores } from '../../../src/server/explain/score';
import { createSeed } from '../../../src/server/explain/seed';
import { chooseTarget } from '../../../src/server/explain/target';
import { BackwardWalk } from '../../../src/server/run/backward';
import { NO_CONTROL } from '../../../src/server/run/control';
import type { Run } from '../../../src/server/session/runs';
import { Session } from '../../../src/server/session/session';
import { readSidecar } from '../../../src/server/session/sidecar';
import { displayMap } from '../../../src/shared/maps/displayMap';
import type { BackendName, ParameterCount, Shape } from '../../../src/shared/model';
import { onBackend } from '../backends';
import { type NpArray, type NpNumbers, readNpz } from '../npz';
import { compare, computed } from './layerCases';

/** One entry of test/fixtures/samples/index.json: a sample, an input, and Keras's prediction. */
interface SampleCase {
  readonly tolerance: number;
  readonly model: string;
  readonly input?: string;
  readonly inputs?: readonly string[];
  readonly arrays: string;
  readonly expectedClass?: number;
  readonly logit?: number;
  readonly probability?: number;
  readonly camLayer?: string;
  /** x, y of the maximum of the resized map, in input pixels. */
  readonly peak?: readonly [number, number];
  readonly otherPeak?: readonly [number, number];
  readonly params?: ParameterCount;
  readonly outputShape?: Shape;
  readonly embeddingOutputs?: readonly Shape[];
}

const FIXTURES = join(__dirname, '../../fixtures/samples');
const SAMPLES = join(__dirname, '../../../samples');
const index: SampleCase[] = JSON.parse(readFileSync(join(FIXTURES, 'index.json'), 'utf8'));

/** Compares every sample with Keras on one backend: inputs, values, gradients and maps. */
export const testSamples = (backend: BackendName): Promise<void> =>
  onBackend(backend, 'samples', () => {
    const session = new Session({ backend, nativePath: '', strict: true });
    describe.each(index.map((sample) => [sample.arrays.replace('.npz', ''), sample] as const))(
      '%s',
      (_, sample) => {
        const onRun = async <T>(
          work: (run: Run, keras: ReadonlyMap<string, NpArray>) => Promise<T>,
        ): Promise<T> => {
          const model = await session.open(join(SAMPLES, sample.model));
          try {
            const preprocessing = readSidecar(model.path)?.preprocessing ?? model.defaultPreprocessing;
            const sources = (sample.inputs ?? [sample.input ?? '']).map((path) => ({
              kind: 'file' as const,
              path: join(SAMPLES, path),
            }));
            const keras = await readNpz(join(FIXTURES, sample.arrays));
            return await session.run(model.id, sources, preprocessing, NO_CONTROL, (run) => work(run, keras));
          } finally {
            session.close(model.id);
          }
        };

        test('its input files are read as the arrays that Keras received', () =>
          onRun(async ({ inputs }, keras) => {
            for (const [i, input] of inputs.entries()) {
              const wanted = keras.get(`input.${i}`);
              expect(input.shape).toEqual(wanted?.shape);
              if (wanted?.dtype === 'string') {
                expect(input.strings).toEqual(wanted.values);
                continue;
              }
              const error = Math.max(
                ...input.values.map((value, k) => Math.abs(value - (wanted?.values[k] ?? NaN))),
              );
              expect(error).toBeLessThanOrEqual(1e-6);
            }
          }));

        test('every value and gradient agrees with Keras', () =>
          onRun(async ({ trace }, keras) => {
            const scores = await readScores(trace, 0);
            const { score } = chooseTarget(scores, { index: 'auto' }, []);
            const walk = new BackwardWalk(trace, createSeed(trace.runtime.tf, trace, scores, score));
            let compared = 0;
            for (const [name, wanted] of keras) {
              if (wanted.dtype === 'string') continue;
              if (/^(pre|post|grad\.post|grad\.in):/.test(name)) {
                const got = await computed(name, trace.graph, trace, walk);
                if (got) compare(got, wanted, sample.tolerance, name);
              } else if (name.startsWith('mean:')) {
                compareMean(trace, name, wanted, sample.tolerance);
              } else continue;
              compared++;
            }
            expect(compared).toBeGreaterThan(0);
            walk.dispose();
          }));

        test('class, logit, probability and maps', () =>
          onRun(async ({ trace, walks }, keras) => {
            const ask = (layer: string, index: number | 'auto') =>
              explain(trace, walks, { method: 'grad-cam', layer, target: { index }, labels: [] }, NO_CONTROL);
            for (const [name, sign] of [
              ['gradcam.raw', 'auto'],
              ['gradcam.other', 'other'],
            ] as const) {
              const layer = [...keras.keys()].find((key) => key.startsWith(`${name}:`))?.split(':')[1];
              const wanted = layer === undefined ? undefined : keras.get(`${name}:${layer}`);
              if (layer === undefined || !wanted || wanted.dtype === 'string') continue;
              const { map, header } = await ask(
                layer,
                sign === 'auto' ? 'auto' : 1 - (sample.expectedClass ?? 0),
              );
              expect(map.shape).toEqual(wanted.shape);
              const largest = Math.max(...wanted.values.map(Math.abs), 1e-12);
              const error = Math.max(
                ...map.values.map((v, i) => Math.abs(v - (wanted.values[i] ?? Number.NaN))),
              );
              expect(error / largest, name).toBeLessThanOrEqual(sample.tolerance * 10);
              const peak = sign === 'auto' ? sample.peak : sample.otherPeak;
              if (peak)
                expect(peakOf(map, trace.at(trace.graph.inputs[0] ?? '').outputs[0]?.shape ?? [])).toEqual(
                  peak,
                );
              if (sign === 'auto') expect(header.target.index).toBe(sample.expectedClass);
            }
            if (sample.logit === undefined) return;
            const scores = await readScores(trace, 0);
            const { target } = chooseTarget(scores, { index: 'auto' }, []);
            expect(target.index).toBe(sample.expectedClass);
            const scale = Math.max(1, Math.abs(sample.logit));
            expect(Math.abs((scores.logits[0] ?? Number.NaN) - sample.logit) / scale).toBeLessThanOrEqual(
              1e-5,
            );
            const p = target.negative ? 1 - (sample.probability ?? 0) : (sample.probability ?? 0);
            expect(target.probability).toBeCloseTo(p, 6);
          }));

        test('parameters and shapes', async () => {
          const { graph } = await session.open(join(SAMPLES, sample.model));
          if (sample.params) expect(graph.params).toEqual(sample.params);
          if (sample.outputShape) expect(graph.summary.outputs[0]?.shape).toEqual(sample.outputShape);
          if (sample.embeddingOutputs) {
            const row = graph.summary.layers.find((layer) => layer.path === 'embedding@2');
            expect(row?.outputShapes).toEqual(sample.embeddingOutputs);
            expect(row?.outputOrigins).toHaveLength(sample.embeddingOutputs.length);
            expect(row?.notice).toBe(
              'Output 0, which concatenate takes, is its own input input_layer, unchanged. Output 14 (conv2_block1_3_conv) leaves out the parallel branch conv2_block1_0_conv, which ends in output 13; they part at pool1_pool and do not meet in this model.',
            );
            expect(row?.outputOrigins?.every((origin) => origin.path.startsWith('embedding@2/'))).toBe(true);
          }
          expect(graph.summary.layers.every((layer) => layer.unknownBecause === undefined)).toBe(true);
        });
      },
    );

    test('every sample has a case', () => {
      const folders = readdirSync(SAMPLES).filter((name) => /^\d-/.test(name));
      expect([...new Set(index.map((sample) => sample.model.split('/')[0]))].sort()).toEqual(folders.sort());
    });
  });

/** `mean:<path>:<k>`: the mean over all values of output k of a nested model's call. */
function compareMean(trace: Run['trace'], name: string, wanted: NpNumbers, tolerance: number): void {
  const [, path = '', output = '0'] = name.split(':');
  const ref = trace.graph.models.get(path)?.outputs[Number(output)];
  const tensor = ref && trace.at(ref.node).outputs[ref.output];
  if (!tensor) throw new Error(`nothing for ${name}`);
  const values = tensor.dataSync();
  let [sum, size] = [0, 0];
  for (const value of values) {
    sum += value;
    size += Math.abs(value);
  }
  const mean = wanted.values[0] ?? Number.NaN;
  expect(Math.abs(sum / values.length - mean), name).toBeLessThanOrEqual(
    tolerance * Math.max(1, size / values.length),
  );
}

function peakOf(map: { shape: readonly number[]; values: Float32Array }, input: readonly number[]): number[] {
  const display = displayMap(map, input.slice(1, -1));
  const at = display.values.indexOf(Math.max(...display.values));
  const width = display.shape[1] ?? 1;
  return [at % width, Math.floor(at / width)];
}
