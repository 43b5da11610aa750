import { expect, test } from 'vitest';
import type { ModelHealth } from '../../../src/shared/results/health';
import { fixture, json } from '../cliProcess';

test('a module of layers is loaded by code from the compile cache, too', async () => {
  const command = ['stats', fixture('custom/nested.keras'), '--input', 'random', '--backend', 'wasm'];
  const run = () => json<ModelHealth>([...command, '--custom-layers', fixture('custom/nested.cjs')]);
  const first = await run();
  expect(first.layers.length).toBeGreaterThan(0);
  // The first run has left its code, unless one before it did.
  expect(await run()).toEqual(first);
});
