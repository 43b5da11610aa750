import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { inputOption } from '../../../src/cli/options';
import { NO_CONTROL } from '../../../src/server/run/control';
import { Session } from '../../../src/server/session/session';

const folder = mkdtempSync(join(tmpdir(), 'layerglass-no-inputs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A graph that doubles what it holds. */
function model(): string {
  const path = join(folder, 'model.json');
  const node = [
    { name: 'w', op: 'Const', attr: { dtype: { type: 'DT_FLOAT' } } },
    { name: 'twice', op: 'Add', input: ['w', 'w'], attr: { T: { type: 'DT_FLOAT' } } },
  ];
  const weights = [{ name: 'w', shape: [2], dtype: 'float32' }];
  writeFileSync(join(folder, 'w.bin'), new Float32Array([1.5, -2]));
  writeFileSync(
    path,
    JSON.stringify({
      format: 'graph-model',
      modelTopology: { node },
      weightsManifest: [{ paths: ['w.bin'], weights }],
    }),
  );
  return path;
}

test('a model without inputs runs without any, and says so when it is given some', async () => {
  expect(inputOption().mandatory).toBe(false);
  const session = new Session({ backend: 'cpu', nativePath: '', strict: true });
  const { id, graph } = await session.open(model());
  expect(graph.inputs).toEqual([]);
  await session.run(id, [], { name: 'none' }, NO_CONTROL, async ({ trace }) => {
    expect([...(trace.at('twice').outputs[0]?.dataSync() ?? [])]).toEqual([3, -4]);
  });
  const given = [{ kind: 'random' as const, seed: 1 }];
  await expect(
    session.run(id, given, { name: 'none' }, NO_CONTROL, async () => undefined),
  ).rejects.toMatchObject({
    error: { message: 'model.json takes no inputs, not 1.', remedy: 'Run it without any.' },
  });
  session.close(id);
});
