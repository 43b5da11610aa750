import type { RequestType } from '../../../shared/protocol';
import * as protocol from '../../../shared/protocol';
import type { OpenWeights } from '../../answers/weights/openWeights';
import {
  exportWeights,
  weightFilters,
  weightStatistics,
  weightValues,
} from '../../answers/weights/weightRequests';
import type { Control } from '../../run/control';
import type { OpenModel } from '../../session/openModels';

/** A request that is answered from the weights in a model's file, without a run. */
export interface WeightHandler<Params, Value> {
  readonly type: RequestType<Params, Value>;
  handle(open: OpenWeights, model: OpenModel, params: Params, control: Control): Promise<Value>;
}

const row = <Params extends protocol.ModelParams, Value>(
  type: RequestType<Params, Value>,
  handle: WeightHandler<Params, Value>['handle'],
): WeightHandler<Params, Value> => ({ type, handle });

/** One row each: the server forwards it, the thread for weights handles it. */
export const WEIGHT_HANDLERS = [
  row(protocol.layerWeights, (open, model, { layer }) => open.ofLayer(model, layer)),
  row(protocol.weightStatistics, weightStatistics),
  row(protocol.weightFilters, weightFilters),
  row(protocol.weightValues, weightValues),
  row(protocol.exportWeights, exportWeights),
] as const;

/** The row of a request. Its params are those that the server received with this request. */
export function findWeightHandler(method: string): WeightHandler<object, unknown> | undefined {
  const found = WEIGHT_HANDLERS.find(({ type }) => type.method === method);
  return found as WeightHandler<object, unknown> | undefined;
}
