import { mkdirSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CancellationTokenSource } from 'vscode-languageserver/node';
import type { Result } from '../../src/shared/errors';
import * as protocol from '../../src/shared/protocol';
import type { WeightStatistics } from '../../src/shared/results/weights';
import { unpackNumbers } from '../../src/shared/wireNumbers';
import { errorOf, type ServerProcess, startServer, value } from './serverProcess';

const SERVER = resolve(import.meta.dirname, '../../dist/server.js');
/** Units and inputs of the layer: 64 MB of weights, whose statistics take far longer than any other answer. */
const UNITS = 4096;
const LARGEST = 10_007;

let folder = '';
let server: ServerProcess;
let modelId = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-weights-'));
  server = await startServer(SERVER, { backend: 'wasm' });
  ({ modelId } = value(await server.request(protocol.openModel, { path: writeDense('large', UNITS) })));
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A TensorFlow.js model of one dense layer, whose filter 1 equals filter 0 and no other one. */
function writeDense(name: string, units: number): string {
  const valueAt = (i: number): number => ((i * 7919) % LARGEST) + (i % 7);
  const kernel = Float32Array.from({ length: units * units }, (_, i) => valueAt(i % units === 1 ? i - 1 : i));
  const place = join(folder, name);
  mkdirSync(place);
  writeFileSync(join(place, 'weights.bin'), new Uint8Array(kernel.buffer));
  const dense = {
    class_name: 'Dense',
    config: { name: 'dense', units, use_bias: false, activation: 'linear', dtype: 'float32' },
  };
  const input = { class_name: 'InputLayer', config: { name: 'x', batch_shape: [null, units] } };
  const weights = [{ name: 'dense/kernel', shape: [units, units], dtype: 'float32' }];
  const path = join(place, 'model.json');
  writeFileSync(
    path,
    JSON.stringify({
      format: 'layers-model',
      modelTopology: { class_name: 'Sequential', config: { name: 's', layers: [input, dense] } },
      weightsManifest: [{ paths: ['weights.bin'], weights }],
    }),
  );
  return path;
}

const asked = () => ({ modelId, layer: 'dense', weight: 0 });

test('other requests are answered while the statistics of a large weight are computed', async () => {
  const order: string[] = [];
  const statistics = server.request(protocol.weightStatistics, asked()).then((answer) => {
    order.push('statistics');
    return value(answer);
  });
  const others = [protocol.readSidecar, protocol.trainingConfig, protocol.viewGraph];
  for (const other of others) {
    value(await server.request<protocol.ModelParams, unknown>(other, { modelId }));
    order.push(other.method);
  }
  const { stats, filters } = await statistics;
  expect(order).toEqual([...others.map(({ method }) => method), 'statistics']);
  expect(stats).toMatchObject({ min: 0, max: LARGEST + 5, nan: 0 });
  expect(filters).toMatchObject({ count: UNITS, duplicates: [{ first: 0, second: 1, negated: false }] });
});

test('statistics report progress, stop when they are cancelled, and are computed when asked for again', async () => {
  const cancellation = new CancellationTokenSource();
  const reports: object[] = [];
  const listening = server.connection.onNotification('$/progress', ({ value: report }) => {
    reports.push(report);
    cancellation.cancel();
  });
  const params = { ...asked(), workDoneToken: 'statistics' };
  const answer: unknown = await server.connection.sendRequest(
    protocol.weightStatistics.method,
    params,
    cancellation.token,
  );
  expect(errorOf(unpackNumbers(answer) as Result<WeightStatistics>).kind).toBe('cancelled');
  expect(reports[0]).toEqual({ kind: 'begin', title: 'Reading kernel', percentage: 0 });
  listening.dispose();
  const again = value(await server.request(protocol.weightStatistics, asked()));
  expect(again.stats?.count).toBe(UNITS * UNITS);
});

test('a file that changed since it was opened is not read', async () => {
  const path = writeDense('changed', 8);
  const opened = value(await server.request(protocol.openModel, { path }));
  unlinkSync(join(folder, 'changed', 'model.json'));
  const error = errorOf(
    await server.request(protocol.layerWeights, { modelId: opened.modelId, layer: 'dense' }),
  );
  expect(error.kind).toBe('file-not-found');
  value(await server.request(protocol.layerWeights, { modelId, layer: 'dense' }));
});
