import { expect, test } from 'vitest';
import { ModelIds } from '../../../../src/extension/server/modelIds';
import type { Result } from '../../../../src/shared/errors';
import * as protocol from '../../../../src/shared/protocol';

const opened = (ids: ModelIds<string>, server: string, local: string): string => {
  const result: Result<{ readonly modelId: string; readonly path: string }> = {
    ok: true,
    value: { modelId: local, path: `/models/${local}.h5` },
  };
  const known = ids.incoming(protocol.openModel.method, result, server);
  return known.ok ? known.value.modelId : '';
};

test('both models of a request get the ids of their server', () => {
  const ids = new ModelIds<string>();
  const [a, b] = [opened(ids, 'first', 'model-1'), opened(ids, 'first', 'model-2')];
  expect(ids.outgoing({ modelId: a, otherModelId: b, inputs: [] }, 'first')).toEqual({
    ...{ modelId: 'model-1', otherModelId: 'model-2', inputs: [] },
  });
});

test('a request about a model of an ended server is not sent', () => {
  const ids = new ModelIds<string>();
  const [a, b] = [opened(ids, 'first', 'model-1'), opened(ids, 'second', 'model-1')];
  expect(ids.outgoing({ modelId: b, otherModelId: a }, 'second')).toBeUndefined();
  expect(ids.outgoing({ modelId: a, otherModelId: b }, 'second')).toBeUndefined();
  expect(ids.outgoing({ folder: '/models' }, 'second')).toEqual({ folder: '/models' });
});
