/**
 * A class name without package or module: `Scale` for `my_package>Scale` and `my_module.layers.Scale`. Operations
 * (`ops.Add`, `tf.math.add`) are not layer classes and keep their full name.
 */
export function unqualifiedName(className: string): string {
  return /^(ops|tf)\./.test(className) ? className : (className.split(/[>.]/).at(-1) ?? className);
}
