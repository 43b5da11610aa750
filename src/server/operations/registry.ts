import type { KindTable } from '../layers/kind';
import { keras2Operations } from './keras/keras2';
import { keras3Operations } from './keras/keras3';
import { opLayers } from './tensorflow/opLayers';
import { graphOps } from './tensorflow/ops';

/** One row per vocabulary. */
export const OPERATION_TABLES: readonly KindTable[] = [
  keras3Operations,
  keras2Operations,
  graphOps,
  opLayers,
];
