import type { Shape } from '../../../shared/model';
import { HOLE, jsonOf } from '../keras/config';

import { nameOf, newLayer } from '../keras/layer';
import { makeFunctional, makeSequential } from '../keras/models';
import { shapeValue, sizesOf, withoutGraph } from '../keras/structure';
import type { Arguments, Machine } from '../machine';
import type { CallExpression } from '../syntax/ast';
import {
  type ClassValue,
  type Custom,
  type Instance,
  itemsOf,
  joinValues,
  type Layer,
  type Model,
  NONE,
  OPAQUE,
  UNKNOWN,
  type Value,
} from '../values';
import { lineage, methodOf } from './members';

/** What a class derives from: a layer or model of Keras, another class of it, nothing, or something that is not followed. */
type Root = 'layer' | 'model' | 'sequential' | 'object' | 'nothing' | 'unknown';

const ROOTS: Readonly<Record<string, Root>> = {
  'keras.layers.Layer': 'layer',
  'keras.Layer': 'layer',
  'keras.Model': 'model',
  'keras.models.Model': 'model',
  'keras.Sequential': 'sequential',
  'keras.models.Sequential': 'sequential',
  'builtins.object': 'nothing',
};

/** Classes of Keras whose objects have no layers. */
const OBJECTS =
  /^keras\.(?:regularizers|initializers|constraints|callbacks|losses|metrics|optimizers(?:\.schedules)?)\.[A-Z]\w*$/;

const rootAt = (path: string): Root => (OBJECTS.test(path) ? 'object' : (ROOTS[path] ?? 'unknown'));

export function rootOf(start: ClassValue): Root {
  const roots = lineage(start)
    .flatMap(({ bases }) => bases)
    .filter((base) => base.kind !== 'class')
    .map((base): Root => (base.kind === 'reference' ? rootAt(base.path) : 'unknown'));
  const [first = 'nothing'] = roots;
  return roots.every((root) => root === first) ? first : 'unknown';
}

/** A call of a class of the program; `null` where it is not followed. */
export function construct(
  machine: Machine,
  of: ClassValue,
  given: Arguments,
  site: CallExpression,
): Instance | null {
  const root = rootOf(of);
  if (root === 'unknown') return null;
  const instance: Instance = {
    kind: 'instance',
    class: of,
    site,
    attributes: { value: new Map(), join: joinAttributes, lost: null },
    weights: { value: [], join: (a, b) => (a === b ? a : null), lost: null },
    base: { value: null, join: (a, b) => (a === b ? a : null), lost: null },
  };
  const init = methodOf(instance, '__init__');
  const isGiven = given.positional.length > 0 || given.named.size > 0 || given.isOpen;
  if (init !== null) machine.hooks.apply(init, given, site);
  else if (root === 'nothing' && isGiven) return null;
  else initialize(machine, instance, given);
  const isPlain = root === 'nothing' || root === 'object';
  return isPlain || instance.base.value !== null ? instance : null;
}

function joinAttributes(
  a: ReadonlyMap<string, Value> | null,
  b: ReadonlyMap<string, Value> | null,
): ReadonlyMap<string, Value> | null {
  if (a === null || b === null) return null;
  const names = new Set([...a.keys(), ...b.keys()]);
  return new Map([...names].map((name) => [name, joinValues(a.get(name) ?? OPAQUE, b.get(name) ?? OPAQUE)]));
}

/** Keras's `__init__` of a layer or model. */
export function initialize(machine: Machine, instance: Instance, given: Arguments): void {
  const root = rootOf(instance.class);
  if (root === 'object' || root === 'nothing' || root === 'unknown' || instance.base.value !== null) return;
  machine.set(instance.base, baseOf(machine, instance, root, given));
}

function baseOf(machine: Machine, instance: Instance, root: Root, given: Arguments): Layer | Model | null {
  const { site } = instance;
  const before = machine.layers.length;
  const isModel = root === 'sequential' || (root === 'model' && isFunctionalCall(given));
  if (!isModel) {
    const { name: className } = instance.class;
    const layer = newLayer(machine, {
      className,
      config: {},
      name: given.isOpen ? null : nameOf(machine, className, given.named.get('name')),
      site,
      functions: new Map(),
      wrapped: null,
      custom: customOf(machine, instance),
    });
    machine.layers.push(layer);
    return layer;
  }
  const made =
    root === 'sequential'
      ? makeSequential(machine, given, site, instance)
      : makeFunctional(machine, given, site, instance);
  if (made.kind === 'model') return made;
  machine.layers.length = before;
  return null;
}

