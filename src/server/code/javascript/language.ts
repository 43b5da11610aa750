import type { Arguments, Language, Machine } from '../machine';
import type { CallExpression } from '../syntax/ast';
import { itemsOf, type Method, string, UNDEFINED, UNKNOWN, type Value } from '../values';
import { attributeOf, callGlobal, globalNamed, indexed } from './globals';
import { callArrayMethod, callNumberMethod, callObjectMethod, callTextMethod } from './methods';
import { binary, compare, textOf, truth, unary } from './operators';
import { parserOf } from './syntax/parse';
import { adjusted } from './tfjs/adjusted';
import { noteFile } from './tfjs/files';
import { attributeOfLayer, callLayerMember, callTensorflow } from './tfjs/library';
import { NAME_PREFIXES } from './tfjs/table';

/** Of classes that no function of `tf.layers` makes: what their names start with. */
const PREFIXES: Readonly<Record<string, string>> = {
  InputLayer: 'input',
  Sequential: 'sequential_',
  Model: 'model',
};

/** The packages of TensorFlow.js, or its global name before what makes, loads or saves models. */
const LIBRARY = /@tensorflow\/tfjs|\btf\s*\.\s*(?:layers|sequential|model|input|load(?:Layers|Graph)Model)\b/;

/** JavaScript or TypeScript, with TensorFlow.js. @param dialects of `@lezer/javascript` */
const languageOf = (...dialects: string[]): Language => ({
  isBlockScoped: true,
  modelClass: 'Model',
  mentions: (text) => LIBRARY.test(text),
  parse: parserOf(dialects),
  global: (name) => globalNamed(name),
  canonicalPath: (path) => path,
  truth,
  itemsIn: (value) => (value.kind === 'string' ? [...value.value].map(string) : itemsOf(value)),
  textIn: (value) => textOf(value),
  binary: (_, operator, left, right) => binary(operator, left, right),
  unary: (_, operator, operand) => unary(operator, operand),
  compare: (_, operator, left, right) => compare(operator, left, right),
  indexed: (_, object, index) => indexed(object, index),
  attribute: attributeOf,
  layerAttribute: attributeOfLayer,
  call: callPath,
  callMethod,
  note: noteFile,
  adjusted,
  startName: ({ name }) => (name === null ? UNKNOWN : string(`${name}_input`)),
  namePrefix: (className) => NAME_PREFIXES.get(className) ?? PREFIXES[className] ?? className,
  autoName: (className, count) =>
    `${NAME_PREFIXES.get(className) ?? PREFIXES[className] ?? className}${count + 1}`,
});

/** JSX makes the casts `<Type>value` of TypeScript impossible. */
export const JAVASCRIPT = languageOf('ts', 'jsx');
export const TYPESCRIPT = languageOf('ts');

function callPath(machine: Machine, path: string, given: Arguments, site: CallExpression): Value | null {
  if (path.startsWith('tf.')) return callTensorflow(machine, path.slice('tf.'.length), given, site);
  return path.startsWith('global.') ? callGlobal(machine, path.slice('global.'.length), given, site) : null;
}

function callMethod(
  machine: Machine,
  { object, name }: Method,
  given: Arguments,
  site: CallExpression,
): Value | null {
  switch (object.kind) {
    case 'list':
    case 'tuple':
      return callArrayMethod(machine, object, name, given, site);
    case 'string':
      return callTextMethod(object.value, name, given);
    case 'number':
      return callNumberMethod(object.value, name, given);
    case 'dict':
      return callObjectMethod(machine, object, name, given);
    case 'layer':
    case 'model':
      return callLayerMember(machine, object, name, given, site);
    case 'tensor':
      return UNKNOWN;
    case 'super':
      // The constructor of a class that writes none.
      return name === '__init__' ? UNDEFINED : null;
    default:
      return null;
  }
}
