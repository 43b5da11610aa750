import { describe, expect, it } from 'vitest';
import { type ServerRun, ServerSupervisor } from '../../../src/extension/server/serverSupervisor';
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
function supervisorOf({ slow = false, startMs = 5000, born = (_: FakeRun) => {} } = {}) {
  const runs: FakeRun[] = [];
  const events: string[] = [];
  let most = 0;
  const alive = () => runs.filter((run) => run.alive);
  const supervisor = new ServerSupervisor(
    () => {
      const run = new FakeRun(runs.length + 1);
      runs.push(run);
      most = Math.max(most, alive().length);
      if (!slow) run.start();
      born(run);
      return run;
    },
    {
      starting: () => events.push('starting'),
      running: (run, again) => events.push(`running ${run.number}${again ? ' again' : ''}`),
      died: (run) => events.push(`died ${run.number}`),
      down: ({ final }) => events.push(final ? 'given up' : 'down'),
    },
    (reason) => new Failure({ kind: 'closed', message: reason }),
    { maxDeaths: 3, startMs },
  );
  return { supervisor, runs, events, alive, most: () => most };
}

async function settled(count: () => number, wanted: number): Promise<void> {
  await expect.poll(count).toBe(wanted);
}

describe('a supervisor', () => {
  it('starts the server with the first request, once for concurrent requests', async () => {
    const { supervisor, runs } = supervisorOf();
    expect(supervisor.used).toBe(false);
    const asked = await Promise.all([supervisor.get(), supervisor.get(), supervisor.get()]);
    expect(new Set(asked).size).toBe(1);
    expect(runs.length).toBe(1);
  });

  it('restarts during a start: the starting process ends, and callers get the new one', async () => {
    const { supervisor, runs, alive, most } = supervisorOf({ slow: true });
    const waiting = supervisor.get();
    await settled(() => runs.length, 1);
    const restarted = supervisor.restart();
    await settled(() => runs.length, 2);
    runs[1]?.start();
    await restarted;
    expect((await waiting).number).toBe(2);
    expect(alive().map(({ number }) => number)).toEqual([2]);
    expect(most()).toBe(1);
  });

  it('serves concurrent restarts with one new process', async () => {
    const { supervisor, runs, alive, most } = supervisorOf();
    await supervisor.get();
    await Promise.all([supervisor.restart(), supervisor.restart(), supervisor.restart()]);
    expect(runs.length).toBe(2);
    expect(alive().length).toBe(1);
    expect(most()).toBe(1);
  });

  it('keeps one process through any sequence of requests, deaths and restarts', async () => {
    const { supervisor, alive, most, runs } = supervisorOf();
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return Math.floor((seed / 2147483648) * below);
    };
    const running: Promise<unknown>[] = [];
    for (let step = 0; step < 300; step++) {
      supervisor.resetDeaths();
      const what = random(4);
      if (what === 0) running.push(supervisor.restart());
      else if (what === 1) alive()[0]?.die();
      else running.push(supervisor.get());
      if (random(2) === 0) await tick();
    }
    await Promise.all(running);
    const last = await supervisor.get();
    expect(alive()).toEqual([last]);
    expect(most()).toBe(1);
    expect(runs.length).toBeGreaterThan(50);
    await supervisor.dispose();
    expect(alive()).toEqual([]);
  });

  it('leaves no process when the window closes during a start, and starts none afterwards', async () => {
    const { supervisor, runs, alive } = supervisorOf({ slow: true });
    const waiting = supervisor.get().catch((thrown: Error) => thrown.message);
    await settled(() => runs.length, 1);
    await supervisor.dispose();
    expect(alive()).toEqual([]);
    expect(await waiting).toMatch(/closing/);
    await expect(supervisor.restart()).rejects.toThrow(/closing/);
    expect(runs.length).toBe(1);
  });
});

describe('a server that dies', () => {
  it('restarts immediately, and reports that its state is lost', async () => {
    const { supervisor, runs, events } = supervisorOf();
    (await supervisor.get()).die();
    await settled(() => runs.length, 2);
    await supervisor.get();
    expect(events).toEqual(['starting', 'running 1', 'died 1', 'down', 'starting', 'running 2 again']);
  });

  it('is given up only when it dies repeatedly without a request by the user', async () => {
    const { supervisor, runs, events, alive } = supervisorOf();
    await supervisor.get();
    for (let death = 1; death <= 3; death++) {
      await settled(() => alive().length, 1);
      await supervisor.get();
      runs.at(-1)?.die();
      await tick();
    }
    expect(events.at(-1)).toBe('given up');
    await expect(supervisor.get()).rejects.toThrow('signal SIGKILL');
    supervisor.resetDeaths();
    expect((await supervisor.get()).alive).toBe(true);
  });

  it('is never given up while the user makes requests', async () => {
    const { supervisor, events } = supervisorOf();
    for (let death = 0; death < 100; death++) {
      supervisor.resetDeaths();
      (await supervisor.get()).die();
      await tick();
    }
    expect(events.filter((word) => word === 'died 100')).toEqual(['died 100']);
    expect(events).not.toContain('given up');
  });

  it('before it is ready is retried, and given up with the reason', async () => {
    const { supervisor, runs, events } = supervisorOf({ slow: true, born: (run) => run.die('exit code 1') });
    await expect(supervisor.get()).rejects.toThrow('exit code 1');
    expect(runs.length).toBe(3);
    expect(events.at(-1)).toBe('given up');
  });

  it('or hangs during its start is ended', async () => {
    const { supervisor, runs, alive } = supervisorOf({ slow: true, startMs: 20 });
    await expect(supervisor.get()).rejects.toThrow(/not ready/);
    expect(runs.length).toBe(3);
    expect(alive()).toEqual([]);
  });
});
