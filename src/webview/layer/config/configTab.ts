import * as l10n from '@vscode/l10n';
import type { ModelConfig } from '../../../shared/results/modelConfig';
import { configTree } from '../../configTree';
import { el, fill } from '../../dom';
import { button } from '../../ui';
import type { LayerTab, TabPage } from '../tab';

/** The config of the layer as the file has it. Needs no input and no run. */
export function configTab(page: TabPage): LayerTab {
  const { host } = page;
  let shown: ModelConfig | null = null;
  /** Counts requests, so that outdated results are dropped. */
  let sequence = 0;
  const tree = el('div');
  const note = el(
    'p',
    { class: 'quiet', hidden: true },
    l10n.t('The config is very large: places marked with … are left out.'),
  );
  const copied = el('span', { class: 'quiet', role: 'status' });
  const copy = button({ label: l10n.t('Copy as JSON'), onPress: () => void copyJson() });
  const section = el(
    'section',
    { 'aria-label': l10n.t('Config') },
    el(
      'div',
      { class: 'heading' },
      el('h2', {}, l10n.t('Config')),
      el('div', { class: 'heading-tools' }, copied, copy.element),
    ),
    note,
    tree,
  );

  async function copyJson(): Promise<void> {
    if (shown === null) return;
    const answer = await host.call('copy', `${JSON.stringify(shown.config, null, 2)}\n`);
    if (answer.ok) copied.textContent = l10n.t('Copied.');
    else page.onError(answer.error);
  }

  async function ask(): Promise<void> {
    sequence += 1;
    const mine = sequence;
    page.onBusy(l10n.t('Reading the config'));
    page.onError(null);
    const answer = await host.call('config');
    if (mine !== sequence) return;
    page.onBusy(null);
    if (!answer.ok) return page.onError(answer.error);
    shown = answer.value;
    fill(tree, configTree(shown.config));
    note.hidden = !shown.isCut;
    copied.textContent = '';
  }

  return {
    element: el('div', {}, section),
    show: () => void ask(),
    clear() {
      sequence += 1;
      page.onBusy(null);
    },
  };
}
