import { unqualifiedName } from './unqualifiedName';

/** Classes that Keras exports under another name than they have in Python, which is the one that counts here. */
const PYTHON_NAMES: ReadonlyMap<string, string> = new Map([['GroupQueryAttention', 'GroupedQueryAttention']]);

/**
 * The folders of layers in a `.keras` file (`keras.src.saving.saving_lib`): the class name in snake case, numbered from
 * the second layer of that class on.
 */
export function objectNames(layers: readonly { readonly className: string }[]): string[] {
  const nameOf = objectNamer();
  return layers.map(({ className }) => nameOf(className));
}

/** Names the layers of one container in their order, by their classes. */
export function objectNamer(): (className: string) => string {
  const used = new Map<string, number>();
  return (className) => {
    const name = snakeCase(PYTHON_NAMES.get(className) ?? unqualifiedName(className));
    const count = used.get(name) ?? 0;
    used.set(name, count + 1);
    return count === 0 ? name : `${name}_${count}`;
  };
}

/** `keras.src.utils.naming.to_snake_case`. */
function snakeCase(className: string): string {
  return className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
