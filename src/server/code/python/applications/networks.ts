import * as l10n from '@vscode/l10n';
import { bind } from '../../keras/binding';
import { paramsOf } from '../../keras/call';
import { HOLE, jsonOf } from '../../keras/config';
import { GraphCopy } from '../../keras/copyGraph';
import { graphOrder } from '../../keras/graphOrder';
import { inputTensor } from '../../keras/input';
import { makeFunctional } from '../../keras/models';
import { NETWORKS } from '../../keras/signatures';
import { rebuilt } from '../../keras/structure';
import { type Arguments, Machine, OutOfSteps } from '../../machine';
import type { CallExpression } from '../../syntax/ast';
import { list, type Model, NONE, string, type Tensor, UNKNOWN, type Value } from '../../values';
import { networkAt, programOf } from './programs';

/** What a function of Keras made, on a machine of its own. */
interface Made {
  readonly result: Value;
  /** What stands for the tensor that it was called on. */
  readonly input: Tensor | null;
  /** The objects that Keras named; `null` where that is not known. */
  readonly named: Machine['named'] | null;
}

/** Networks by module, name and arguments: a program is analysed again after each edit. */
const kept = new Map<string, Made>();
const MAX_KEPT = 16;

/** A call of something in `keras.applications`. */
export function callApplication(
  machine: Machine,
  path: string,
  given: Arguments,
  site: CallExpression,
): Value {
  const found = networkAt(path);
  if (found === null) {
    if (/\.[A-Z]\w*$/.test(path)) machine.loseNames();
    return UNKNOWN;
  }
  if (found.name === 'preprocess_input') return preprocessed(machine, found.module, given, site);
  const signature = NETWORKS.get(found.name);
  if (signature === undefined) return UNKNOWN;
  const { values, problem } = bind(found.name, signature, given);
  if (problem !== null) machine.report({ at: site, message: problem, fixes: [] });
  const network = problem === null ? builtNetwork(machine, found, values, given, site) : null;
  if (network === null) {
    machine.loseNames();
    return UNKNOWN;
  }
  const { inputs, outputs } = network.state.value;
  machine.uses.push({
    layer: network,
    site,
    inputs: inputs?.map(({ shape }) => shape) ?? [],
    outputs: outputs?.flatMap(({ shape }) => (shape === null ? [] : [shape])) ?? null,
    params: paramsOf(network),
    multiplyAdds: null,
    node: null,
  });
  return network;
}

/** `null` where the arguments are not known, or Keras refuses them. */
function builtNetwork(
  machine: Machine,
  { module, name }: { readonly module: string; readonly name: string },
  values: ReadonlyMap<string, Value>,
  given: Arguments,
  site: CallExpression,
): Model | null {
  const tensor = values.get('input_tensor') ?? NONE;
  if (given.isOpen || (tensor.kind !== 'none' && tensor.kind !== 'tensor')) return null;
  const named = new Map(values);
  // The path of a file: its weights must fit whatever the other arguments say.
  if (values.get('weights')?.kind === 'unknown') named.set('weights', NONE);
  const start = tensor.kind === 'tensor' ? tensor : null;
  const { result, input, named: names } = callProgram(machine, module, name, named, start, site);
  if (result.kind !== 'model') {
    const isKnown = [...named.values()].every((value) => value.kind === 'tensor' || jsonOf(value) !== HOLE);
    const message = l10n.t('Keras does not build {0} with these arguments.', name);
    if (isKnown) machine.report({ at: site, message, fixes: [] });
    return null;
  }
  const copy = new GraphCopy(machine, boundTo(input, start), renamed(machine, names));
  return start === null ? copy.model(result, site) : onTensor(machine, copy, result, site);
}