const isFunctionalCall = ({ positional, named }: Arguments): boolean =>
  positional.length >= 2 || (named.has('outputs') && (named.has('inputs') || positional.length === 1));

function customOf(machine: Machine, instance: Instance): Custom {
  return {
    instance,
    build: (shape) => built(machine, instance, only(shape)),
    call: (given) => {
      const detached = withoutGraph(given);
      built(machine, instance, only(shapeValue(firstOf(detached))));
      return machine.inside(() => callOf(machine, instance, detached));
    },
    children: () => layersIn(instance),
  };
}

function callOf(machine: Machine, instance: Instance, given: Arguments): Value {
  const call = methodOf(instance, 'call');
  if (call === null) return UNKNOWN;
  const result = machine.hooks.apply(call, given, instance.site);
  const stated = methodOf(instance, 'compute_output_shape');
  if (stated === null) return result;
  // Keras believes what the class says of its shape.
  const shape = machine.hooks.apply(stated, only(shapeValue(firstOf(given))), instance.site);
  return result.kind === 'tensor' && jsonOf(shape) !== HOLE && sameSizes(sizesOf(shape), result.shape)
    ? result
    : UNKNOWN;
}

const sameSizes = (a: Shape | null, b: Shape | null): boolean =>
  a !== null && a.length === b?.length && a.every((size, i) => size === b[i]);

const only = (value: Value): Arguments => ({ positional: [value], named: new Map(), isOpen: false });

const firstOf = ({ positional: [first], named }: Arguments): Value => first ?? [...named.values()][0] ?? NONE;

/** Runs the `build` of a class once. @param given the shape of the first argument of `call`. */
function built(machine: Machine, instance: Instance, given: Arguments): void {
  const layer = instance.base.value;
  if (layer?.kind !== 'layer' || layer.built.value !== null) return;
  machine.set(layer.built, { weights: null, count: 0 });
  const method = methodOf(instance, 'build');
  if (method === null) return;
  const needed = method.callee.parameters.filter(
    ({ spread, fallback }) => spread === '' && fallback === null,
  );
  if (needed.length === 2) machine.hooks.apply(method, given, instance.site);
  else machine.set(instance.weights, null);
}

/** What Keras finds in the attributes of a layer: layers, and those in lists and dicts. */
function layersIn(instance: Instance): readonly (Layer | Model)[] | null {
  const { value: attributes } = instance.attributes;
  if (attributes === null) return null;
  const found = new Set<Layer | Model>();
  let isKnown = true;
  const walk = (value: Value): void => {
    switch (value.kind) {
      case 'layer':
      case 'model':
        found.add(value);
        break;
      case 'instance':
        if (value.base.value !== null) found.add(value.base.value);
        break;
      case 'list':
      case 'tuple':
        if (itemsOf(value) === null) isKnown = false;
        for (const item of itemsOf(value) ?? []) walk(item);
        break;
      case 'dict':
        if (value.entries.value === null) isKnown = false;
        for (const entry of value.entries.value?.values() ?? []) walk(entry.value);
        break;
      case 'unknown':
        isKnown = false;
    }
  };
  for (const value of attributes.values()) walk(value);
  return isKnown ? [...found] : null;
}

/** `self.add_weight(shape=...)`: the weight as a tensor. */
export function addWeight(machine: Machine, instance: Instance, given: Arguments): Value {
  const stated = given.named.get('shape') ?? given.positional[0];
  const sizes = stated === undefined || stated.kind === 'none' ? [] : sizesOf(stated);
  const shape = sizes?.flatMap((size) => size ?? []) ?? null;
  const known = instance.weights.value;
  const isKnown = !given.isOpen && shape !== null && shape.length === sizes?.length;
  machine.set(instance.weights, known === null || !isKnown ? null : [...known, shape]);
  if (!isKnown) return UNKNOWN;
  return { kind: 'tensor', shape, origin: null, output: 0, isEager: true };
}
