import { trustRun } from '../../src/server/answers/trust';
import { NO_CONTROL } from '../../src/server/run/control';
import type { Session } from '../../src/server/session/session';
import { defaultMethod, type MethodId } from '../../src/shared/methods';
import type { Trust } from '../../src/shared/results/trust';
import type { HeldOut } from './heldOut';
import { median, opened, questionOf } from './measure';

export interface VerdictRow {
  readonly name: string;
  readonly labels: 'true' | 'shuffled';
  readonly method: MethodId;
  /** One per input, in their order. */
  readonly trusts: readonly Trust[];
  /** Of the explanation and the verdict, the median. */
  readonly seconds: number;
}

/** The verdicts on the default method's maps of the predicted class. Yields the row after every tenth input. */
export async function* verdicts(
  session: Session,
  { name, model: honest, shuffled, inputs }: HeldOut,
  labels: VerdictRow['labels'],
  limit: number,
): AsyncGenerator<VerdictRow> {
  const { model, preprocessing, runInput } = await opened(session, labels === 'true' ? honest : shuffled);
  const method = defaultMethod(true);
  const trusts: Trust[] = [];
  const times: number[] = [];
  const row = (): VerdictRow => ({ name, labels, method, trusts, seconds: median(times) });
  for (const [i, input] of inputs.slice(0, limit).entries()) {
    if (i > 0 && i % 10 === 0) yield row();
    const start = performance.now();
    const params = {
      ...questionOf(method, 'auto'),
      modelId: model.id,
      inputs: [input.source],
      preprocessing,
    };
    trusts.push(await runInput(input, (run) => trustRun(run, params, NO_CONTROL)));
    times.push((performance.now() - start) / 1000);
  }
  session.close(model.id);
  yield row();
}
