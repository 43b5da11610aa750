/** The packages that contain the layers of TensorFlow.js, under one name or in parts. */
const TENSORFLOW = /^@tensorflow\/tfjs(-node|-node-gpu|-layers|-core|-react-native)?$/;

/** Modules of Node, and the parts of TensorFlow.js that make no layers. */
const HARMLESS =
  /^(node:.*|fs|path|os|url|util|assert|events|stream|http|https|zlib|crypto|child_process|@tensorflow\/tfjs-.*)$/;

/** What a module is called in the paths of references. */
export function modulePath(name: string): string {
  if (TENSORFLOW.test(name)) return 'tf';
  return HARMLESS.test(name) ? 'global.module' : 'module';
}
