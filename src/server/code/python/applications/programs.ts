import type { Statement } from '../../syntax/ast';
import { parsePython } from '../syntax/parse';
import table from './programs.json';

/** The module of a network: `vgg16` of `VGG16`. `test/fixtures/make_python_applications.py` writes the table. */
const NETWORK_MODULES: ReadonlyMap<string, string> = new Map(Object.entries(table.networks));
/** Modules that Keras has by another name as well. */
const ALIASES: Readonly<Record<string, string>> = { resnet50: 'resnet' };
const PROGRAMS: ReadonlyMap<string, string> = new Map(Object.entries(table.programs));
const BEFORE: ReadonlyMap<string, readonly string[]> = new Map(Object.entries(table.before));

const parsed = new Map<string, readonly Statement[]>();

/** A function of `keras.applications` and the module that it is in; `null` for another path. */
export function networkAt(path: string): { readonly module: string; readonly name: string } | null {
  const [, module, name = ''] = /^keras\.applications\.(?:(\w+)\.)?(\w+)$/.exec(path) ?? [];
  const own = module !== undefined && Object.hasOwn(ALIASES, module) ? ALIASES[module] : module;
  const home = own ?? NETWORK_MODULES.get(name);
  const isKnown = home !== undefined && PROGRAMS.has(home);
  const isThere = name === 'preprocess_input' ? module !== undefined : NETWORK_MODULES.get(name) === home;
  return isKnown && isThere ? { module: home, name } : null;
}

/** The code of Keras that builds the networks of a module. */
export function programOf(module: string): readonly Statement[] {
  const known = parsed.get(module);
  if (known !== undefined) return known;
  const names = new Set(['imagenet_utils', ...(BEFORE.get(module) ?? []), module]);
  const statements = [...names].flatMap((name) => parsePython(PROGRAMS.get(name) ?? ''));
  parsed.set(module, statements);
  return statements;
}
