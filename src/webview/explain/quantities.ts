import * as l10n from '@vscode/l10n';
import type { LayerglassError, Result } from '../../shared/errors';
import type { ChannelQuantities, DrawnQuantities } from '../../shared/results/layerQuantities';
import { el, fill } from '../dom';
import { formatNumber } from '../format';
import { signedBar } from '../signedBar';
import { statisticsTable } from '../statistics';

export interface QuantitiesHost {
  fetch(): Promise<Result<DrawnQuantities>>;
  onError(error: LayerglassError): void;
}

/**
 * What a class activation map is computed from: the output of the layer, the gradient at it and the channel weights. Computed
 * when the user opens it, and again for every explanation while it is open.
 */
export function quantitiesSection(host: QuantitiesHost): {
  readonly element: HTMLElement;
  /** Another explanation is shown; `layer` is null where the model has none to look at. */
  show(layer: string | null): void;
} {
  const summary = el('summary', {}, l10n.t('Layer output, gradient and channel weights'));
  const waiting = el('p', { class: 'quiet', role: 'status' });
  const body = el('div', { class: 'quantities-body' });
  const element = el('details', { class: 'quantities', hidden: true }, summary, waiting, body);
  /** Counts requests, so that outdated results are dropped. */
  let sequence = 0;
  let isLoaded = false;

  const load = async () => {
    sequence += 1;
    const mine = sequence;
    isLoaded = true;
    waiting.textContent = l10n.t('Computing');
    body.classList.add('outdated');
    const answer = await host.fetch();
    if (mine !== sequence) return;
    waiting.textContent = '';
    body.classList.remove('outdated');
    if (answer.ok) return fill(body, ...contentOf(answer.value));
    isLoaded = false;
    fill(body, el('p', { class: 'quiet' }, answer.error.message));
    if (answer.error.kind !== 'not-applicable' && answer.error.kind !== 'cancelled')
      host.onError(answer.error);
  };
  element.addEventListener('toggle', () => {
    if (element.open && !isLoaded) void load();
  });

  return {
    element,
    show(layer) {
      sequence += 1;
      isLoaded = false;
      element.hidden = layer === null;
      summary.textContent =
        layer === null
          ? l10n.t('Layer output, gradient and channel weights')
          : l10n.t('Layer output, gradient and channel weights at {0}', layer);
      if (layer !== null && element.open) void load();
      else fill(body);
    },
  };
}

function contentOf(found: DrawnQuantities): HTMLElement[] {
  const statistics = statisticsTable();
  statistics.show([
    { head: l10n.t('Layer output A'), stats: found.output },
    { head: l10n.t('Gradient dScore/dA'), stats: found.gradient },
  ]);
  const { strongest, channels } = found;
  const which =
    strongest.length === channels
      ? l10n.t('All channels, strongest first.')
      : l10n.t(
          'The {0} strongest of {1} channels; an export of everything has all.',
          strongest.length,
          channels,
        );
  return [
    el('div', { class: 'table-frame' }, statistics.element),
    ...(found.relation === null ? [] : [el('p', { class: 'relation' }, found.relation)]),
    el('h3', {}, l10n.t('Channel weights')),
    el(
      'p',
      { class: 'quiet' },
      `${l10n.t('Grad-CAM adds the channels of A, each times its weight: the mean of its gradient.')} ${which}`,
    ),
    el('div', { class: 'table-frame' }, channelTable(found)),
  ];
}

function channelTable({ strongest, sum, tile }: DrawnQuantities): HTMLElement {
  const largest = Math.max(
    ...strongest.map(({ part }) => Math.abs(part)).filter(Number.isFinite),
    Number.MIN_VALUE,
  );
  const heads = [...(tile === null ? [] : [l10n.t('Output'), l10n.t('Gradient')])];
  return el(
    'table',
    { class: 'channels', 'aria-label': l10n.t('Channel weights') },
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        el('th', { scope: 'col' }, l10n.t('Channel')),
        ...heads.map((head) => el('th', { scope: 'col' }, head)),
        el('th', { scope: 'col', class: 'number' }, l10n.t('Weight')),
        el('th', { scope: 'col', class: 'number mean' }, l10n.t('Mean output')),
        el('th', { scope: 'col', class: 'number' }, l10n.t('Weight x mean')),
        el('td'),
      ),
    ),
    el(
      'tbody',
      {},
      ...strongest.map((row) => channelRow(row, tile, largest)),
      el(
        'tr',
        { class: 'total' },
        el(
          'th',
          { scope: 'row', colspan: heads.length + 2 },
          l10n.t('Sum over all channels: the mean of the Grad-CAM map'),
        ),
        el('td', { class: 'mean' }),
        el('td', { class: 'number' }, formatNumber(sum)),
        el('td', { class: 'signed' }),
      ),
    ),
  );
}

function channelRow(
  { channel, weight, mean, part, outputPng, gradientPng }: ChannelQuantities,
  tile: DrawnQuantities['tile'],
  largest: number,
): HTMLElement {
  const image = (png: string | null, altOf: (channel: number) => string) =>
    tile && png !== null
      ? el(
          'td',
          { class: 'channel-image' },
          el('img', { src: `data:image/png;base64,${png}`, alt: altOf(channel), ...tile }),
        )
      : null;
  return el(
    'tr',
    {},
    el('th', { scope: 'row' }, String(channel)),
    image(outputPng, (of) => l10n.t('Output of channel {0}', of)),
    image(gradientPng, (of) => l10n.t('Gradient of channel {0}', of)),
    el('td', { class: 'number' }, formatNumber(weight)),
    el('td', { class: 'number mean' }, formatNumber(mean)),
    el('td', { class: 'number' }, formatNumber(part)),
    el('td', { class: 'signed', 'aria-hidden': 'true' }, signedBar(part / largest)),
  );
}
