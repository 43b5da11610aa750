import { join } from 'node:path';
import { expect, test } from 'vitest';
import { explainRun } from '../../../../src/server/answers/explanation';
import { prepareNext } from '../../../../src/server/answers/warmUp';
import { NO_CONTROL } from '../../../../src/server/run/control';
import { Session } from '../../../../src/server/session/session';
import type { ExplainParams } from '../../../../src/shared/protocol';

test('after an explanation, the forward values for the ways back to other layers are computed while nobody waits', async () => {
  const session = new Session({ backend: 'onnx', nativePath: '', strict: true, compilesAll: true });
  const { lazy } = await session.backend();
  // Nothing was explained: nothing to prepare.
  await prepareNext(session, NO_CONTROL);
  const { id } = await session.open(join(__dirname, '../../../fixtures/golden/toy.keras'));
  const params: ExplainParams = {
    modelId: id,
    inputs: [],
    preprocessing: { name: 'none' },
    method: 'grad-cam',
    layer: 'auto',
    target: { index: 'auto' },
  };
  const source = { kind: 'random', seed: 1 } as const;
  const { trace } = await session.run(id, [source], { name: 'none' }, NO_CONTROL, async (run) => {
    await explainRun(run, params, NO_CONTROL);
    return run;
  });
  const preOf = (path: string) => {
    const { pre } = trace.at(path);
    if (!pre || !lazy) throw new Error(`"${path}" has no activation`);
    return { pre, isComputed: lazy.isComputed(pre) };
  };
  const [first = ''] = [...trace.values.keys()].filter((path) => trace.at(path).pre);
  expect(preOf(first).isComputed).toBe(false);
  await prepareNext(session, NO_CONTROL);
  expect(preOf(first).isComputed).toBe(true);
  const spent = lazy?.computeTime;
  preOf(first).pre.dataSync();
  expect(lazy?.computeTime).toBe(spent);

  // What is compiled counts as kept.
  expect(lazy?.compiledBytes).toBeGreaterThan(0);
  expect(session.keptBytes).toBeGreaterThan(trace.bytes + (lazy?.compiledBytes ?? 0));
});
