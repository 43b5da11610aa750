import { describe, expect, it } from 'vitest';
import { ModelIds } from '../../../src/extension/server/modelIds';
import { Questions } from '../../../src/extension/server/questions';
import { ok } from '../../../src/shared/errors';
import { closeModel, explain, openModel } from '../../../src/shared/protocol';

const BOMB = '/models/bomb.keras';

describe('what was asked when a server died', () => {
  const open = (questions: Questions, path: string) => questions.question(openModel.method, { path }, path);

  it('is not asked again by itself, everything else is', () => {
    const questions = new Questions();
    questions.begin(open(questions, '/models/cat.keras'))();
    questions.begin(open(questions, BOMB));
    expect(questions.died().map(({ path }) => path)).toEqual([BOMB]);
    const refusal = questions.refusal(open(questions, BOMB));
    expect(refusal?.kind).toBe('server-ended');
    expect(refusal?.message).toMatch(/ended while it opened bomb\.keras/);
    expect(refusal?.remedy).toMatch(/Try Again/);
    expect(questions.refusal(open(questions, '/models/cat.keras'))).toBeUndefined();
  });

  it('is the same question under another id of the model, and another one for another class', () => {
    const questions = new Questions();
    const ask = (modelId: string, index: number, insist = false) =>
      questions.question(explain.method, { modelId, insist, target: { index } }, BOMB);
    questions.begin(ask('open-1', 0, true));
    questions.died();
    expect(questions.refusal(ask('open-2', 0))?.message).toMatch(/explained bomb\.keras/);
    expect(questions.refusal(ask('open-2', 1))).toBeUndefined();
  });

  it('is asked again when the user wants it', () => {
    const questions = new Questions();
    questions.begin(open(questions, BOMB));
    questions.died();
    questions.allow('/models/cat.keras');
    expect(questions.refusal(open(questions, BOMB))).toBeDefined();
    questions.allow(BOMB);
    expect(questions.refusal(open(questions, BOMB))).toBeUndefined();
  });

  it('counts no question that had its answer, and none that only closes a model', () => {
    const questions = new Questions();
    questions.begin(questions.question(closeModel.method, { modelId: 'open-1' }, BOMB));
    questions.begin(open(questions, BOMB))();
    expect(questions.died()).toEqual([]);
  });
});

describe('ids of models', () => {
  it('mean one model of one server, though every server numbers its models from one', () => {
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
    ids.only('second');
    expect(ids.pathOf({ modelId: cat?.modelId })).toBeUndefined();
    expect(ids.pathOf({ modelId: dog?.modelId })).toBe('/dog.keras');
  });
});