/** A network on a tensor of the program: the layers that made it belong to it. */
function onTensor(machine: Machine, copy: GraphCopy, network: Model, site: CallExpression): Model | null {
  const { inputs, outputs, structure } = network.state.value;
  const copied = inputs === null || outputs === null ? null : copy.outputs(inputs, outputs);
  const sources = copied === null ? null : sourcesOf(copied);
  if (copied === null || sources === null) return null;
  const name = copy.nameOf(network);
  const whole = makeFunctional(
    machine,
    {
      positional: [list(sources), rebuilt(structure, copied), name === null ? UNKNOWN : string(name)],
      named: new Map(),
      isOpen: false,
    },
    site,
  );
  return whole.kind === 'model' ? whole : null;
}

/** The outputs of input layers that tensors are made of. */
const sourcesOf = (outputs: readonly Tensor[]): readonly Tensor[] | null =>
  graphOrder([], outputs)
    ?.nodes.filter(({ inputs }) => inputs.length === 0)
    .flatMap(({ outputs: made }) => made) ?? null;

/** `preprocess_input(x)` of a symbolic tensor: some operations. */
function preprocessed(machine: Machine, module: string, given: Arguments, site: CallExpression): Value {
  const [first = given.named.get('x'), ...rest] = given.positional;
  if (first?.kind !== 'tensor' || first.isEager || given.isOpen) return UNKNOWN;
  const names = ['data_format', 'mode'];
  const values = new Map([
    ...rest.map((value, i) => [names[i] ?? '', value] as const),
    ...given.named,
    ['x', first],
  ]);
  const name = module === 'imagenet_utils' ? 'preprocess_image' : 'preprocess_input';
  const { result, input, named } = callProgram(machine, module, name, values, first, site);
  if (result.kind !== 'tensor' || input === null) return UNKNOWN;
  const copy = new GraphCopy(machine, boundTo(input, first), renamed(machine, named));
  return copy.outputs([input], [result])?.[0] ?? UNKNOWN;
}

/** @param start the tensor among the values, for which another one of its shape stands. */
function callProgram(
  machine: Machine,
  module: string,
  name: string,
  values: ReadonlyMap<string, Value>,
  start: Tensor | null,
  site: CallExpression,
): Made {
  const key = keyOf(module, name, values);
  const known = key === null ? undefined : kept.get(key);
  if (known !== undefined) return known;
  const inner = new Machine(machine.language, machine.hasCustomObjects);
  const input = start === null ? null : inputTensor(inner, start.shape, string('input'), null, site);
  const named = new Map(
    [...values].map(([other, value]) => [other, value === start && input ? input : value]),
  );
  const result = quietly(() =>
    machine.hooks.callIn(inner, programOf(module), name, {
      given: { positional: [], named, isOpen: false },
      site,
    }),
  );
  const found = { result, input, named: inner.knowsNames ? inner.named : null };
  if (key === null) return found;
  if (kept.size >= MAX_KEPT) kept.delete([...kept.keys()][0] ?? '');
  kept.set(key, found);
  return found;
}

/** The arguments as a text; `null` where they are not all plain. */
function keyOf(module: string, name: string, values: ReadonlyMap<string, Value>): string | null {
  const plain = [...values].map(([other, value]) => [
    other,
    value.kind === 'tensor' ? { shape: value.shape } : jsonOf(value),
  ]);
  return plain.some(([, value]) => value === HOLE) ? null : JSON.stringify([module, name, plain]);
}

function quietly(work: () => Value): Value {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof OutOfSteps) return UNKNOWN;
    throw thrown;
  }
}

const boundTo = (input: Tensor | null, start: Tensor | null): ReadonlyMap<Tensor, Tensor> =>
  new Map(input === null || start === null ? [] : [[input, start]]);

/** The names that the objects get in this program, by those that they had. */
function renamed(machine: Machine, named: Made['named']): ReadonlyMap<string, string | null> {
  if (named === null) machine.loseNames();
  return new Map(named?.map(({ className, name }) => [name, machine.autoName(className)]));
}
