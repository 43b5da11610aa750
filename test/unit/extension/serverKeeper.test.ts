import { describe, expect, it } from 'vitest';
import { ServerKeeper, type ServerRun } from '../../../src/extension/server/serverKeeper';
import { Failure } from '../../../src/shared/errors';

/** A server that does what the test says. */
class FakeRun implements ServerRun {
  readonly ready: Promise<void>;
  readonly exited: Promise<string>;
  alive = true;
  start!: () => void;
  private leave!: (reason: string) => void;

  constructor(readonly number: number) {
    this.ready = new Promise((resolve) => {
      this.start = resolve;
    });
    this.exited = new Promise((resolve) => {
      this.leave = resolve;
    });
  }

  die(reason = 'signal SIGKILL'): void {
    this.alive = false;
    this.leave(reason);
  }

  async stop(): Promise<void> {
    await tick();
    this.die('exit code 0');
  }
}

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

/** @param slow servers are ready only when the test says so */
function keeperOf({ slow = false, startMs = 5000, born = (_: FakeRun) => {} } = {}) {
  const runs: FakeRun[] = [];
  const said: string[] = [];
  let most = 0;
  const alive = () => runs.filter((run) => run.alive);
  const keeper = new ServerKeeper(
    () => {
      const run = new FakeRun(runs.length + 1);
      runs.push(run);
      most = Math.max(most, alive().length);
      if (!slow) run.start();
      born(run);
      return run;
    },
    {
      starting: () => said.push('starting'),
      running: (run, again) => said.push(`running ${run.number}${again ? ' again' : ''}`),
      died: (run) => said.push(`died ${run.number}`),
      down: ({ final }) => said.push(final ? 'given up' : 'down'),
    },
    (reason) => new Failure({ kind: 'closed', message: reason }),
    { maxDeaths: 3, startMs },
  );
  return { keeper, runs, said, alive, most: () => most };
}

async function settled(count: () => number, wanted: number): Promise<void> {
  await expect.poll(count).toBe(wanted);
}

describe('one server lives', () => {
  it('starts with the first question, once for all that ask meanwhile', async () => {
    const { keeper, runs } = keeperOf();
    expect(keeper.used).toBe(false);
    const asked = await Promise.all([keeper.get(), keeper.get(), keeper.get()]);
    expect(new Set(asked).size).toBe(1);
    expect(runs.length).toBe(1);
  });

  it('restarts during a start: the process on its way ends, and whoever waited gets the new one', async () => {
    const { keeper, runs, alive, most } = keeperOf({ slow: true });
    const waiting = keeper.get();
    await settled(() => runs.length, 1);
    const restarted = keeper.restart();
    await settled(() => runs.length, 2);
    runs[1]?.start();
    await restarted;
    expect((await waiting).number).toBe(2);
    expect(alive().map(({ number }) => number)).toEqual([2]);
    expect(most()).toBe(1);
  });

  it('answers many restarts at once with one new process', async () => {
    const { keeper, runs, alive, most } = keeperOf();
    await keeper.get();
    await Promise.all([keeper.restart(), keeper.restart(), keeper.restart()]);
    expect(runs.length).toBe(2);
    expect(alive().length).toBe(1);
    expect(most()).toBe(1);
  });

  it('keeps to one through any sequence of questions, deaths and restarts', async () => {
    const { keeper, alive, most, runs } = keeperOf();
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return Math.floor((seed / 2147483648) * below);
    };
    const running: Promise<unknown>[] = [];
    for (let step = 0; step < 300; step++) {
      keeper.freshChance();
      const what = random(4);
      if (what === 0) running.push(keeper.restart());
      else if (what === 1) alive()[0]?.die();
      else running.push(keeper.get());
      if (random(2) === 0) await tick();
    }
    await Promise.all(running);
    const last = await keeper.get();
    expect(alive()).toEqual([last]);
    expect(most()).toBe(1);
    expect(runs.length).toBeGreaterThan(50);
    await keeper.dispose();
    expect(alive()).toEqual([]);
  });

  it('leaves none when the window closes during a start, and starts none after', async () => {
    const { keeper, runs, alive } = keeperOf({ slow: true });
    const waiting = keeper.get().catch((thrown: Error) => thrown.message);
    await settled(() => runs.length, 1);
    await keeper.dispose();
    expect(alive()).toEqual([]);
    expect(await waiting).toMatch(/closed/);
    await expect(keeper.restart()).rejects.toThrow(/closed/);
    expect(runs.length).toBe(1);
  });
});

describe('a server that dies', () => {
  it('is there again at once, and says that what it knew is lost', async () => {
    const { keeper, runs, said } = keeperOf();
    (await keeper.get()).die();
    await settled(() => runs.length, 2);
    await keeper.get();
    expect(said).toEqual(['starting', 'running 1', 'died 1', 'down', 'starting', 'running 2 again']);
  });

  it('is given up only when it dies again and again while nothing is asked', async () => {
    const { keeper, runs, said, alive } = keeperOf();
    await keeper.get();
    for (let death = 1; death <= 3; death++) {
      await settled(() => alive().length, 1);
      await keeper.get();
      runs.at(-1)?.die();
      await tick();
    }
    expect(said.at(-1)).toBe('given up');
    await expect(keeper.get()).rejects.toThrow('signal SIGKILL');
    keeper.freshChance();
    expect((await keeper.get()).alive).toBe(true);
  });

  it('is never given up while the user goes on asking', async () => {
    const { keeper, said } = keeperOf();
    for (let death = 0; death < 100; death++) {
      keeper.freshChance();
      (await keeper.get()).die();
      await tick();
    }
    expect(said.filter((word) => word === 'died 100')).toEqual(['died 100']);
    expect(said).not.toContain('given up');
  });

  it('before it can be asked is tried again, and given up with the reason', async () => {
    const { keeper, runs, said } = keeperOf({ slow: true, born: (run) => run.die('exit code 1') });
    await expect(keeper.get()).rejects.toThrow('exit code 1');
    expect(runs.length).toBe(3);
    expect(said.at(-1)).toBe('given up');
  });

  it('hangs in its start and is ended', async () => {
    const { keeper, runs, alive } = keeperOf({ slow: true, startMs: 20 });
    await expect(keeper.get()).rejects.toThrow(/no answer/);
    expect(runs.length).toBe(3);
    expect(alive()).toEqual([]);
  });
});
