import { bidirectional } from './bidirectional';
import type { KindTable, LayerKind } from './kind';
import { timeDistributed } from './timeDistributed';

/**
 * Layers that hold another layer.
 * @param find any layer kind by class name; handed in, since the registry that knows them all lists these too.
 */
export const wrappers = (find: (className: string) => LayerKind | undefined): KindTable => ({
  Bidirectional: bidirectional,
  TimeDistributed: timeDistributed(find),
});
