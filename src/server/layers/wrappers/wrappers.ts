import type { FindKind, KindTable } from '../kind';
import { bidirectional } from './bidirectional';
import { spectralNormalization } from './spectralNormalization';
import { timeDistributed } from './timeDistributed';

/**
 * Layers that hold another layer.
 * @param find any layer kind by class name; handed in, since the registry that knows them all lists these too.
 */
export const wrapperLayers = (find: FindKind): KindTable => ({
  Bidirectional: bidirectional,
  SpectralNormalization: spectralNormalization(find),
  TimeDistributed: timeDistributed(find),
});
