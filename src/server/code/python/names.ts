/** Class names whose prefixes are kept. */
const MAX_KEPT_NAMES = 1000;

const snakeCases = new Map<string, string>();

/** Keras's `to_snake_case`. */
export function snakeCase(name: string): string {
  const known = snakeCases.get(name);
  if (known !== undefined) return known;
  const made = name
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
  if (snakeCases.size < MAX_KEPT_NAMES) snakeCases.set(name, made);
  return made;
}
