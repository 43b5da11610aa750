import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import type { Graph } from './graph';
import { nearestName } from './nearestName';

/**
 * Refuses a path that names no layer, with the one that may be meant.
 * @throws Failure `no-such-layer`
 */
export function noSuchLayer({ nodes, models }: Pick<Graph, 'nodes' | 'models'>, path: string): never {
  const paths = [...nodes.keys(), ...models.keys()];
  const near = paths.find((one) => one.endsWith(`/${path}`)) ?? nearestName(path, paths);
  return fail('no-such-layer', l10n.t('The model has no layer "{0}".', path), {
    subject: path,
    remedy:
      near === null
        ? l10n.t('Names of inner layers are written with their model, as in vgg16/block5_conv3.')
        : l10n.t('Did you mean "{0}"?', near),
  });
}
