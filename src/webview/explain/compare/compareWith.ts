import * as l10n from '@vscode/l10n';
import type { Explanation } from '../../../shared/explanation';
import { GROUP_LABELS, METHOD_IDS, METHODS, type MethodId } from '../../../shared/methods';
import type { ExplainChange, ExplainContext } from '../../../shared/view';
import { formatNumber } from '../../format';
import { field, select } from '../../ui';
import { methodLayers } from '../methodLayers';

const NOTHING = '';
const AT_LAYER = 'at ';

/** The method or the layer whose map is shown beside the first one, with the difference. */
export function compareWith(onChange: (change: Pick<ExplainChange, 'compareWith'>) => void): {
  readonly element: HTMLElement;
  show(context: ExplainContext): void;
} {
  const box = select<string>([], (value) => {
    if (value === NOTHING) return onChange({ compareWith: null });
    const compareWith = value.startsWith(AT_LAYER)
      ? { layer: value.slice(AT_LAYER.length) }
      : { method: value as MethodId };
    onChange({ compareWith });
  });
  return {
    element: field(l10n.t('Compare with'), box.element),
    show(context) {
      const { choice } = context;
      const { layers } = methodLayers(context);
      const paths = METHODS[choice.method].scope === 'layer' ? layers.map(({ path }) => path) : [];
      box.setOptions([
        { value: NOTHING, label: l10n.t('nothing') },
        ...paths.map((path) => ({ value: `${AT_LAYER}${path}`, label: path, group: l10n.t('The same at') })),
        ...METHOD_IDS.filter((id) => id !== choice.method).map((id) => ({
          value: id,
          label: METHODS[id].label,
          group: GROUP_LABELS[METHODS[id].group],
        })),
      ]);
      const { method, layer } = choice.compareWith ?? {};
      box.setValue(layer === undefined ? (method ?? NOTHING) : `${AT_LAYER}${layer}`);
    },
  };
}

/** "Saliency" or "Grad-CAM at block4_conv3": whichever tells the two maps apart. */
export function mapName(explanation: Explanation, other: Explanation): string {
  const { label, scope } = METHODS[explanation.method];
  return scope === 'layer' && explanation.method === other.method
    ? l10n.t('{0} at {1}', label, explanation.layer)
    : label;
}

/** How far the maps rank the positions of the input alike, in words. */
export function agreementText(rankCorrelation: number): string {
  if (Number.isNaN(rankCorrelation))
    return l10n.t('One of the maps is the same everywhere, so they cannot be compared.');
  const r = formatNumber(Number(rankCorrelation.toFixed(2)));
  const size = Math.abs(rankCorrelation);
  const ranks =
    rankCorrelation < -0.3
      ? l10n.t('They rank the positions in the opposite order: rank correlation {0}.', r)
      : size > 0.8
        ? l10n.t('They rank the positions much alike: rank correlation {0}.', r)
        : size > 0.3
          ? l10n.t('They rank the positions partly alike: rank correlation {0}.', r)
          : l10n.t('They rank the positions differently: rank correlation {0}.', r);
  return `${ranks} ${l10n.t('The difference is of shares of each map’s largest value.')}`;
}
