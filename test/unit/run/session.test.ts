import { copyFileSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { explain } from '../../../src/server/explain/explain';
import type { Control } from '../../../src/server/run/control';
import { NO_CONTROL } from '../../../src/server/run/control';
import { memoryLimits } from '../../../src/server/session/memoryLimits';
import type { Run } from '../../../src/server/session/runs';
import { Session } from '../../../src/server/session/session';
import { Failure, type LayerglassError } from '../../../src/shared/errors';
import type { InputSource } from '../../../src/shared/inputs';

const TOY = join(__dirname, '../../fixtures/golden/toy.keras');
const OTHER = join(__dirname, '../../fixtures/weights/frozen.keras');
const LINGER_MS = 10_000;

const random = (seed: number): InputSource => ({ kind: 'random', seed });

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-session-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Only the timer that lingers: the work between two nodes waits for setImmediate.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const newSession = (budget?: number): Session =>
  new Session({ backend: 'cpu', nativePath: '', strict: true }, () => {}, {
    ...memoryLimits(),
    kept: budget ?? 2 ** 30,
  });

async function failure(work: Promise<unknown>): Promise<LayerglassError> {
  const thrown: unknown = await work.then(
    () => new Error('nothing failed'),
    (error: unknown) => error,
  );
  if (thrown instanceof Failure) return thrown.error;
  throw thrown;
}

const runOn = <T>(session: Session, id: string, seed: number, work: (run: Run) => Promise<T>): Promise<T> =>
  session.run(id, [random(seed)], { name: 'none' }, NO_CONTROL, work);

const gradCam = ({ trace, walks }: Run) =>
  explain(trace, walks, { method: 'grad-cam', layer: 'auto', target: { index: 0 }, labels: [] }, NO_CONTROL);

/** Lets the linger time pass, and the release that follows it. */
async function letGo(session: Session): Promise<void> {
  vi.advanceTimersByTime(LINGER_MS + 1);
  // A computation takes its turn after the release.
  const { id } = await session.open(OTHER);
  await runOn(session, id, 99, async () => null);
}

describe('memory', () => {
  test('what a model took is given back once nobody refers to it', async () => {
    const session = newSession();
    const { tf } = await session.backend();
    // The other model stays open, with one run: the measure starts with it.
    await letGo(session);
    const before = tf.memory().numTensors;

    const model = await session.open(TOY);
    await session.open(TOY);
    for (const seed of [1, 2]) await runOn(session, model.id, seed, gradCam);
    expect(tf.memory().numTensors).toBeGreaterThan(before);

    session.close(model.id);
    await letGo(session);
    expect(session.get(model.id).path).toBe(TOY);
    expect(tf.memory().numTensors).toBeGreaterThan(before);

    session.close(model.id);
    await letGo(session);
    expect((await failure(runOn(session, model.id, 1, gradCam))).kind).toBe('closed');
    expect(tf.memory().numTensors).toBe(before);
  });

  test('closed and opened again in time, nothing is computed again', async () => {
    const session = newSession();
    const model = await session.open(TOY);
    const first = await runOn(session, model.id, 1, async (run) => run.trace);
    session.close(model.id);
    vi.advanceTimersByTime(LINGER_MS / 2);
    const again = await session.open(TOY);
    expect(again.id).toBe(model.id);
    await letGo(session);
    const second = await runOn(session, model.id, 1, async (run) => run);
    expect(second.trace).toBe(first);
    expect(second.forwardTime).toBe(0);
  });

  test('closing once more than was opened does no harm', async () => {
    const session = newSession();
    const model = await session.open(TOY);
    for (let i = 0; i < 3; i++) session.close(model.id);
    session.close('model-nobody-knows');
    const again = await session.open(TOY);
    await letGo(session);
    expect(session.get(again.id).path).toBe(TOY);
  });

  test('beyond the budget the oldest traces go, never the one in use', async () => {
    const session = newSession(1);
    const { tf } = await session.backend();
    const model = await session.open(TOY);
    const first = await runOn(session, model.id, 1, async ({ trace }) => trace);
    const one = tf.memory().numTensors;
    expect(first.values.size).toBeGreaterThan(0);
    await runOn(session, model.id, 2, gradCam);
    expect(first.values.size).toBe(0);
    const again = await runOn(session, model.id, 1, async (run) => run);
    expect(again.trace).not.toBe(first);
    expect(again.trace.values.size).toBeGreaterThan(0);
    expect(tf.memory().numTensors).toBe(one);
  });

  test('the oldest run goes first whatever model it is of, then weights of models not in use', async () => {
    const budget = { ...memoryLimits(), kept: 2 ** 30 };
    const session = new Session({ backend: 'cpu', nativePath: '', strict: true }, () => {}, budget);
    const [toy, other] = [await session.open(TOY), await session.open(OTHER)];
    const trace = (id: string, seed: number) => runOn(session, id, seed, async (run) => run.trace);
    const [first, second, third] = [await trace(toy.id, 1), await trace(other.id, 1), await trace(toy.id, 2)];
    const [toyWeights, otherWeights] = [first.weights, second.weights];
    expect(toyWeights.bytes).toBeGreaterThan(0);
    expect(otherWeights.bytes).toBeGreaterThan(0);

    // Room for all but one: the first that was made has to go, although the model of the second is used less.
    budget.kept = first.bytes + second.bytes + third.bytes + toyWeights.bytes + otherWeights.bytes - 1;
    expect(await trace(toy.id, 2)).toBe(third);
    expect([first, second, third].map(({ values }) => values.size > 0)).toEqual([false, true, true]);

    budget.kept = 1;
    expect(await trace(toy.id, 2)).toBe(third);
    expect(second.values.size).toBe(0);
    expect(otherWeights.bytes).toBe(0);
    expect(toyWeights.bytes).toBeGreaterThan(0);
    // They are read again when they are needed.
    expect((await trace(other.id, 1)).values.size).toBeGreaterThan(0);
  });

  test('gradients of a walk count, too', async () => {
    const session = newSession();
    const model = await session.open(TOY);
    await runOn(session, model.id, 1, async (run) => {
      expect(run.walks.bytes).toBe(0);
      await gradCam(run);
      expect(run.walks.bytes).toBeGreaterThan(0);
    });
  });

  test('gradients of a walk let the oldest run go where there is no room for both', async () => {
    const budget = { ...memoryLimits(), kept: 2 ** 30 };
    const session = new Session({ backend: 'cpu', nativePath: '', strict: true }, () => {}, budget);
    const { id } = await session.open(TOY);
    const trace = (seed: number) => runOn(session, id, seed, async (run) => run.trace);
    const [first, second] = [await trace(1), await trace(2)];
    budget.kept = first.bytes + second.bytes + first.weights.bytes;
    expect(await trace(2)).toBe(second);
    expect(first.values.size).toBeGreaterThan(0);
    await runOn(session, id, 2, gradCam);
    expect([first, second].map(({ values }) => values.size > 0)).toEqual([false, true]);
  });

  test('many layers, methods and classes on one input keep few walks', async () => {
    const session = newSession();
    const { tf } = await session.backend();
    const model = await session.open(TOY);
    const sweep = () =>
      runOn(session, model.id, 1, async ({ trace, walks }) => {
        for (const index of [0, 1, 2, 3]) {
          for (const negative of [false, true]) {
            const target = { index, negative };
            const question = { layer: 'conv1', labels: [], target } as const;
            await explain(trace, walks, { ...question, method: 'guided-grad-cam' }, NO_CONTROL);
          }
        }
        return tf.memory().numTensors;
      });
    const once = await sweep();
    expect(await sweep()).toBe(once);
  });

  test('a cancelled or failed run leaves nothing behind', async () => {
    const session = newSession();
    const { tf } = await session.backend();
    const model = await session.open(TOY);
    // Weights are read once and stay.
    await runOn(session, model.id, 1, async () => null);
    const before = tf.memory().numTensors;
    let steps = 0;
    const impatient: Control = { isCancelled: () => ++steps > 3, report: () => {} };
    const cancelled = session.run(model.id, [random(5)], { name: 'none' }, impatient, gradCam);
    expect((await failure(cancelled)).kind).toBe('cancelled');
    expect(tf.memory().numTensors).toBe(before);

    const unread = session.run(
      model.id,
      [{ kind: 'file', path: join(folder, 'none.npy') }],
      { name: 'none' },
      NO_CONTROL,
      gradCam,
    );
    expect((await failure(unread)).kind).toBe('file-not-found');
    expect(tf.memory().numTensors).toBe(before);
    // The next in turn is not held up by those that failed.
    expect((await runOn(session, model.id, 1, gradCam)).map.shape).toEqual([2, 2]);
  });

  test('cancelled on the way back, the walk goes on from there', async () => {
    const session = newSession();
    const model = await session.open(TOY);
    await runOn(session, model.id, 1, async (run) => {
      let steps = 0;
      const impatient: Control = { isCancelled: () => ++steps > 2, report: () => {} };
      const question = {
        method: 'saliency',
        layer: 'auto',
        target: { index: 0 },
        labels: [],
      } as const;
      expect((await failure(explain(run.trace, run.walks, question, impatient))).kind).toBe('cancelled');
      const { map } = await explain(run.trace, run.walks, question, NO_CONTROL);
      expect(map.shape).toEqual([4, 4]);
    });
  });
});

describe('a model file that changes on disk', () => {
  test('is opened anew, and the old one still answers from what it has read', async () => {
    const session = newSession();
    const path = join(folder, 'changing.keras');
    copyFileSync(TOY, path);
    const old = await session.open(path);
    await runOn(session, old.id, 1, gradCam);

    copyFileSync(OTHER, path);
    utimesSync(path, new Date(), new Date(Date.now() + 5000));
    const changed = await session.open(path);
    expect(changed.id).not.toBe(old.id);
    expect(changed.graph.summary.name).toBe('frozen');
    expect(session.find(path)?.id).toBe(changed.id);
    expect(session.get(old.id).graph.summary.name).toBe('toy');
    await runOn(session, changed.id, 1, async ({ trace }) => expect(trace.values.size).toBeGreaterThan(0));
  });

  test('before its weights were read, says so instead of mixing two models', async () => {
    const session = newSession();
    const path = join(folder, 'mixed.keras');
    copyFileSync(TOY, path);
    const old = await session.open(path);
    copyFileSync(OTHER, path);
    utimesSync(path, new Date(), new Date(Date.now() + 5000));
    const error = await failure(runOn(session, old.id, 1, gradCam));
    expect(error.kind).toBe('closed');
    expect(error.message).toBe('mixed.keras has changed since it was opened.');
    expect(error.remedy).toMatch(/Reopen/);
  });

  test('replaced by nonsense: opening fails by name, what is open stays', async () => {
    const session = newSession();
    const path = join(folder, 'broken.keras');
    copyFileSync(TOY, path);
    const model = await session.open(path);
    await runOn(session, model.id, 1, gradCam);
    writeFileSync(path, 'nothing of the kind');
    expect((await failure(session.open(path))).kind).toBe('not-a-model');
    expect((await runOn(session, model.id, 1, gradCam)).header.method).toBe('grad-cam');
  });
});

test('an input file that changes is read again', async () => {
  const session = newSession();
  const model = await session.open(TOY);
  const input = join(folder, 'x.npy');
  copyFileSync(join(__dirname, '../../fixtures/golden/x.npy'), input);
  const read = () =>
    session.run(model.id, [{ kind: 'file', path: input }], { name: 'none' }, NO_CONTROL, async (run) => run);
  const first = await read();
  expect((await read()).trace).toBe(first.trace);
  utimesSync(input, new Date(), new Date(Date.now() + 5000));
  expect((await read()).trace).not.toBe(first.trace);
});

test('opening the same file twice at once gives one model', async () => {
  const session = newSession();
  const [a, b] = await Promise.all([session.open(TOY), session.open(TOY)]);
  expect(a.id).toBe(b.id);
});
