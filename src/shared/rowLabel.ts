import type { LayerRow } from './model';

/** A row's name relative to the model or scope that contains it: `block5_conv3`, `embed@2`, `Conv1/Relu`. */
export const rowLabel = ({ path, parent }: Pick<LayerRow, 'path' | 'parent'>): string =>
  parent !== null && path.startsWith(`${parent}/`) ? path.slice(parent.length + 1) : path;

/** Whether a row is an operation of a TensorFlow graph; its notice says why it is not computed. */
export const isOperation = ({ className }: Pick<LayerRow, 'className'>): boolean =>
  className.startsWith('tf.');
