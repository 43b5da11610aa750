import { beforeEach, describe, expect, it } from 'vitest';
import { Lifetime } from '../../../src/extension/lifetime';
import { ModelLease } from '../../../src/extension/models/modelLease';
import { Models } from '../../../src/extension/models/models';
import type { Client, ServerState } from '../../../src/extension/server/client';
import { LatestRequest } from '../../../src/extension/server/latestRequest';
import { SingleFlight } from '../../../src/extension/singleFlight';
import type { Result } from '../../../src/shared/errors';
import { channelTiles, closeModel, openModel } from '../../../src/shared/protocol';
import { EventEmitter, forget, seen } from './fakeVscode';

const PATH = '/models/cat.keras';
const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A server whose answers come when the test says so, and which counts who holds what. */
class FakeServer {
  readonly held: string[] = [];
  /** Parameters of every opening. */
  readonly asked: unknown[] = [];
  readonly opening: (() => void)[] = [];
  closedTwice = 0;
  private count = 0;
  private readonly stateChanged = new EventEmitter<ServerState>();
  private readonly restarted = new EventEmitter<void>();

  readonly client: Pick<Client, 'ask' | 'tell' | 'onStateChanged' | 'onRestarted'> = {
    onStateChanged: this.stateChanged.event,
    onRestarted: this.restarted.event,
    tell: async () => undefined,
    ask: async <P extends object, V>(type: { method: string }, params: P): Promise<Result<V>> => {
      if (type.method === openModel.method) {
        this.asked.push(params);
        await new Promise<void>((resolve) => this.opening.push(resolve));
        this.count += 1;
        const modelId = `open-${this.count}`;
        this.held.push(modelId);
        return { ok: true, value: { modelId, path: PATH, companionFiles: [] } as V };
      }
      if (type.method === closeModel.method && 'modelId' in params) {
        const at = this.held.indexOf(String(params.modelId));
        if (at < 0) this.closedTwice += 1;
        else this.held.splice(at, 1);
      }
      return { ok: true, value: null as V };
    },
  };

  /** Answers the openings that wait, in this order. */
  async answer(...order: number[]): Promise<void> {
    await tick();
    const waiting = this.opening.splice(0);
    for (const at of order.length > 0 ? order : waiting.keys()) waiting[at]?.();
    await tick();
    await tick();
  }
}

let server: FakeServer;
let models: Models;
beforeEach(() => {
  forget();
  seen.watchers = 0;
  server = new FakeServer();
  models = new Models(server.client);
});

describe('leases of a model', () => {
  it('share one reference of the server, which is released with the last', async () => {
    const both = [models.acquire(PATH), models.acquire(PATH)];
    await server.answer();
    const leases = await Promise.all(both);
    expect(server.held).toEqual(['open-1']);
    for (const lease of leases) if (lease.ok) lease.value.dispose();
    await tick();
    expect(server.held).toEqual([]);
    expect(seen.watchers).toBe(0);
  });

  it('leave one reference after overlapping reloads, the last one', async () => {
    const acquired = models.acquire(PATH);
    await server.answer();
    const lease = await acquired;
    const reloads = [models.reload(PATH), models.reload(PATH), models.reload(PATH)];
    // Were they asked at once, the last one would be answered first.
    for (let turn = 0; turn < 3; turn++) await server.answer(2, 1, 0);
    const last = (await Promise.all(reloads)).at(-1);
    expect(server.closedTwice).toBe(0);
    expect(server.held).toEqual([last?.ok ? last.value.modelId : '']);
    const now = lease.ok ? await lease.value.model() : lease;
    expect(now.ok && now.value.modelId).toBe(server.held[0]);
  });

  it('leave nothing when the model is closed while it is reloaded', async () => {
    const acquired = models.acquire(PATH);
    await server.answer();
    const lease = await acquired;
    const reload = models.reload(PATH);
    await tick();
    if (lease.ok) lease.value.dispose();
    await server.answer();
    expect((await reload).ok).toBe(false);
    expect(server.held).toEqual([]);
    expect(server.closedTwice).toBe(0);
    expect(seen.watchers).toBe(0);
  });
});

describe('a page that is closed while its model opens', () => {
  it('releases a lease that arrives too late', async () => {
    const held = new ModelLease(models, PATH);
    const asked = held.get();
    held.dispose();
    await server.answer();
    const result = await asked;
    expect(result.ok ? '' : result.error.kind).toBe('cancelled');
    await tick();
    expect(server.held).toEqual([]);
    expect(seen.watchers).toBe(0);
    expect((await held.get()).ok).toBe(false);
    expect(server.opening).toEqual([]);
  });

  it('acquires one lease for concurrent requests', async () => {
    const held = new ModelLease(models, PATH);
    const asked = [held.get(), held.get()];
    await server.answer();
    await Promise.all(asked);
    held.dispose();
    await tick();
    expect(server.held).toEqual([]);
    expect(server.closedTwice).toBe(0);
  });
});

describe('lifetimes', () => {
  it('dispose of what is added too late', () => {
    const log: string[] = [];
    const named = (name: string) => ({ dispose: () => log.push(name) });
    const lifetime = new Lifetime();
    lifetime.own(named('a'));
    const b = lifetime.own(named('b'));
    lifetime.own(named('c'));
    lifetime.release(b);
    lifetime.dispose();
    lifetime.own(named('late'));
    lifetime.dispose();
    expect(log).toEqual(['b', 'c', 'a', 'late']);
  });

  it('of a click: a second click waits for the first and starts nothing', async () => {
    const one = new SingleFlight();
    let started = 0;
    let finish = () => {};
    const work = () => {
      started += 1;
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    };
    const clicks = [one.run(PATH, work), one.run(PATH, work)];
    await tick();
    finish();
    expect(await Promise.all(clicks)).toEqual([true, false]);
    expect(started).toBe(1);
    const failing = one.run(PATH, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(await one.run(PATH, async () => {})).toBe(true);
  });

  it('of a request: a newer one, or the end of the page, cancels it', async () => {
    const tokens: { readonly isCancellationRequested: boolean }[] = [];
    const client: Pick<Client, 'ask'> = {
      ask: (_, __, options) => {
        if (options?.token !== undefined) tokens.push(options.token);
        return new Promise(() => {});
      },
    };
    const tiles = new LatestRequest(client);
    const params = {} as Parameters<typeof tiles.ask>[1];
    void tiles.ask(channelTiles, params);
    void tiles.ask(channelTiles, params);
    expect(tokens.map((token) => token.isCancellationRequested)).toEqual([true, false]);
    tiles.dispose();
    expect(tokens.map((token) => token.isCancellationRequested)).toEqual([true, true]);
    const late = await tiles.ask(channelTiles, params);
    expect(late.ok ? '' : late.error.kind).toBe('cancelled');
  });
});

describe('weights that fit several models', () => {
  it('are opened as the chosen one, now and later', async () => {
    const first = models.acquire(PATH);
    await server.answer();
    const lease = await first;
    if (!lease.ok) throw new Error('the model did not open');
    const chosen = models.useArchitecture(PATH, '/models/net.keras');
    await server.answer();
    expect((await chosen).ok).toBe(true);
    lease.value.dispose();
    await tick();
    const again = models.acquire(PATH);
    await server.answer();
    await again;
    expect(server.asked).toEqual([
      { path: PATH },
      { path: PATH, architecture: '/models/net.keras' },
      { path: PATH, architecture: '/models/net.keras' },
    ]);
  });
});
