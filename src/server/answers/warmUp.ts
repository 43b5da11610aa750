import { defaultMethod } from '../../shared/methods';
import type { ExplainParams } from '../../shared/protocol';
import { computeForWayBack } from '../explain/anticipate';
import { explainableLayers } from '../explain/layerChoice';
import type { Control } from '../run/control';
import type { OpenModel } from '../session/openModels';
import type { Session } from '../session/session';
import { explainRun } from './explanation';

/** Prepares the first explanation of an open model before its input is known. @throws Failure */
export async function warmUp(session: Session, model: OpenModel, control: Control): Promise<void> {
  const params = firstRequest(model);
  await session.warmUp(model.id, control, (run) => explainRun(run, params, control));
}

/** What a page requests first, except for the input. */
function firstRequest({ id, graph }: OpenModel): ExplainParams {
  const { defaultLayer } = explainableLayers(graph);
  return {
    modelId: id,
    inputs: [],
    preprocessing: { name: 'none' },
    method: defaultMethod(defaultLayer !== null),
    layer: 'auto',
    target: { index: 'auto' },
  };
}

/** After an explanation, what another one on the same input needs, and the run on the next one, while nobody waits. @throws Failure */
export const prepareNext = (session: Session, control: Control): Promise<void> =>
  session.prepareNext(computeForWayBack, control);
