import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseNpy } from '../../src/server/inputs/arrays/npy';
import type { InputSource } from '../../src/shared/inputs';
import * as protocol from '../../src/shared/protocol';
import { traceDocument } from '../../src/shared/results/tracing';
import { json, sample } from './cliProcess';
import { errorOf, type ServerProcess, startServer, value } from './serverProcess';

/** The request behind the layer page's section "Where it comes from". */

const MODEL = sample('1-sequence/motif.keras');
const FASTA = sample('1-sequence/with-motif.fasta');
const POOLING = 'global_max_pooling1d';

function readFloats(base64: string): Float32Array {
  const { buffer, byteOffset, byteLength } = Buffer.from(base64, 'base64');
  return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer(resolve(import.meta.dirname, '../../dist/server.js'), { backend: 'wasm' });
});
afterAll(() => server.stop());

type Asked = Pick<protocol.TraceParams, 'layer' | 'unit' | 'check' | 'arithmetic' | 'effective'>;

async function traced(model: string, inputs: readonly InputSource[], asked: Asked) {
  const { modelId } = value(await server.request(protocol.openModel, { path: model }));
  return server.request(protocol.trace, { modelId, inputs, preprocessing: { name: 'none' }, ...asked });
}
const ofFasta = (asked: Asked) => traced(MODEL, [{ kind: 'file', path: FASTA }], asked);

test('every unit, as on the command line', async () => {
  const { inputImage: _, ...answer } = value(await ofFasta({ layer: POOLING }));
  const args = ['trace', MODEL, '--input', FASTA, '--layer', POOLING, '--backend', 'wasm'];
  expect(traceDocument(answer)).toEqual(await json(args));
  expect(answer.trace.units[0]).toMatchObject({ unit: 11, letters: ['CG', 'CG', 'CG'] });
});

test('the arithmetic of one unit, and a number compared with it', async () => {
  const { arithmetic } = value(await ofFasta({ layer: POOLING, unit: 11, arithmetic: true }));
  const products = arithmetic?.products.reduce((sum, { product }) => sum + product, 0) ?? Number.NaN;
  const number = products + 8 * (arithmetic?.bias ?? Number.NaN);
  const { check } = value(await ofFasta({ layer: POOLING, unit: 11, check: number }));
  expect(check?.[0]).toMatchObject({
    mistake: expect.stringMatching(/^The bias is counted 8 times/),
    error: 0,
  });
});

test('the effective receptive field of one unit is the size of its gradient, and is written by the command line', async () => {
  const { effective, trace } = value(await ofFasta({ layer: POOLING, unit: 11, effective: true }));
  // The planted letters tie for the maximum: the gradient reaches no other position.
  const windows = trace.units[0]?.windows ?? [];
  const values = Float32Array.from(readFloats(effective?.values.data ?? ''));
  const reached = [...values.keys()].filter((at) => values[at] !== 0);
  expect(reached.length).toBeGreaterThan(0);
  const isInside = (at: number) => windows.some(([[start, end] = [0, 0]]) => at >= start && at < end);
  expect(reached.filter((at) => !isInside(at))).toEqual([]);
  const file = join(mkdtempSync(join(tmpdir(), 'layerglass-')), 'field.npy');
  const args = ['trace', MODEL, '--input', FASTA, '--layer', POOLING, '--backend', 'wasm', '--unit', '11'];
  const printed = await json([...args, '--effective', file]);
  expect(printed).toMatchObject({
    effective: { input: effective?.input, shape: [1803], extent: effective?.extent },
  });
  const written = await parseNpy(readFileSync(file), file);
  expect(Array.from(written.values)).toEqual([...values]);
  rmSync(dirname(file), { recursive: true });
});

test('an image comes with the windows that are in it', async () => {
  const image = sample('3-binary/digit.png');
  const model = sample('3-binary/spot/model.json');
  const { trace, inputImage } = value(
    await traced(model, [{ kind: 'file', path: image }], { layer: 'global_average_pooling2d', unit: 0 }),
  );
  expect(trace.inputSize).toEqual([95, 95]);
  expect(inputImage).toMatchObject({ shape: [95, 95, 3], dtype: 'uint8' });
});

test('a layer that cannot be traced is refused with a sentence', async () => {
  expect(errorOf(await ofFasta({ layer: 'dense' }))).toMatchObject({ kind: 'not-applicable' });
});
