import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BackendMeasurement } from '../../../src/server/compute/backendMeasurement';
import type { MeasureOptions } from '../../../src/server/compute/measureProcess';
import { measurementKey } from '../../../src/server/run/backends/measured/measurementKey';
import { rememberedOrder } from '../../../src/server/run/backends/measured/rememberedOrder';

const folder = mkdtempSync(join(tmpdir(), 'layerglass-measurement-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Stands in for a process that measures: wasm takes 5 ms, onnx 50 ms, native does not work, and "hang" does not end. */
const script = join(folder, 'measure.cjs');
writeFileSync(
  script,
  `const [backend] = process.argv.slice(2);
if (backend === 'native') process.exit(1);
if (backend === 'hang') setInterval(() => {}, 1000);
else process.send({ milliseconds: backend === 'wasm' ? 5 : 50 }, () => process.exit());
`,
);

const file = join(folder, 'backends.json');
const options = { backend: 'auto', nativePath: '', threads: 0 } as const;
const key = measurementKey(options);
let started: { name: string; child: ChildProcess }[] = [];
let logged: string[] = [];
beforeEach(() => {
  [started, logged] = [[], []];
  rmSync(file, { force: true });
});

let measurement: BackendMeasurement;
afterEach(() => measurement.dispose());

function create({ hangs = false, backend = 'auto' as 'auto' | 'wasm', to = file } = {}): void {
  const start = ({ backend: name }: MeasureOptions): ChildProcess => {
    const child = fork(script, [hangs ? 'hang' : name], { execArgv: [] });
    started.push({ name, child });
    return child;
  };
  measurement = new BackendMeasurement(
    { start, log: (text) => logged.push(text) },
    { ...options, backend },
    to,
    1,
  );
}

const patiently = { timeout: 50_000 };
const pauseABit = (): Promise<void> => new Promise((done) => setTimeout(done, 100));

test('each backend is measured once, one after another, and the order is remembered', async () => {
  create();
  measurement.resume();
  await vi.waitFor(() => expect(logged).toHaveLength(1), patiently);
  expect(logged[0]).toContain('onnx 50.0 ms, wasm 5.0 ms');
  expect(started.map(({ name }) => name)).toEqual(['onnx', 'native', 'wasm']);
  expect(rememberedOrder(file, key)).toMatchObject({ measured: ['wasm', 'onnx'] });

  measurement.resume();
  await pauseABit();
  create();
  measurement.resume();
  await pauseABit();
  expect(started).toHaveLength(3);
});

test('a computation ends a measurement, which starts anew afterwards', async () => {
  create({ hangs: true });
  measurement.resume();
  await vi.waitFor(() => expect(started).toHaveLength(1), patiently);
  const first = started[0]?.child;
  measurement.pause();
  await vi.waitFor(() => expect(first?.signalCode).toBe('SIGKILL'), patiently);
  await pauseABit();
  expect(started).toHaveLength(1);
  expect(rememberedOrder(file, key)).toBeNull();
  measurement.resume();
  await vi.waitFor(() => expect(started).toHaveLength(2), patiently);
});

test('nothing is measured for a backend that was chosen, or where nothing can be kept', async () => {
  create({ backend: 'wasm' });
  measurement.resume();
  await pauseABit();
  create({ to: join(script, 'backends.json') });
  measurement.resume();
  await pauseABit();
  expect(started).toEqual([]);
});
