import { describe, test } from 'vitest';
import type { Runtime } from '../../src/server/run/backend';
import { startBackend } from '../../src/server/run/backend';
import type { BackendName } from '../../src/shared/model';

/**
 * Registers `tests` for one backend, or one skipped test that says why it is not there. Each backend has a test file,
 * and thus a process, of its own, since all copies of tfjs-core in a process share one engine.
 */
export async function onBackend(
  backend: BackendName,
  title: string,
  tests: (runtime: Runtime) => void,
): Promise<void> {
  const runtime = await startBackend({ backend, nativePath: '', strict: true }).catch((thrown: unknown) =>
    String(thrown),
  );
  if (typeof runtime === 'string') test.skip(`${backend} is not there: ${runtime}`, () => {});
  else describe(`${title} on ${backend}`, () => tests(runtime));
}
