import type { Shape } from '../../shared/model';
import { Applier } from './apply';
import { construct } from './classes/construct';
import { Evaluator } from './evaluate';
import { paramsOf } from './keras/call';
import {
  type FileUse,
  type Language,
  type Lookup,
  Machine,
  type Mention,
  OutOfSteps,
  type Problem,
  type Use,
} from './machine';
import { Executor } from './statements';
import type { CallExpression, Expression, Span } from './syntax/ast';
import {
  type Arguments,
  type ClassValue,
  type DictEntry,
  dict,
  type FunctionValue,
  keyOf,
  type Layer,
  type Model,
  Scope,
  string,
  UNKNOWN,
  type Value,
} from './values';

/** What a program does that gives Keras names of its own. */
const CUSTOM_OBJECTS = /custom_object|register_keras_serializable/;

const RENAMED = /\._name\s*=/;

/** Longer texts are data, not code. */
const MAX_CHARACTERS = 1_000_000;

/** What is known of a program that builds models. */
export interface Inference {
  /** The layers and models that the program makes, in order. */
  readonly layers: readonly InferredLayer[];
  /** Every call of one of them, in order. */
  readonly uses: readonly Use[];
  readonly problems: readonly Problem[];
  /** Where the program writes a model by its name, in order. */
  readonly mentions: readonly Mention[];
  /** Every call that loads or saves a model, in order. */
  readonly files: readonly FileUse[];
  /** Every name of a layer in a call of `get_layer`. */
  readonly lookups: readonly Lookup[];
}

export interface InferredLayer {
  /** Where it is made. */
  readonly at: Span;
  readonly layer: Layer | Model;
  /** Of its first call, or of a model; `null` where it is not known. */
  readonly outputShapes: readonly Shape[] | null;
  readonly params: number | null;
}

const NOTHING: Inference = { layers: [], uses: [], problems: [], mentions: [], files: [], lookups: [] };

/** Follows a program as far as it is static. Runs none of it, and never fails. */
export function inferShapes(text: string, language: Language): Inference {
  if (text.length > MAX_CHARACTERS) return NOTHING;
  const machine = new Machine(language, CUSTOM_OBJECTS.test(text), RENAMED.test(text));
  const layers: InferredLayer[] = [];
  try {
    run(machine, text, layers);
  } catch (thrown) {
    // A RangeError is an exhausted stack: the text is nested more deeply than any program that a person writes.
    if (!(thrown instanceof OutOfSteps || thrown instanceof RangeError)) throw thrown;
  }
  collect(machine, layers);
  const { uses, problems, mentions, files, lookups } = machine;
  return { layers, uses, problems, mentions, files, lookups };
}

function run(machine: Machine, text: string, layers: InferredLayer[]): void {
  const executor = executorOn(machine);
  executor.runProgram(machine.language.parse(text), new Scope(null));
  collect(machine, layers);
  // Functions that nobody calls here, with their defaults.
  for (const defined of machine.defined) {
    if (executor.wasCalled(defined)) continue;
    machine.resetNames();
    executor.callFunction(defined, unknownArguments(defined));
    collect(machine, layers);
  }
  // Python follows the methods of layers and models alone, when they are called.
  if (machine.language.isBlockScoped)
    for (const made of executor.classes) followMethods(machine, executor, made, layers);
}

/** The methods of a class that nobody calls here, on an object that the program does not make. */
function followMethods(machine: Machine, executor: Executor, of: ClassValue, layers: InferredLayer[]): void {
  const methods = of.scope.names().flatMap((name) => {
    const member = of.scope.member(name);
    return member?.kind === 'function' ? [{ name, method: member }] : [];
  });
  const init = methods.find(({ name }) => name === '__init__')?.method;
  machine.resetNames();
  const isMade = init !== undefined && executor.wasCalled(init);
  const given = init === undefined ? NO_ARGUMENTS : unknownArguments(init);
  const self = (isMade ? null : construct(machine, of, given, NOWHERE)) ?? UNKNOWN;
  for (const { method } of methods) {
    if (executor.wasCalled(method)) continue;
    const { named } = unknownArguments(method);
    executor.callFunction(method, { positional: [self], named, isOpen: false });
  }
  collect(machine, layers);
}

const NO_ARGUMENTS: Arguments = { positional: [], named: new Map(), isOpen: false };
const NOWHERE: CallExpression = {
  kind: 'call',
  callee: { kind: 'none', from: 0, to: 0 },
  arguments: [],
  from: 0,
  to: 0,
};

/** Nothing is known of what has no default. */
function unknownArguments({ parameters }: FunctionValue): Arguments {
  const named = parameters
    .filter(({ spread, fallback, pattern }) => spread === '' && (fallback === null || pattern !== undefined))
    .map(({ name, pattern }) => [name, unknownFor(pattern)] as const);
  return { positional: [], named: new Map(named), isOpen: false };
}

/** What is known of an argument that nobody gives: an object that is taken apart has what has no default. */
function unknownFor(pattern: Expression | undefined): Value {
  if (pattern?.kind !== 'dict') return UNKNOWN;
  const entries = pattern.entries.flatMap(({ key, value }): [string, DictEntry][] =>
    key?.kind === 'string' && value.kind !== 'assignment'
      ? [[keyOf(key) ?? '', { key: string(key.value), value: UNKNOWN }]]
      : [],
  );
  return dict(new Map(entries));
}

/** An interpreter whose state is in a machine. */
function executorOn(machine: Machine): Executor {
  const executor = new Executor(new Evaluator(machine));
  const applier = new Applier(machine, (callee, given, method) =>
    executor.callFunction(callee, given, method),
  );
  machine.hooks = {
    apply: (callee, given, site) => applier.apply(callee, given, site),
    callIn: (inner, program, name, { given, site }) => {
      const scope = new Scope(null);
      executorOn(inner).runProgram(program, scope);
      return inner.hooks.apply(scope.find(name)?.value ?? UNKNOWN, given, site);
    },
  };
  return executor;
}

/** Adds what is known now of the layers that were made since the last time. */
function collect(machine: Machine, layers: InferredLayer[]): void {
  const firstUses = new Map<Layer | Model, Use>();
  for (const use of machine.uses) if (!firstUses.has(use.layer)) firstUses.set(use.layer, use);
  for (const layer of machine.layers.splice(0)) {
    if (layer.site === null) continue;
    const use = firstUses.get(layer);
    const { outputs } = layer.kind === 'model' ? layer.state.value : { outputs: null };
    const own = outputs?.flatMap(({ shape }) => (shape === null ? [] : [shape]));
    const isKnown = own !== undefined && own.length === outputs?.length;
    layers.push({
      at: layer.site,
      layer,
      outputShapes: isKnown ? own : (use?.outputs ?? null),
      params: layer.kind === 'model' ? paramsOf(layer) : (use?.params ?? null),
    });
  }
}
