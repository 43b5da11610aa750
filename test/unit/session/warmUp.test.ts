import { join } from 'node:path';
import { expect, test } from 'vitest';
import { warmUp } from '../../../src/server/answers/warmUp';
import type { Tensor } from '../../../src/server/layers/kind';
import { type Control, NO_CONTROL } from '../../../src/server/run/control';
import { memoryLimits } from '../../../src/server/session/memoryLimits';
import type { Run } from '../../../src/server/session/runs';
import { Session } from '../../../src/server/session/session';
import { Failure } from '../../../src/shared/errors';

const fixture = (name: string): string => join(__dirname, '../../fixtures', name);
const CNN = fixture('golden/toy.keras');

const newSession = (kept = 2 ** 30): Session =>
  new Session({ backend: 'cpu', nativePath: '', strict: true }, () => {}, { ...memoryLimits(), kept });
const runOnce = (session: Session, id: string): Promise<Run> =>
  session.run(id, [{ kind: 'random', seed: 1 }], { name: 'none' }, NO_CONTROL, async (run) => run);

test('reads the weights and makes one run, of which nothing is left', async () => {
  const session = newSession();
  const model = await session.open(CNN);
  const made: Tensor[] = [];
  await session.warmUp(model.id, NO_CONTROL, async ({ trace }) => {
    expect(trace.values.size).toBe(model.graph.nodes.size);
    made.push(...[...trace.values.values()].flatMap(({ outputs }) => outputs));
    expect(made.some(({ isDisposed }) => isDisposed)).toBe(false);
  });
  expect(made.length).toBeGreaterThanOrEqual(model.graph.nodes.size);
  // Asked of each tensor: the count of all of them is that of the process, which other tests share.
  expect(made.every(({ isDisposed }) => isDisposed)).toBe(true);
  expect(session.keptBytes).toBe(model.graph.params.total * 4);

  const other = newSession();
  const cold = await other.open(CNN);
  await runOnce(other, cold.id);
  const runWithoutWarmUp = other.keptBytes;
  const run = await runOnce(session, model.id);
  expect(run.loadTime).toBe(0);
  expect(session.keptBytes).toBe(runWithoutWarmUp);
});

test('explains as a page does first, with every kind of input or none', async () => {
  const session = newSession();
  for (const name of ['golden/toy.keras', 'weights/frozen.keras', 'attention/text.keras']) {
    const model = await session.open(fixture(name));
    const thrown = await warmUp(session, model, NO_CONTROL).catch((error: unknown) => error);
    // Words cannot be made up.
    if (thrown !== undefined) expect(thrown).toMatchObject({ error: { kind: 'not-applicable' } });
    expect(session.keptBytes).toBeGreaterThan(0);
  }
});

test('ends between two layers when a request arrives', async () => {
  const session = newSession();
  const model = await session.open(CNN);
  let checks = 0;
  const control: Control = { isCancelled: () => ++checks > 3, report: () => {} };
  const thrown = await session.warmUp(model.id, control, async () => {}).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(Failure);
  expect(thrown).toMatchObject({ error: { kind: 'cancelled' } });
  // The request goes on with what was read.
  expect((await runOnce(session, model.id)).trace.values.size).toBe(model.graph.nodes.size);
});

test('displaces nothing: a model that does not fit beside what is kept is left alone', async () => {
  const session = newSession(10);
  const model = await session.open(CNN);
  await session.warmUp(model.id, NO_CONTROL, async () => expect.unreachable());
  expect(session.keptBytes).toBe(0);
});
