import type { Machine } from '../machine';
import type { CallExpression } from '../syntax/ast';
import { type Layer, type Model, type ModelState, type Tensor, UNKNOWN, type Value } from '../values';
import { graphOrder } from './graphOrder';
import { newLayer } from './layer';
import { newModel } from './models';
import { rebuilt } from './structure';

/** Copies graphs: the same layers, made again, with the weights that they have. What is copied twice is one copy. */
export class GraphCopy {
  private readonly tensors: Map<Tensor, Tensor>;
  private readonly layers = new Map<Layer | Model, Layer | Model>();

  /**
   * @param given tensors that take the place of others.
   * @param renamed names that change.
   */
  constructor(
    private readonly machine: Machine,
    given: ReadonlyMap<Tensor, Tensor>,
    private readonly renamed: ReadonlyMap<string, string | null>,
  ) {
    this.tensors = new Map(given);
  }

  /** `null` where the graph before them is not known. */
  outputs(inputs: readonly Tensor[], outputs: readonly Tensor[]): readonly Tensor[] | null {
    const order = graphOrder(inputs, outputs);
    if (order === null) return null;
    for (const node of order.nodes) {
      this.machine.step();
      if (node.outputs.every((tensor) => this.tensors.has(tensor))) continue;
      const layer = this.layer(node.layer);
      const copied: Tensor[] = [];
      const copy = {
        ...node,
        layer,
        inputs: node.inputs.map((input) => this.tensor(input)),
        outputs: copied,
      };
      for (const tensor of node.outputs) {
        const made: Tensor = { ...tensor, origin: tensor.origin === null ? null : copy };
        copied.push(made);
        this.tensors.set(tensor, made);
      }
      this.machine.set(layer.calls, [...layer.calls.value, copy]);
    }
    return outputs.map((output) => this.tensor(output));
  }

  /** @param site where the copy is made; `null` where the program does not write it. */
  model(model: Model, site: CallExpression | null): Model {
    const { className } = model;
    const before = this.machine.layers.length;
    const copy = newModel(this.machine, { className, name: this.nameOf(model), site }, this.state(model));
    if (site === null) this.machine.layers.length = before;
    return copy;
  }

  private state({ state: { value: state } }: Model): ModelState {
    const { inputs, outputs } = state;
    const made = inputs === null || outputs === null ? null : this.outputs(inputs, outputs);
    return {
      layers: state.layers?.map((layer) => this.layer(layer)) ?? null,
      inputs: made === null ? null : (inputs?.map((input) => this.tensor(input)) ?? null),
      outputs: made,
      structure: made === null ? UNKNOWN : rebuilt(state.structure, made),
    };
  }

  /** An array is not copied. */
  private tensor(tensor: Tensor): Tensor {
    return this.tensors.get(tensor) ?? tensor;
  }

  private layer(layer: Layer | Model): Layer | Model {
    const known = this.layers.get(layer);
    if (known !== undefined) return known;
    const copy = layer.kind === 'model' ? this.model(layer, null) : this.single(layer);
    this.layers.set(layer, copy);
    return copy;
  }

  private single(layer: Layer): Layer {
    const copy = newLayer(this.machine, { ...layer, name: this.nameOf(layer), site: null });
    this.machine.set(copy.built, layer.built.value);
    return copy;
  }

  nameOf({ name }: Layer | Model): string | null {
    const other = name === null ? undefined : this.renamed.get(name);
    return other === undefined ? name : other;
  }
}

/** `keras.models.clone_model(model)`: layers of the same names. */
export function cloneModel(machine: Machine, model: Model, site: CallExpression): Value {
  const copy = new GraphCopy(machine, new Map(), new Map()).model(model, site);
  const { layers, outputs } = model.state.value;
  // Keras makes a functional model of each Sequential that it clones, which takes a name.
  if (layers?.every(({ kind }) => kind === 'layer') !== true) machine.loseName('Functional');
  else if (model.className === 'Sequential' && outputs !== null) machine.autoName('Functional');
  return copy;
}
