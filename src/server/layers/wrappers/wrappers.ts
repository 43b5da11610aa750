import type { FindKind, KindTable } from '../kind';
import { bidirectional } from './bidirectional';
import { spectralNormalization } from './spectralNormalization';
import { timeDistributed } from './timeDistributed';

/**
 * Layers that wrap another layer.
 * @param find finds a layer kind by class name; a parameter, since the registry also lists these kinds.
 */
export const wrapperLayers = (find: FindKind): KindTable => ({
  Bidirectional: bidirectional,
  SpectralNormalization: spectralNormalization(find),
  TimeDistributed: timeDistributed(find),
});
