import { describe, inject, test } from 'vitest';
import type { Runtime } from '../../src/server/run/backends/backend';
import { startBackend } from '../../src/server/run/backends/backend';
import type { BackendName } from '../../src/shared/model';
import { layRedZones, wantsRedZones } from '../redZones';
import { wasmOptions } from '../wasmThreads';

/** The backend, with red zones in its heap if requested, or the reason why it is not available. */
export async function startForTests(backend: BackendName): Promise<Runtime | string> {
  try {
    const options = {
      backend,
      nativePath: '',
      strict: true,
      compilesAll: inject('compilesAll'),
      ...(await wasmOptions()),
    };
    const runtime = await startBackend(options);
    if (backend === 'wasm' && wantsRedZones) layRedZones(runtime.tf);
    return runtime;
  } catch (thrown) {
    return String(thrown);
  }
}

declare module 'vitest' {
  interface ProvidedContext {
    /** The backend of this run of the suites in `suites/`: each backend is a project of vitest.config.mts. */
    readonly backend: BackendName;
    /** See `BackendOptions`. */
    readonly compilesAll: boolean;
  }
}

/**
 * Registers `tests` for one backend, or one skipped test that states why it is not available. No process
 * serves two backends, because all copies of tfjs-core in a process share one engine.
 */
export async function onBackend(
  backend: BackendName,
  title: string,
  tests: (runtime: Runtime) => void,
): Promise<void> {
  const runtime = await startForTests(backend);
  if (typeof runtime === 'string') test.skip(`${backend} is not available: ${runtime}`, () => {});
  else describe(`${title} on ${backend}`, () => tests(runtime));
}
