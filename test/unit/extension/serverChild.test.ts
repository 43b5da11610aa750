import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { endServer, forkServer, type ServerChild } from '../../../src/extension/server/serverChild';
import { type ServerRun, ServerSupervisor } from '../../../src/extension/server/serverSupervisor';
import { Failure } from '../../../src/shared/errors';

const MODULE = join(import.meta.dirname, 'hangingServer.mjs');

function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A real process, ready when it answers. */
class RealRun implements ServerRun {
  readonly child: ServerChild = forkServer(MODULE, () => {});
  readonly exited = this.child.exited;
  readonly ready = this.ask('ready');
  private stopped: Promise<void> | undefined;

  get pid(): number | undefined {
    return this.child.process.pid;
  }

  async ask(word: string): Promise<void> {
    this.child.process.send(word);
    await once(this.child.process, 'message');
  }

  stop(): Promise<void> {
    const shutDown = async () => void this.child.process.send('shutdown');
    this.stopped ??= endServer(this.child, shutDown, 300);
    return this.stopped;
  }
}

describe('a process of the server', () => {
  it('shuts down when it can', async () => {
    const run = new RealRun();
    await run.ready;
    await run.stop();
    expect(await run.exited).toBe('exit code 0');
    expect(isAlive(run.pid)).toBe(false);
  });

  it('is killed when it hangs in a computation', async () => {
    const run = new RealRun();
    await run.ready;
    run.child.process.send('hang');
    await run.stop();
    expect(await run.exited).toBe('signal SIGKILL');
    expect(isAlive(run.pid)).toBe(false);
  });

  it('reports how it died', async () => {
    const run = new RealRun();
    await run.ready;
    run.child.process.send('die');
    expect(await run.exited).toBe('exit code 3');
  });

  it('that cannot be started has an end, too', async () => {
    const child = forkServer(join(import.meta.dirname, 'no-such-server.mjs'), () => {});
    expect(await child.exited).toBe('exit code 1');
  });
});

it('exactly one real process is left after restarts, deaths and hangs', { timeout: 60_000 }, async () => {
  const runs: RealRun[] = [];
  const keeper = new ServerSupervisor(
    () => {
      const run = new RealRun();
      runs.push(run);
      return run;
    },
    { starting: () => {}, running: () => {}, died: () => {}, down: () => {} },
    (reason) => new Failure({ kind: 'closed', message: reason }),
    { maxDeaths: 5, startMs: 20_000 },
  );
  const living = () => runs.filter(({ pid }) => isAlive(pid));

  const first = keeper.get();
  const restarts = [keeper.restart(), keeper.restart()];
  await Promise.all([first, ...restarts]);
  expect(living().length).toBe(1);

  (await keeper.get()).child.process.send('hang');
  await Promise.all([keeper.restart(), keeper.restart(), keeper.get()]);
  expect(living().length).toBe(1);

  for (let kill = 0; kill < 10; kill++) {
    keeper.resetDeaths();
    const { pid } = await keeper.get();
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
    if (kill % 3 === 0) await keeper.restart();
    await expect.poll(() => isAlive(pid), { timeout: 30_000 }).toBe(false);
  }
  expect(living()).toEqual([await keeper.get()]);
  await keeper.dispose();
  expect(living()).toEqual([]);
});
