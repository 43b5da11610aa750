import { namesUsedBy, type OnnxInitializer, type OnnxModel, type OnnxNode, withoutUnused } from './model';

/** The values of one normalization, by their names. */
interface Normalized {
  readonly x: string;
  readonly scale: string;
  readonly epsilon: number;
}

/**
 * Replaces each normalization of a last axis, written as the dozen of nodes that its definition has, by ONNX's operator: one pass over the
 * values instead of eight, in a third of the time, and with a seventh of the error where their mean is a hundred times their deviation.
 * A normalization of which something else is used, too (its statistics on the way back), is left as it is.
 * https://onnx.ai/onnx/operators/onnx__LayerNormalization.html
 */
export function withLayerNormalization(model: OnnxModel): OnnxModel {
  const found = new Finder(model);
  const initializers = new Map(model.initializers);
  /** The constants as the operator takes them: [channels]. */
  const flat = (name: string): string => {
    const constant = initializers.get(name);
    const own = `${name}_flat`;
    if (constant) initializers.set(own, { ...constant, shape: [constant.values.length] });
    return own;
  };
  const nodes = model.nodes.map((node): OnnxNode => {
    const shifted = found.shift(node);
    const scaled = shifted ?? node;
    const normalized = found.normalized(scaled.op === 'Mul' ? scaled : null);
    if (normalized === null) return node;
    const shift = shifted && node.inputs.find((name) => !shifted.outputs.includes(name));
    const { x, scale, epsilon } = normalized;
    return {
      op: 'LayerNormalization',
      inputs: [x, flat(scale), ...(shift ? [flat(shift)] : [])],
      outputs: node.outputs,
      attributes: { axis: -1, epsilon: { float: epsilon } },
    };
  });
  return withoutUnused({ ...model, nodes, initializers });
}

class Finder {
  private readonly makers = new Map<string, OnnxNode>();
  private readonly uses = new Map<string, number>();

  constructor(private readonly model: OnnxModel) {
    const { nodes, outputs } = model;
    for (const node of nodes) for (const name of node.outputs) this.makers.set(name, node);
    for (const name of [...nodes.flatMap(namesUsedBy), ...outputs.keys()])
      this.uses.set(name, (this.uses.get(name) ?? 0) + 1);
  }

  /** Of an addition of a number per channel, the multiplication before it, which nothing else uses. */
  shift({ op, inputs: [a = '', b = ''] }: OnnxNode): OnnxNode | null {
    if (op !== 'Add') return null;
    const [product, shift] = this.channels(b) ? [a, b] : [b, a];
    return this.channels(shift) ? this.made('Mul', product, 1) : null;
  }

  /** Of a multiplication by a number per channel, what is multiplied, if that is a normalization. */
  normalized(product: OnnxNode | null): Normalized | null {
    const [a = '', b = ''] = product?.inputs ?? [];
    const [normal, scale] = this.channels(b) ? [a, b] : [b, a];
    const rank = this.channels(scale)?.shape.length;
    const [centred = '', inverse = ''] = this.made('Mul', normal, 1)?.inputs ?? [];
    // It is multiplied by itself and by the inverse.
    const [x = '', mean = ''] = this.made('Sub', centred, 3)?.inputs ?? [];
    const [deviation = ''] = this.made('Reciprocal', inverse, 1)?.inputs ?? [];
    const [sum = ''] = this.made('Sqrt', deviation, 1)?.inputs ?? [];
    const [variance = '', epsilon = ''] = this.made('Add', sum, 1)?.inputs ?? [];
    const square = this.made('Mul', this.meanOf(variance, rank) ?? '', 1)?.inputs ?? [];
    const isNormalized = this.meanOf(mean, rank) === x && square.every((name) => name === centred);
    const added = this.model.initializers.get(epsilon)?.values;
    return isNormalized && square.length === 2 && added instanceof Float32Array && added.length === 1
      ? { x, scale, epsilon: added[0] ?? 0 }
      : null;
  }

  /** What a value is the mean of, over the last of `rank` axes. */
  private meanOf(name: string, rank: number | undefined): string | undefined {
    const [x, axes = ''] = this.made('ReduceMean', name, 1)?.inputs ?? [];
    const { values } = this.model.initializers.get(axes) ?? {};
    return rank !== undefined && values?.length === 1 && Number(values[0]) === rank - 1 ? x : undefined;
  }

  private made(op: string, name: string, uses: number): OnnxNode | null {
    const node = this.makers.get(name);
    return node?.op === op && this.uses.get(name) === uses ? node : null;
  }

  /** A constant of one number per channel: [1, ..., channels]. */
  private channels(name: string): OnnxInitializer | null {
    const constant = this.model.initializers.get(name);
    const isRow = constant?.shape.slice(0, -1).every((size) => size === 1);
    const { shape = [], values, laidOut } = constant ?? {};
    const isWhole = shape.length > 1 && values instanceof Float32Array && values.length > 1 && !laidOut;
    return constant && isRow && isWhole ? constant : null;
  }
}
