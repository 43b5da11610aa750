import type { Arguments, Machine } from '../machine';
import type { CallExpression } from '../syntax/ast';
import type { FunctionValue, Layer, Model, Node, Value } from '../values';
import { refusedArgument } from './argumentChecks';
import { bind } from './binding';
import { HOLE, holding, jsonOf, serialized } from './config';
import { nameMade } from './innerLayers';
import { Remembered } from './remembered';
import { LAYERS, type Signature } from './signatures';

/** Arguments that never change a shape: functions and objects that Python makes. */
const WITHOUT_EFFECT = /(initializer|regularizer|constraint)$|^(seed|name|dtype|autocast)$/;

/** A call of a layer class. */
export function makeLayer(
  machine: Machine,
  name: string,
  signature: Signature,
  given: Arguments,
  site: CallExpression,
): Layer {
  const className = signature.class ?? name;
  const { values, config, said, refused } = remembered.get(
    signature,
    keyOf(name, given, machine.hasCustomObjects),
    () => madeOf(name, className, signature, given, machine.hasCustomObjects),
    () => true,
  );
  if (refused !== null) machine.report({ at: site, message: refused, fixes: [] });
  // How often Keras follows a call is not counted.
  if (machine.isInside) machine.loseName(className);
  const layer = newLayer(machine, {
    className,
    config,
    said,
    name: nameOf(machine, className, values.get('name')),
    site,
    functions: functionsIn(values),
    wrapped: signature.wraps ? layerIn(values.get('layer')) : null,
  });
  nameMade(machine, className);
  machine.layers.push(layer);
  return layer;
}

/** What the arguments of a layer come to. @property refused why Keras refuses them, if it does */
interface Made {
  readonly values: ReadonlyMap<string, Value>;
  readonly config: Record<string, unknown>;
  readonly said: ReadonlyMap<string, unknown>;
  readonly refused: string | null;
}

const remembered = new Remembered<Signature, Made>();

function madeOf(
  name: string,
  className: string,
  signature: Signature,
  given: Arguments,
  hasCustomObjects: boolean,
): Made {
  const { values, problem } = bind(name, signature, given);
  const config = configOf(className, values);
  const argumentValue = (argument: string): unknown =>
    Object.getOwnPropertyDescriptor(config, argument)?.value;
  const refused = problem ?? refusedArgument(className, argumentValue, hasCustomObjects);
  return { values, config, said: saidIn(values, signature, given), refused };
}

/** The same text for arguments that say the same; `null` where something else than numbers and texts is among them. */
function keyOf(
  name: string,
  { positional, named, isOpen }: Arguments,
  hasCustomObjects: boolean,
): string | null {
  if (isOpen || !positional.every(isPlain) || ![...named.values()].every(isPlain)) return null;
  const byName = [...named].map(([argument, value]) => [argument, jsonOf(value)]);
  return JSON.stringify([name, hasCustomObjects, positional.map(jsonOf), byName]);
}

function isPlain(value: Value): boolean {
  switch (value.kind) {
    case 'none':
    case 'boolean':
    case 'string':
      return true;
    case 'number':
      return Number.isFinite(value.value);
    case 'tuple':
      return value.items.every(isPlain);
    case 'list':
      return value.items.value?.every(isPlain) === true;
    default:
      return false;
  }
}

type Parts = Pick<Layer, 'className' | 'config' | 'name' | 'site' | 'functions' | 'wrapped' | 'custom'> &
  Partial<Pick<Layer, 'said'>>;

export function newLayer(_machine: Machine, parts: Parts): Layer {
  return {
    kind: 'layer',
    said: new Map(),
    ...parts,
    built: { value: null, join: (a, b) => (a === b ? a : null), lost: null },
    calls: { value: [] as readonly Node[], join: joinCalls, lost: [] },
  };
}

export const joinCalls = (a: readonly Node[], b: readonly Node[]): readonly Node[] =>
  a.length < b.length ? a : b;

/** The name that was given, else the one that Keras makes; `null` where it is not known. */
export function nameOf(machine: Machine, className: string, given: Value | undefined): string | null {
  if (machine.hasOtherNames) return null;
  if (given?.kind === 'string') return given.value;
  if (given === undefined || given.kind === 'none') return machine.autoName(className);
  return null;
}

function configOf(className: string, values: ReadonlyMap<string, Value>): Record<string, unknown> {
  const config = new Map<string, unknown>();
  for (const [name, value] of values)
    config.set(name, WITHOUT_EFFECT.test(name) ? null : argument(name, value));
  // A scale that is not known does not change the shape.
  if (className === 'Rescaling')
    for (const [name, neutral] of [
      ['scale', 1],
      ['offset', 0],
    ] as const)
      if (config.get(name) === HOLE) config.set(name, neutral);
  const padding = config.get('padding');
  // Convolutions take "SAME" as well, pooling does not.
  if (/Conv/.test(className) && typeof padding === 'string') config.set('padding', padding.toLowerCase());
  return holding(config);
}

function argument(name: string, value: Value): unknown {
  const json = jsonOf(value);
  // Keras puts a list of cells into a layer of its own.
  if (name === 'cell' && Array.isArray(json)) return serialized('StackedRNNCells', { cells: json });
  // An activation that is not known does not change the shape.
  return json === HOLE && /activation$/.test(name) ? null : json;
}

/** What `Layer.said` is. */
function saidIn(
  values: ReadonlyMap<string, Value>,
  { also = [] }: Signature,
  { named }: Arguments,
): ReadonlyMap<string, unknown> {
  // An argument by an older name takes the place of a default.
  const hasOlder = also.some((name) => named.has(name));
  const said = new Map<string, unknown>();
  for (const [name, value] of values) {
    if (WITHOUT_EFFECT.test(name) || (hasOlder && !named.has(name))) continue;
    const json = saidAs(value);
    if (json === null && /activation$/.test(name)) said.set(name, 'linear');
    else if (json !== HOLE && json !== null)
      said.set(name, name === 'padding' && typeof json === 'string' ? json.toLowerCase() : json);
  }
  return said;
}

function saidAs(value: Value): unknown {
  if (value.kind === 'layer')
    return value.custom === undefined ? serialized(value.className, Object.fromEntries(value.said)) : HOLE;
  const items = value.kind === 'tuple' ? value.items : value.kind === 'list' ? value.items.value : undefined;
  if (items === undefined || items === null) return jsonOf(value);
  const list = items.map(saidAs);
  return list.includes(HOLE) ? HOLE : list;
}

function functionsIn(values: ReadonlyMap<string, Value>): ReadonlyMap<string, FunctionValue> {
  const found = new Map<string, FunctionValue>();
  for (const [name, value] of values) if (value.kind === 'function') found.set(name, value);
  return found;
}

/** The layer or model that a value is. */
export function layerIn(value: Value | undefined): Layer | Model | null {
  if (value?.kind === 'instance') return value.base.value;
  return value?.kind === 'layer' || value?.kind === 'model' ? value : null;
}

/** The signature of a class of `keras.layers`. */
export const signatureOf = (name: string): Signature | undefined => LAYERS.get(name);
