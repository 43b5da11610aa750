import { describe, expect, it } from 'vitest';
import { FatalRequests } from '../../../src/extension/server/fatalRequests';
import { ModelIds } from '../../../src/extension/server/modelIds';
import { ok } from '../../../src/shared/errors';
import { closeModel, explain, openModel } from '../../../src/shared/protocol';

const BOMB = '/models/bomb.keras';

describe('a request that was running when a server died', () => {
  const open = (fatalRequests: FatalRequests, path: string) =>
    fatalRequests.track(openModel.method, { path }, path);

  it('is refused, and every other is not', () => {
    const fatalRequests = new FatalRequests();
    fatalRequests.begin(open(fatalRequests, '/models/cat.keras'))();
    fatalRequests.begin(open(fatalRequests, BOMB));
    expect(fatalRequests.died().map(({ path }) => path)).toEqual([BOMB]);
    const refusal = fatalRequests.refusal(open(fatalRequests, BOMB));
    expect(refusal?.kind).toBe('server-ended');
    expect(refusal?.message).toMatch(/ended while it opened bomb\.keras/);
    expect(refusal?.remedy).toMatch(/Try Again/);
    expect(fatalRequests.refusal(open(fatalRequests, '/models/cat.keras'))).toBeUndefined();
  });

  it('is the same under another id of the model, and another one for another class', () => {
    const fatalRequests = new FatalRequests();
    const ask = (modelId: string, index: number, insist = false) =>
      fatalRequests.track(explain.method, { modelId, insist, target: { index } }, BOMB);
    fatalRequests.begin(ask('open-1', 0, true));
    fatalRequests.died();
    expect(fatalRequests.refusal(ask('open-2', 0))?.message).toMatch(/explained bomb\.keras/);
    expect(fatalRequests.refusal(ask('open-2', 1))).toBeUndefined();
  });

  it('is allowed again when the user makes a request', () => {
    const fatalRequests = new FatalRequests();
    fatalRequests.begin(open(fatalRequests, BOMB));
    fatalRequests.died();
    fatalRequests.allow('/models/cat.keras');
    expect(fatalRequests.refusal(open(fatalRequests, BOMB))).toBeDefined();
    fatalRequests.allow(BOMB);
    expect(fatalRequests.refusal(open(fatalRequests, BOMB))).toBeUndefined();
  });

  it('is none that had ended, and none that only closes a model', () => {
    const fatalRequests = new FatalRequests();
    fatalRequests.begin(fatalRequests.track(closeModel.method, { modelId: 'open-1' }, BOMB));
    fatalRequests.begin(open(fatalRequests, BOMB))();
    expect(fatalRequests.died()).toEqual([]);
  });
});

describe('ids of models', () => {
  it('are unique, although every server numbers its models from one', () => {
    const ids = new ModelIds<string>();
    const opened = (path: string, server: string) => {
      const result = ids.incoming(openModel.method, ok({ modelId: 'model-1', path }), server);
      return result.ok ? result.value : undefined;
    };
    const cat = opened('/cat.keras', 'first');
    const dog = opened('/dog.keras', 'second');
    expect(cat?.modelId).not.toBe(dog?.modelId);
    expect(ids.pathOf({ modelId: cat?.modelId })).toBe('/cat.keras');
    expect(ids.outgoing({ modelId: dog?.modelId, layer: 'a' }, 'second')).toEqual({
      modelId: 'model-1',
      layer: 'a',
    });
    expect(ids.outgoing({ modelId: cat?.modelId }, 'second')).toBeUndefined();
    ids.keepOnly('second');
    expect(ids.pathOf({ modelId: cat?.modelId })).toBeUndefined();
    expect(ids.pathOf({ modelId: dog?.modelId })).toBe('/dog.keras');
  });
});
