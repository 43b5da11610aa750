import { basename } from 'node:path';
import type { WeightsOnly } from '../../shared/model';
import type { ModelFile, WeightStore } from './modelFile';
import { hasLayers, type Topology } from './topology';

/** A file of weights without a description of their layers. */
export const weightsOnlyFile = (path: string, weights: WeightStore, close: () => void): ModelFile => ({
  path,
  format: 'weights',
  kerasVersion: null,
  topology: null,
  weightsOnly: {
    why: `${basename(path)} contains only weights: it does not describe the layers of the model.`,
    remedy:
      "Put the model beside it (model.save('model.keras') or model.to_json() as model.json), or save the whole model with model.save('model.keras').",
  },
  weights,
  close,
});

/** For a subclassed model, whose layers no file describes; nothing for others. */
export const subclassedNotice = (topology: Topology, path: string): { readonly weightsOnly?: WeightsOnly } =>
  hasLayers(topology)
    ? {}
    : {
        weightsOnly: {
          why: `${basename(path)} contains a subclassed model (${topology.class_name}): its structure is Python code, which a file cannot contain.`,
          remedy: 'Rebuild it as a Functional or Sequential model and save that.',
        },
      };
