import { expect, test } from 'vitest';
import { Epochs } from '../../../../src/extension/panels/checkpoints/epochs';
import type { Client } from '../../../../src/extension/server/client';
import * as protocol from '../../../../src/shared/protocol';
import type { CheckpointFile } from '../../../../src/shared/results/checkpoints';

const file = (name: string): CheckpointFile => ({ path: `/run/${name}`, name, number: null, modified: 1 });
const [ONE, TWO, THREE] = [file('1'), file('2'), file('3')];
const QUESTION = {
  inputs: [{ kind: 'random', seed: 1 }],
  preprocessing: { name: 'none' },
  layer: 'auto',
  target: { index: 'auto' },
} as const;
const MORE = { architecture: undefined, insist: false };

/** A server that opens all files but some, and writes down what is asked: the name of the file, or of both. */
function epochsOf(broken: readonly string[]): { readonly epochs: Epochs; readonly asked: string[] } {
  const asked: string[] = [];
  const answer = (method: string, params: Record<string, unknown>): unknown => {
    if (method === protocol.openModel.method) return { modelId: params.path };
    if (method === protocol.weightChanges.method) return [{ layer: 'dense', distance: 2 }];
    return { weights: [] };
  };
  const client = {
    ask: async ({ method }: { method: string }, params: Record<string, unknown>) => {
      asked.push(
        [method.replace('layerglass/', ''), params.path ?? params.modelId, params.otherModelId]
          .join(' ')
          .trim(),
      );
      if (broken.includes(String(params.path)))
        return { ok: false, error: { kind: 'not-a-model', message: 'No model.' } };
      return { ok: true, value: answer(method, params) };
    },
  } as unknown as Pick<Client, 'ask'>;
  return { epochs: new Epochs(client, () => undefined), asked };
}

test('the weights are compared with those of the epoch before, and both models are closed', async () => {
  const { epochs, asked } = epochsOf([]);
  const report = await epochs.report(TWO, [ONE], QUESTION, MORE);
  expect(report).toMatchObject({ ok: true, value: { changes: [{ layer: 'dense', distance: 2 }] } });
  expect(asked).toEqual([
    'openModel /run/2',
    'epoch /run/2',
    'openModel /run/1',
    'weightChanges /run/2 /run/1',
    'closeModel /run/1',
    'closeModel /run/2',
  ]);
  await epochs.report(TWO, [ONE], QUESTION, MORE);
  expect(asked).toHaveLength(6);
});

test('an epoch that cannot be opened is passed over, and tried once', async () => {
  const { epochs, asked } = epochsOf([TWO.path]);
  expect(await epochs.report(TWO, [ONE], QUESTION, MORE)).toMatchObject({ ok: false });
  await epochs.report(THREE, [TWO, ONE], QUESTION, MORE);
  expect(asked.filter((one) => one === 'openModel /run/2')).toHaveLength(1);
  expect(asked).toContain('weightChanges /run/3 /run/1');
});

test('the first epoch has nothing before it', async () => {
  const { epochs } = epochsOf([]);
  const report = await epochs.report(ONE, [], QUESTION, MORE);
  expect(report.ok && report.value).toEqual({ weights: [] });
});
