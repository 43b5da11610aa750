import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Runtime, startBackend } from '../../../../src/server/run/backends/backend';
import { measurementKey } from '../../../../src/server/run/backends/measured/measurementKey';
import {
  canRemember,
  rememberedOrder,
  rememberTimes,
} from '../../../../src/server/run/backends/measured/rememberedOrder';
import { timeWork } from '../../../../src/server/run/backends/measured/timeWork';

const folder = mkdtempSync(join(tmpdir(), 'layerglass-measured-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A package that passes for `@tensorflow/tfjs-node` until it is loaded. */
const brokenNative = join(folder, 'tfjs-node');
beforeAll(() => {
  process.env.LAYERGLASS_NATIVE = brokenNative;
  for (const part of ['dist', 'lib/napi']) mkdirSync(join(brokenNative, part), { recursive: true });
  writeFileSync(join(brokenNative, 'dist/nodejs_kernel_backend.js'), '');
  writeFileSync(join(brokenNative, 'lib/napi/tfjs_binding.node'), '');
  writeFileSync(join(brokenNative, 'package.json'), '{"version": "1.2.3", "main": "index.js"}');
  writeFileSync(join(brokenNative, 'index.js'), 'throw new Error("wrong CPU");');
});
afterAll(() => {
  delete process.env.LAYERGLASS_NATIVE;
});

const file = join(folder, 'backends.json');
beforeEach(() => rmSync(file, { force: true }));

const key = (): string => measurementKey({ nativePath: '' });
const start = (): Promise<Runtime> =>
  startBackend({ backend: 'auto', nativePath: '', strict: false, measuredFile: file });

describe('auto', () => {
  test('takes the backend that was the fastest here, and says when it was measured', async () => {
    rememberTimes(file, key(), { onnx: 50, wasm: 20 });
    const { status } = await start();
    expect(status.name).toBe('wasm');
    expect(status.reason).toMatch(/^the fastest here, measured on \d{4}-\d\d-\d\d$/);
  });

  test('takes the next one where the fastest no longer works', async () => {
    rememberTimes(file, key(), { native: 10, wasm: 20, onnx: 50 });
    const { status } = await start();
    expect(status.name).toBe('wasm');
    expect(status.reason).toMatch(/^the fastest here, measured on .* \(native: wrong CPU\)$/);
  });

  test.each([
    ['without a file', null],
    ['with a file that is not JSON', '{"measured": ['],
    ['with a file of something else', '["cpu"]'],
    ['with an unknown backend', entry({ webgpu: 1, wasm: 2 })],
    ['with times that are none', entry({ wasm: -1 })],
    ['with no date', entry({ wasm: 1 }, '2026-11-26; rm -rf')],
    ['with too large a file', `${entry({ wasm: 1 })}${' '.repeat(300_000)}`],
    ['with a measurement of another machine', entry({ wasm: 1 }, '2026-11-26', 'another')],
  ])('%s, goes by the usual order', async (_, text) => {
    if (text !== null) writeFileSync(file, text.replace('KEY', JSON.stringify(key()).slice(1, -1)));
    const { status } = await start();
    expect(status).toMatchObject({ name: 'onnx', reason: 'the best that is there' });
  });

  test('a backend that was chosen is taken whatever was measured', async () => {
    rememberTimes(file, key(), { onnx: 50, wasm: 20 });
    const { status } = await startBackend({
      backend: 'onnx',
      nativePath: '',
      strict: true,
      measuredFile: file,
    });
    expect(status.name).toBe('onnx');
  });
});

/** The text of a file with one measurement; `KEY` stands for that of this machine. */
function entry(milliseconds: object, date = '2026-11-26', ofKey = 'KEY'): string {
  return JSON.stringify({ measured: [{ key: ofKey, date, milliseconds }] });
}

describe('the remembered order', () => {
  test('a backend goes before another one only if it is clearly faster', () => {
    rememberTimes(file, 'a', { onnx: 21, native: 20, wasm: 60 });
    expect(rememberedOrder(file, 'a')?.order).toEqual(['onnx', 'native', 'wasm', 'cpu']);
    rememberTimes(file, 'a', { onnx: 30, native: 20, wasm: 19 });
    expect(rememberedOrder(file, 'a')?.order).toEqual(['native', 'wasm', 'onnx', 'cpu']);
  });

  test('backends that did not start come after those that did', () => {
    rememberTimes(file, 'a', { wasm: 60 });
    expect(rememberedOrder(file, 'a')).toMatchObject({
      order: ['wasm', 'onnx', 'native', 'cpu'],
      measured: ['wasm'],
    });
  });

  test('machines that share a folder keep theirs, the newest twenty', () => {
    for (let i = 0; i < 25; i++) rememberTimes(file, `machine ${i}`, { wasm: 1 });
    expect(rememberedOrder(file, 'machine 4')).toBeNull();
    expect(rememberedOrder(file, 'machine 5')).not.toBeNull();
    expect(JSON.parse(readFileSync(file, 'utf8')).measured).toHaveLength(20);
  });

  test('nothing can be remembered where nothing can be written', () => {
    expect(canRemember(file)).toBe(true);
    expect(canRemember(join(file, 'backends.json'))).toBe(false);
  });

  test('another version of the native package or another number of threads is measured again', () => {
    const before = key();
    expect(measurementKey({ nativePath: '', threads: 7 })).not.toBe(before);
    writeFileSync(join(brokenNative, 'package.json'), '{"version": "1.2.4", "main": "index.js"}');
    expect(key()).not.toBe(before);
  });
});

test.each(['wasm', 'onnx'] as const)('the work is timed on %s and leaves no tensors', async (backend) => {
  const runtime = await startBackend({ backend, nativePath: '', strict: true });
  const before = runtime.tf.memory().numTensors;
  expect(timeWork(runtime)).toBeGreaterThan(0);
  expect(runtime.tf.memory().numTensors).toBe(before);
});
