import { join } from 'node:path';
import { expect, test } from 'vitest';
import { explainRun } from '../../../src/server/answers/explanation';
import { whatWouldChange } from '../../../src/server/answers/whatWouldChange';
import { type Control, NO_CONTROL } from '../../../src/server/run/control';
import { memoryLimits } from '../../../src/server/session/memoryLimits';
import type { Run } from '../../../src/server/session/runs';
import { Session } from '../../../src/server/session/session';
import type { MethodId } from '../../../src/shared/methods';
import type { ExplainParams } from '../../../src/shared/protocol';
import { failureOf } from '../run/memoryModel';

/** A sigmoid of four values. */
const MODEL = join(__dirname, '../../fixtures/layers/activation/activation__sigmoid_far_out.keras');

type Answer = (run: Run, params: ExplainParams, control: Control) => Promise<unknown>;

/** Asks it of a session that lets the run have ten values, its own and two more, and the process six times as many. */
async function ask(method: MethodId, insist = false, answer: Answer = explainRun): Promise<unknown> {
  const limits = { ...memoryLimits(), run: 40 };
  const session = new Session({ backend: 'cpu', nativePath: '', strict: true }, () => {}, limits);
  const { id } = await session.open(MODEL);
  const params: ExplainParams = {
    ...{ modelId: id, inputs: [{ kind: 'random', seed: 1 }], preprocessing: { name: 'none' } },
    ...{ method, layer: 'auto', target: { index: 'auto' }, insist },
  };
  const { inputs, preprocessing } = params;
  const work = (run: Run): Promise<unknown> => answer(run, params, NO_CONTROL);
  try {
    return await session.run(id, inputs, preprocessing, NO_CONTROL, work, { insist });
  } finally {
    session.close(id);
  }
}

test.each(['rise', 'var-grad', 'smooth-grad', 'expected-gradients'] as const)(
  '%s is refused where its sums take more memory than the process may have',
  async (method) => {
    const refused = await failureOf(ask(method));
    expect(refused.kind).toBe('too-costly');
    expect(refused.message).toMatch(/^.+ on 4 input values takes about 1\.92 kB of memory\.$/);
    // The user may know better.
    expect(await ask(method, true)).toMatchObject({ header: { method } });
  },
);

test('one pass and its gradients are not refused', async () => {
  expect(await ask('saliency')).toMatchObject({ header: { method: 'saliency' } });
});

test('the search for the smallest change is refused, too', async () => {
  const refused = await failureOf(ask('saliency', false, whatWouldChange));
  expect(refused).toMatchObject({ kind: 'too-costly' });
});
