import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The editor's own module exists only inside the editor. */
const FAKE_VSCODE = fileURLToPath(new URL('test/unit/extension/fakeVscode.ts', import.meta.url));

/** The backends of the setting `layerglass.backend`; a test holds `BACKENDS` of src/shared/model.ts to them. */
const { contributes } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const BACKENDS: readonly string[] = contributes.configuration.properties['layerglass.backend'].enum.filter(
  (name: string) => name !== 'auto',
);

/**
 * Unit tests that start backends or replace modules for a whole process. Each has a process of its own; the others share
 * processes, so that TF.js and the layers are imported once.
 */
const UNIT_ALONE = [
  'test/unit/io/writeFile.test.ts',
  'test/unit/layers/{comparisons,quantization}.test.ts',
  'test/unit/operations/kerasNumbers.test.ts',
  'test/unit/run/{fallback,foreignLoader,wasmKernels,backends/measuredOrder,onnx/*}.test.ts',
];

/**
 * Unit tests that count all tensors of their process: what other tests have closed is let go ten seconds later, and would be
 * counted with theirs.
 */
const UNIT_COUNTING = [
  'test/unit/explain/{explain,gradientMethods,scoreSource}.test.ts',
  'test/unit/run/{session,weights}.test.ts',
  'test/unit/tracing/checkNumber.test.ts',
];

/** One project per folder of test/, so that `npm test -- unit` runs one layer of tests. */
const layer = (name: string, more: object = {}, top: object = {}) => ({
  extends: true as const,
  ...top,
  test: { name, include: [`test/${name}/**/*.test.ts`], ...more },
});

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    // Only against a hang: a test of 15 s on an idle machine takes twice as long on a busy one.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      layer(
        'unit',
        { isolate: false, exclude: [...UNIT_ALONE, ...UNIT_COUNTING] },
        { resolve: { alias: { vscode: FAKE_VSCODE } } },
      ),
      layer('unit-alone', { include: UNIT_ALONE }),
      layer('unit-counting', { isolate: false, include: UNIT_COUNTING }),
      // What touches the memory of the wasm backend, once more on its module with threads.
      layer('unit-threads', {
        include: ['test/unit/run/wasm{Kernels,Memory}.test.ts', 'test/unit/explain/nonFinite.test.ts'],
        env: { LAYERGLASS_THREADS: '2' },
      }),
      layer('conformance', { exclude: ['test/conformance/suites/**'] }),
      // One project per backend: each suite runs once on each, in processes that serve this backend only.
      ...BACKENDS.map((backend) =>
        layer(`conformance-${backend}`, {
          // A guarded heap is laid out once in a process.
          isolate: process.env.LAYERGLASS_RED_ZONES === '1',
          include: ['test/conformance/suites/**/*.test.ts'],
          provide: { backend, compilesAll: true },
        }),
      ),
      // As users have it: small graphs are left to TF.js, so that values pass to and fro between both.
      layer('conformance-onnx-mixed', {
        include: ['test/conformance/suites/{layers,graphs,samples}.test.ts'],
        isolate: false,
        provide: { backend: 'onnx', compilesAll: false },
      }),
      layer('server'),
      // The files share processes, and so the browser of each.
      layer('webview', { isolate: false }),
      // One browser and one workbench at a time: they are slow to start and share the machine's clipboard.
      layer('vscode', {
        testTimeout: 120_000,
        hookTimeout: 180_000,
        fileParallelism: false,
        isolate: false,
        // A click may meet a workbench that is still moving; the report says which test was tried again.
        retry: 2,
        exclude: ['test/vscode/suite/**'],
      }),
    ],
  },
});
