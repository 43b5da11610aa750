import { unqualifiedName } from './unqualifiedName';

/** Exported class names that differ from the name of the Python class, which determines the folder. */
const PYTHON_NAMES: ReadonlyMap<string, string> = new Map([['GroupQueryAttention', 'GroupedQueryAttention']]);

/**
 * The folder of each layer in a `.keras` file (`keras.src.saving.saving_lib`): the class name in snake case, with a
 * number from the second layer of that class on.
 */
export function objectNames(layers: readonly { readonly className: string }[]): string[] {
  const nameOf = objectNamer();
  return layers.map(({ className }) => nameOf(className));
}

/** Returns a function that names the layers of one container in order, by class. */
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
