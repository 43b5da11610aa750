/**
 * The name that a class has in its own Python module: `Scale` of `my_package>Scale` and `my_module.layers.Scale`.
 * Operations (`ops.Add`, `tf.math.add`) are no classes of layers and keep their whole name.
 */
export function unqualifiedName(className: string): string {
  return /^(ops|tf)\./.test(className) ? className : (className.split(/[>.]/).at(-1) ?? className);
}
