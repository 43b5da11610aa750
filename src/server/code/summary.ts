import type { Shape } from '../../shared/model';
import { paramsOf } from './keras/call';
import { graphOrder } from './keras/graphOrder';
import { layersOf } from './keras/members';
import { classNameOf } from './rows';
import type { Layer, Model, Node } from './values';

/** A layer of a model, as Keras's `summary` lists it. */
export interface SummaryRow {
  /** `null` where it is not known. */
  readonly name: string | null;
  readonly className: string;
  /** Of all its calls in the model, each once; empty where none is known. */
  readonly outputShapes: readonly Shape[];
  /** `null` where they are not known. */
  readonly params: number | null;
  readonly layer: Layer | Model;
}

/** The layers of a model; `null` where they are not known. */
export function summaryOf(model: Model): readonly SummaryRow[] | null {
  const { inputs, outputs } = model.state.value;
  const order = inputs === null || outputs === null ? null : graphOrder(inputs, outputs);
  const calls = new Map<Layer | Model, Node[]>();
  for (const node of order?.nodes ?? []) {
    const known = calls.get(node.layer);
    if (known === undefined) calls.set(node.layer, [node]);
    else known.push(node);
  }
  return (
    layersOf(model)?.map((layer) => ({
      name: layer.name,
      className: classNameOf(layer),
      outputShapes: shapesOf(calls.get(layer) ?? layer.calls.value),
      params: paramsOf(layer),
      layer,
    })) ?? null
  );
}

function shapesOf(calls: readonly Node[]): Shape[] {
  const found = new Map<string, Shape>();
  for (const { outputs } of calls)
    for (const { shape } of outputs) if (shape !== null) found.set(shape.join(), shape);
  return [...found.values()];
}
