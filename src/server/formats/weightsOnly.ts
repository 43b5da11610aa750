import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
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
    why: l10n.t('{0} contains only weights: it does not describe the layers of the model.', basename(path)),
    remedy: l10n.t(
      "Put the model beside it (model.save('model.keras') or model.to_json() as model.json), or save the whole model with model.save('model.keras').",
    ),
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
          why: l10n.t(
            '{0} contains a subclassed model ({1}): its structure is Python code, which a file cannot contain.',
            basename(path),
            topology.class_name,
          ),
          remedy: l10n.t('Rebuild it as a Functional or Sequential model and save that.'),
        },
      };
