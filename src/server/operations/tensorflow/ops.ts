import { OP_PREFIX } from '../../graph/tensorflow/opAttributes';
import { inputLayer } from '../../layers/core/input';
import type { KindTable } from '../../layers/kind';
import { activationOps } from './activationOps';
import { elementwiseOps } from './elementwiseOps';
import { imageOps } from './imageOps';
import type { OpKind, OpTable } from './opKind';
import { productOps } from './productOps';
import { reductionOps } from './reductionOps';
import { selectionOps } from './selectionOps';
import { shapeOps } from './shapeOps';

const TABLES: readonly OpTable[] = [
  elementwiseOps,
  activationOps,
  reductionOps,
  shapeOps,
  imageOps,
  productOps,
  selectionOps,
];

/** A Map, so that an operation called `constructor` finds nothing. `Placeholder` is Keras's input layer. */
const OPS: ReadonlyMap<string, OpKind> = new Map([
  ...TABLES.flatMap((table) => Object.entries(table)),
  ['Placeholder', inputLayer],
]);

/** The kind of an operation of a TensorFlow graph by its name there, `undefined` for one that is not computed. */
export const findOp = (op: string): OpKind | undefined => OPS.get(op);

/** All of them as layer kinds, by the class names of nodes. */
export const graphOps: KindTable = Object.fromEntries(
  TABLES.flatMap((table) => Object.entries(table)).map(([op, kind]) => [OP_PREFIX + op, kind]),
);
