import type { Shape } from '../../../shared/model';
import type { Arguments, Machine } from '../machine';
import type { CallExpression } from '../syntax/ast';
import { type Layer, NONE, type Value } from '../values';
import { shapeValue, sizesOf, tensorsIn, withoutGraph } from './structure';

/**
 * The shapes that `Lambda(function, output_shape)` gives: those that it states, else those that its function gives; `null` where
 * they are not known.
 */
export function lambdaShapes(
  machine: Machine,
  { config, functions }: Layer,
  given: Arguments,
  site: CallExpression,
): readonly Shape[] | null {
  const argument = (name: string): unknown => Object.getOwnPropertyDescriptor(config, name)?.value;
  const [first = NONE] = given.positional;
  const call = (name: string, values: readonly Value[]): Value | null => {
    const callee = functions.get(name);
    if (callee === undefined) return null;
    const inner = { positional: values, named: new Map<string, Value>(), isOpen: false };
    return machine.inside(() => machine.hooks.apply(callee, inner, site));
  };
  const stated = argument('output_shape');
  const [batch] = tensorsIn(first)?.[0]?.shape ?? [];
  if (Array.isArray(stated)) return batch !== undefined && stated.every(isSize) ? [[batch, ...stated]] : null;
  if (functions.has('output_shape')) {
    const shape = call('output_shape', [shapeValue(first)]);
    const sizes = shape === null ? null : sizesOf(shape);
    return sizes === null ? null : [sizes];
  }
  const more = argument('arguments');
  const isPlain = more === null || (typeof more === 'object' && Object.keys(more).length === 0);
  if (stated !== null || !isPlain) return null;
  const [inputs = NONE] = withoutGraph(given).positional;
  const results = tensorsIn(call('function', [inputs]) ?? NONE);
  const shapes = results?.flatMap(({ shape }) => (shape === null ? [] : [shape]));
  return shapes !== undefined && shapes.length > 0 && shapes.length === results?.length ? shapes : null;
}

const isSize = (size: unknown): size is number | null =>
  size === null || (typeof size === 'number' && Number.isSafeInteger(size));
