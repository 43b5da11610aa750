import type { Arguments, Machine } from '../machine';
import type { CallExpression } from '../syntax/ast';
import type { Value } from '../values';

/** Functions and methods that load or save a model, or its weights. */
const CALLS = new Set(['load_model', 'save', 'save_model', 'load_weights', 'save_weights']);

/** Notes a call that loads or saves a model, or looks up a layer by its name. */
export function noteFile(machine: Machine, callee: Value, given: Arguments, site: CallExpression): void {
  const name = nameOf(callee, site);
  if (name === 'get_layer') noteLookup(machine, callee, site);
  if (!CALLS.has(name) || !isOfKeras(callee, name)) return;
  const isFunction = name === 'save_model';
  const [first, second] = given.positional;
  const file = (isFunction ? second : first) ?? given.named.get('filepath');
  if (file?.kind !== 'string') return;
  const owner = isFunction ? (first ?? given.named.get('model')) : ownerOf(callee);
  machine.files.push({ site, file: file.value, model: owner?.kind === 'model' ? owner : null });
}

function nameOf(callee: Value, { callee: written }: CallExpression): string {
  if (callee.kind === 'method') return callee.name;
  if (callee.kind === 'reference') return callee.path.split('.').at(-1) ?? '';
  return written.kind === 'attribute' ? written.name : '';
}

/** A method of a model, of what may be one, or a function of Keras. */
function isOfKeras(callee: Value, name: string): boolean {
  if (callee.kind === 'reference') return /^keras\.(models\.|saving\.|)(load|save)_model$/.test(callee.path);
  return name !== 'load_model' && name !== 'save_model' && ['method', 'unknown'].includes(callee.kind);
}

const ownerOf = (callee: Value): Value | undefined => (callee.kind === 'method' ? callee.object : undefined);

function noteLookup(machine: Machine, callee: Value, { arguments: written }: CallExpression): void {
  const named = written.find(({ name }) => name === 'name') ?? written.find(({ name }) => name === null);
  if (named?.value.kind !== 'string') return;
  const at = { from: named.value.from, to: named.value.to };
  const owner = ownerOf(callee);
  if (owner?.kind === 'model') machine.lookups.push({ at, of: owner });
  else if (callee.kind === 'unknown' && callee.file !== undefined)
    machine.lookups.push({ at, of: callee.file });
}
