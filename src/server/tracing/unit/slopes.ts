import * as l10n from '@vscode/l10n';
import { Failure } from '../../../shared/errors';
import type { Tensor } from '../../layers/kind';
import { inputGradients } from '../../run/backward';
import { callLayer } from '../callLayer';
import { type MapLayout, mapLayout } from '../featureMap';
import { agrees, NO_TERMS, type Terms } from './terms';
import { type Found, inputTensors, sourceAt, type UnitAt } from './unitAt';

/** Values of one input on which the value depends. */
interface Slopes {
  readonly input: number;
  readonly places: readonly number[];
}

/**
 * A value by its derivatives at the layer's inputs, whatever the layer. If the layer is affine, which its value at inputs of zero
 * tells, they are the weights of a sum, and that value is the bias; else the bias is what is left, and the form says so.
 */
export async function slopes(at: UnitAt): Promise<Found> {
  const found = await slopeTerms(at);
  const { terms } = found;
  let sum = 0;
  let scale = Math.abs(at.pre);
  for (let i = 0; i < terms.inputs.length; i++) {
    const product = (terms.inputs[i] ?? 0) * (terms.weights[i] ?? 0);
    sum += product;
    scale += Math.abs(product);
  }
  const rest = at.pre - sum;
  const zero = found.hasSlopes ? await valueAtZero(at) : null;
  if (zero === null || !agrees(sum + zero, at.pre, scale + Math.abs(zero)))
    return { form: 'slopes', bias: rest, terms, notices: [notice(terms)] };
  const isPassedOn = terms.inputs.length === 1 && terms.weights[0] === 1 && zero === 0;
  return { form: isPassedOn ? 'value' : 'sum', bias: zero === 0 ? null : zero, terms };
}

const notice = ({ inputs }: Terms): string =>
  inputs.length === 0
    ? l10n.t(
        'The value has no derivative at any of its inputs: it does not depend on them, or only in steps.',
      )
    : l10n.t('The value is no weighted sum: the weights are its derivatives, and the bias is what is left.');

/** The inputs with a derivative other than 0, and whether there are derivatives at all: an id has none. */
async function slopeTerms(at: UnitAt): Promise<{ readonly terms: Terms; readonly hasSlopes: boolean }> {
  const { trace, node, kind, ctx, ref, flat, map } = at;
  const { tf } = trace.runtime;
  const { pre, outputs } = trace.at(node.path);
  const seed = new Float32Array(map.data.length);
  seed[flat ?? 0] = 1;
  const own = (ref.output === 0 ? pre : null) ?? outputs[ref.output];
  if (!own) return { terms: NO_TERMS, hasSlopes: false };
  const oneHot = tf.tensor(seed, own.shape, 'float32');
  const gradients = inputGradients(
    trace,
    node,
    kind,
    ctx,
    outputs.map((_, i) => (i === ref.output ? oneHot : null)),
  );
  oneHot.dispose();
  const tensors = inputTensors(at);
  const inputs: number[] = [];
  const weights: number[] = [];
  const found: Slopes[] = [];
  for (const [input, gradient] of gradients.entries()) {
    const values = gradient && (await tensors[input]?.data());
    if (!gradient || !values) continue;
    const data = await gradient.data();
    gradient.dispose();
    const places: number[] = [];
    for (let i = 0; i < data.length; i++) {
      if (data[i] === 0) continue;
      places.push(i);
      inputs.push(values[i] ?? Number.NaN);
      weights.push(data[i] ?? Number.NaN);
    }
    found.push({ input, places });
  }
  const terms = {
    inputs,
    weights,
    describe: (term: number) => ({ from: sourceOf(at, tensors, found, term) }),
  };
  return { terms, hasSlopes: found.length > 0 };
}

function sourceOf(
  { trace, node }: UnitAt,
  tensors: readonly Tensor[],
  found: readonly Slopes[],
  term: number,
) {
  let first = 0;
  for (const { input, places } of found) {
    const ref = node.inputs[input];
    const from = ref && trace.graph.nodes.get(ref.node);
    const place = places[term - first];
    if (place !== undefined && ref && from) {
      const layout: MapLayout = mapLayout(trace, from, tensors[input]?.shape ?? []);
      return sourceAt(ref, layout, place);
    }
    first += places.length;
  }
  return null;
}

/** The value for inputs of zero; `null` where the layer cannot be computed on them. */
async function valueAtZero(at: UnitAt): Promise<number | null> {
  const { trace, node, kind, ctx, ref, flat } = at;
  const { tf } = trace.runtime;
  const zeros = inputTensors(at).map((tensor) => tf.zerosLike(tensor));
  try {
    const { pre, outputs, mask } = callLayer(trace, node, kind, ctx, zeros);
    const value = (ref.output === 0 ? pre : null) ?? outputs[ref.output];
    const found = value && (await value.data())[flat ?? 0];
    pre?.dispose();
    mask?.dispose();
    for (const output of outputs) output.dispose();
    return found ?? null;
  } catch (thrown) {
    if (thrown instanceof Failure) return null;
    throw thrown;
  } finally {
    for (const tensor of zeros) tensor.dispose();
  }
}
